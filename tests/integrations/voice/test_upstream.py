"""The socket towards a vendor, where the vendor is no good listener."""

from __future__ import annotations

import asyncio
import base64
import hashlib

from integrations.voice.upstream import MOST_WAITING_BYTES, connect

ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
FRAME = b"x" * 65_536
FRAMES = 400


async def test_audio_for_a_vendor_that_does_not_read_is_dropped_and_flows_again_once_it_does() -> None:
    reading, caught_up = asyncio.Event(), asyncio.Event()

    async def vendor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        key = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")).split()[1]
        accept = base64.b64encode(hashlib.sha1(key + ACCEPT).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        await reading.wait()
        left = (FRAMES - line.dropped) * len(FRAME)
        while left > 0:
            left -= len(await reader.read(1 << 20))
        caught_up.set()

    server = await asyncio.start_server(vendor, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    nothing = lambda _told: None  # noqa: E731
    line = await connect(
        f"ws://127.0.0.1:{port}/", provider="elevenlabs", on_text=nothing, on_binary=nothing, on_closed=nothing
    )
    assert line._transport is not None
    waits = line._transport.underlying_transport.get_write_buffer_size
    for _number in range(FRAMES):
        line.send_audio(FRAME)
        assert waits() < MOST_WAITING_BYTES + 2 * len(FRAME)
    assert 0 < line.dropped < FRAMES
    dropped = line.dropped
    reading.set()
    async with asyncio.timeout(60):
        await caught_up.wait()
    line.send_audio(FRAME)
    assert line.dropped == dropped
    line.close()
    server.close()
