"""A telephone call of the Vapi stand-in: it rings, somebody speaks by script, and who listens in hears a tone a side."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.standins.agent import LINES
from tests.standins.vapi_record import RATE, Kept

if TYPE_CHECKING:
    from tests.standins.vapi import Vapi

PHONE_NUMBER_ID = "pn_demo"
FRAME_SECONDS = 0.02


async def ring(vendor: Vapi, kept: Kept) -> None:
    kept.status = "ringing"
    await vendor.tell(kept, {"type": "status-update", "status": "ringing"})
    await asyncio.sleep(vendor.ring_seconds)
    if kept.ended is not None:
        return
    if vendor.phone_answers != "in-progress":
        vendor.end(kept, vendor.phone_answers)
        return
    kept.begin()
    await vendor.tell(kept, {"type": "status-update", "status": "in-progress"})
    await say(vendor, kept, "bot", kept.assistant.get("firstMessage") or "Hello?", seconds=0.5)
    kept.sounds.append((1, 0.0, RATE, tone(1.0, 250)))
    for number, text in enumerate(vendor.phone_script):
        await asyncio.sleep(vendor.phone_pause_seconds)
        if kept.ended is not None:
            return
        await say(vendor, kept, "user", text)
        kept.sounds.append((0, kept.seconds, RATE, tone(1.0, 250)))
        await say(vendor, kept, "bot", LINES["en"][number % len(LINES["en"])])
    if vendor.phone_hangs_up:
        vendor.end(kept, "customer-ended-call")


async def say(vendor: Vapi, kept: Kept, role: str, text: str, *, seconds: float = 0.05) -> None:
    """One utterance, and what the server is told of it."""
    names = {"bot": "assistant"}
    told: dict[str, Any] = {"role": names.get(role, role), "turn": len(kept.messages)}
    await vendor.tell(kept, {"type": "speech-update", "status": "started", **told})
    kept.say(role, text, seconds=seconds)
    final = {"role": told["role"], "transcriptType": "final", "transcript": text}
    await vendor.tell(kept, {"type": "transcript", **final})
    await vendor.tell(kept, {"type": "speech-update", "status": "stopped", **told})
    artifact = kept.artifact("")
    history = {"messages": kept.messages, "messagesOpenAIFormatted": artifact["messagesOpenAIFormatted"]}
    await vendor.tell(kept, {"type": "conversation-update", **history})


async def overhear(vendor: Vapi, socket: WebSocket) -> None:
    """The listening socket, where the call's plan allows one and the caller may."""
    kept = vendor.calls.get(socket.path_params["call_id"])
    plan = (kept.assistant.get("monitorPlan") or {}) if kept is not None else {}
    given = socket.headers.get("authorization", "").removeprefix("Bearer ")
    locked = plan.get("listenAuthenticationEnabled") and given != vendor.public_key
    if kept is None or kept.ended is not None or not plan.get("listenEnabled", True) or locked:
        await socket.close(1008, "not to be heard")
        return
    await socket.accept()
    stereo = (vendor.listen_start or {}).get("channels") == 2
    sides = [tone(FRAME_SECONDS, 250), tone(FRAME_SECONDS, 500)]
    pair = np.stack([np.frombuffer(side, "<i2") for side in sides], axis=1).tobytes()
    with suppress(WebSocketDisconnect, RuntimeError):
        if vendor.listen_start is not None:
            await socket.send_text(json.dumps(vendor.listen_start))
        started = time.monotonic()
        for number in range(100_000):
            if kept.ended is not None:
                break
            await socket.send_bytes(pair if stereo else sides[0])
            await asyncio.sleep(max(0.0, started + number * FRAME_SECONDS - time.monotonic()))
        await socket.close(1000, "")


def tone(seconds: float, hertz: int) -> bytes:
    """16-bit PCM."""
    at = np.arange(int(RATE * seconds)) / RATE
    return (np.sin(2 * np.pi * hertz * at) * 8000).astype("<i2").tobytes()
