"""Calls by the hundred: each sends a 20 ms frame every 20 ms and measures when it comes back.

`python -m benchmarks.load SECONDS < urls.json`: prints a line when all calls are connected and warm, then one JSON object of
percentiles of the latencies (ms), frames sent and received, and how long a call took to be set up (from the request to the
server's first frame). The frames' first eight bytes are the time they were sent.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from base64 import b64decode, b64encode

import picows
import uvloop

FRAME_MS = 20
# Only the first nine bytes of a frame's sound differ; base64 of the rest is the same each time.
STAMP_BYTES = 9
REST = b64encode(bytes(640 - STAMP_BYTES)) + b'"}'
SLOTS = 20
WARM_SECONDS = 1.0
SETUPS_AT_ONCE = 8
FIRST_FRAME_SECONDS = 30.0
MEASURING = "measuring"
MARK = b'"audio_base_64":'


class Call(picows.WSListener):
    def __init__(self) -> None:
        self.transport: picows.WSTransport | None = None
        self.latencies: list[float] = []
        self.sent = 0
        self.received = 0
        self.lost = False
        self.greeted = asyncio.Event()

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self.transport = transport

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        self.lost = True

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        now = time.monotonic_ns()
        payload = frame.get_payload_as_bytes()
        at = payload.find(MARK)
        if at < 0:
            self.greeted.set()
            return
        start = payload.index(b'"', at + len(MARK)) + 1
        (sent,) = struct.unpack_from("<q", b64decode(payload[start : start + 12]))
        if sent:
            self.received += 1
            self.latencies.append((now - sent) / 1e6)

    def speak(self) -> None:
        if self.transport is None or self.lost:
            return
        stamp = b64encode(struct.pack("<qx", time.monotonic_ns()))
        self.transport.send(picows.WSMsgType.TEXT, b'{"user_audio_chunk":"' + stamp + REST)
        self.sent += 1


async def rest(seconds: float) -> None:
    """Sleep deaf, then look at every socket at once.

    The callers stand for other machines. A process that waits in `epoll` is woken by whoever sends to it, and on one machine
    that is the server under test: a tenth of its time would go there. Up to a millisecond of the latency is this.
    """
    if seconds > 0:
        time.sleep(seconds)  # noqa: ASYNC251  # on purpose: nothing may wake it
    await asyncio.sleep(0)


async def set_up(url: str, *, greeted: bool, turn: asyncio.Semaphore) -> tuple[Call, float]:
    """A connected call and the seconds it took. `greeted`: the server speaks first."""
    async with turn:
        began = time.monotonic()
        _transport, call = await picows.ws_connect(Call, url, websocket_handshake_timeout=FIRST_FRAME_SECONDS)
        if greeted:
            async with asyncio.timeout(FIRST_FRAME_SECONDS):
                await call.greeted.wait()
        return call, time.monotonic() - began


async def run(urls: list[str], seconds: float) -> dict[str, float]:
    turn = asyncio.Semaphore(SETUPS_AT_ONCE)
    began = time.monotonic()
    # Contenders that are no more than an echo have nothing to say first.
    ready = await asyncio.gather(*[set_up(url, greeted="token=" in url, turn=turn) for url in urls])
    setup_seconds = time.monotonic() - began
    calls = [call for call, _took in ready]
    setups = sorted(took for _call, took in ready)
    loop = asyncio.get_running_loop()
    started = loop.time()
    tick = 0
    measured = False
    while loop.time() - started < WARM_SECONDS + seconds:
        if not measured and loop.time() - started > WARM_SECONDS:
            measured = True
            print(MEASURING, flush=True)
            for call in calls:
                call.latencies.clear()
                call.sent = call.received = 0
        for call in calls[tick % SLOTS :: SLOTS]:
            call.speak()
        tick += 1
        await rest(started + tick * FRAME_MS / SLOTS / 1000 - loop.time())
    until = loop.time() + 0.3
    while loop.time() < until:
        await rest(FRAME_MS / SLOTS / 1000)
    latencies = sorted(value for call in calls for value in call.latencies)
    sent, received = sum(call.sent for call in calls), sum(call.received for call in calls)
    lost_calls = sum(call.lost for call in calls)
    for call in calls:
        if call.transport is not None:
            call.transport.send_close(picows.WSCloseCode.OK)
    await asyncio.sleep(0.5)

    def percentile(share: float) -> float:
        return latencies[min(len(latencies) - 1, int(len(latencies) * share))] if latencies else float("inf")

    return {
        "calls": len(calls),
        "p50": percentile(0.5),
        "p95": percentile(0.95),
        "sent": sent,
        "received": received,
        "lost_calls": lost_calls,
        "setups_per_second": len(calls) / setup_seconds,
        "setup_p50": setups[len(setups) // 2] * 1000,
    }


if __name__ == "__main__":
    uvloop.install()
    print(json.dumps(asyncio.run(run(json.load(sys.stdin), float(sys.argv[1])))))
