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
from calls.voice.admission import Admitted, NotAdmitted, admit
from calls.voice.door import Door, door_of
from calls.voice.frames import BadFrame
from calls.voice.holder import HeldCall, Line, take
from calls.voice.opening import give_back
from integrations.errors import ProviderError
from tenants.sockets import close_unopened

logger = structlog.get_logger(__name__)
SUBPROTOCOL = "convai"
NO_VOICE = "No voice service answers at the moment."
NO_VOICE_UNUSED = NO_VOICE + " Nothing was said, so this attempt is not used up."
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

        async with door_of(scope, send) as door:
            await self._talk(admitted, receive, send, door)

    async def _talk(self, admitted: Admitted, receive: Any, send: Any, door: Door) -> None:
        async def close(code: int, reason: str) -> None:
            door.take(pass_over)
            await door.drained()
            await send({"type": "websocket.close", "code": code, "reason": reason})

        call_id = admitted.call_id
        line = Line(door.send, close)
        try:
            held, is_new = await take(admitted)
        except ProviderError as error:
            unused = await give_back(admitted.schema_name, call_id=call_id)
            logger.warning("no voice", call_id=str(call_id), error_type=type(error).__name__, given_back=unused)
            line.send(frames.error(1011, "http_exception", NO_VOICE_UNUSED if unused else NO_VOICE))
            await line.close(1011, "provider_unavailable")
            return
        session = held.session
        line.send(
            frames.metadata(session.conversation_id, input_rate=session.input_rate, output_rate=session.output_rate)
        )
        await held.attach(line)
        if is_new:
            held.start()
        logger.info("voice socket open", call_id=str(call_id), resumed=not is_new or admitted.resumed)
        code = await Pump(held, line, door).run(receive)
        logger.info("voice socket closed", call_id=str(call_id), code=code)
        await held.detach(line, hung_up=code == HUNG_UP, code=code)


def pass_over(_frame: bytes) -> bool:
    """Who was hung up on is not heard."""
    return True


class Pump:
    """Frames of one browser's socket into its call, until the socket is gone."""

    def __init__(self, held: HeldCall, line: Line, door: Door) -> None:
        self._bridge = held.bridge
        self._line = line
        self._bad = 0
        if not line.closed:
            door.take(held.bridge.hear_now)

    async def run(self, receive: Any) -> int:
        """Returns the close code."""
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return int(message.get("code") or 1005)
            frame = message.get("text")
            if self._line.closed:
                continue
            try:
                if frame is None:
                    raise BadFrame("frames are text")
                await self._bridge.hear(frame.encode())
            except BadFrame as error:
                self._complain(error)
            if self._bad >= MOST_BAD_FRAMES:
                await self._line.close(1008, "invalid_message")

    def _complain(self, error: BadFrame) -> None:
        self._bad += 1
        self._line.send(frames.error(1002, "invalid_message", str(error)))
