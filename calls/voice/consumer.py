"""The voice socket. It owns its receive loop: at fifty audio frames a second, Channels' dispatch costs more than the work.

Per frame there is no database, no channel layer, no JSON parsing and no logging.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from channels.consumer import AsyncConsumer

from calls.errors import CallAlreadyEnded
from calls.voice import frames
from calls.voice.admission import NotAdmitted, admit
from calls.voice.frames import BadFrame
from calls.voice.holder import HeldCall, Line, take
from integrations.errors import ProviderError
from tenants.sockets import close_unopened

logger = structlog.get_logger(__name__)
SUBPROTOCOL = "convai"
MOST_BAD_FRAMES = 10
# What a browser's goodbye looks like; everything else is a line that was lost.
HUNG_UP = 1000


class VoiceConsumer(AsyncConsumer):
    """`/ws/voice/<call_id>/?token=…`: admit, accept, pump."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()  # websocket.connect
        call_id: UUID = scope["url_route"]["kwargs"]["call_id"]
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        subprotocol = SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", []) else None
        organization = scope["organization"]
        try:
            admitted = await admit(organization.schema_name, organization, call_id, token)
        except (NotAdmitted, CallAlreadyEnded) as refused:
            reason = refused.reason if isinstance(refused, NotAdmitted) else "call_ended"
            logger.info("voice socket refused", call_id=str(call_id), reason=reason)
            if reason != "call_ended":
                await close_unopened(send)
                return
            await send({"type": "websocket.accept", "subprotocol": subprotocol})
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
            return
        await send({"type": "websocket.accept", "subprotocol": subprotocol})

        async def send_text(frame: str) -> None:
            await send({"type": "websocket.send", "text": frame})

        async def close(code: int, reason: str) -> None:
            await send({"type": "websocket.close", "code": code, "reason": reason})

        line = Line(send_text, close)
        try:
            held, is_new = await take(admitted)
        except ProviderError as error:
            logger.warning("no voice", call_id=str(call_id), error_type=type(error).__name__)
            await send_text(frames.error(1011, "http_exception", "The voice service did not answer."))
            await line.close(1011, "provider_unavailable")
            return
        session = held.session
        await send_text(
            frames.metadata(session.conversation_id, input_rate=session.input_rate, output_rate=session.output_rate)
        )
        await held.attach(line)
        if is_new:
            held.start()
        logger.info("voice socket open", call_id=str(call_id), resumed=not is_new or admitted.resumed)
        code = await self._pump(receive, held, line)
        logger.info("voice socket closed", call_id=str(call_id), code=code)
        await held.detach(line, hung_up=code == HUNG_UP)

    @staticmethod
    async def _pump(receive: Any, held: HeldCall, line: Line) -> int:
        """Frames of the browser, until its socket is gone; returns the close code."""
        hear = held.bridge.hear
        bad = 0
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return int(message.get("code") or 1005)
            frame = message.get("text")
            if line.closed:
                continue
            try:
                if frame is None:
                    raise BadFrame("frames are text")
                await hear(frame)
            except BadFrame as error:
                bad += 1
                await line.send(frames.error(1002, "invalid_message", str(error)))
                if bad >= MOST_BAD_FRAMES:
                    await line.close(1008, "invalid_message")
