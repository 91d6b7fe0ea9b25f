"""Tools of the agent that are ours to run: ending the call, and looking up what the buyer knows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from integrations.errors import ProviderError
from integrations.voice.base import KnowingResponder, Responder
from integrations.voice.elevenlabs import wire
from integrations.voice.events import ToolCalled, VoiceEvent

END_CALL = "end_call"
LOOK_UP = "lookup_knowledge"
MOST_CHARACTERS = 2000
NOTHING = "There is nothing on record about that."


class Tools:
    def __init__(
        self,
        responder: Responder,
        *,
        emit: Callable[[VoiceEvent], None],
        send: Callable[[bytes], None],
        end: Callable[[], None],
    ) -> None:
        self._responder = responder
        self._emit = emit
        self._send = send
        self._end = end

    async def called(self, told: Mapping[str, Any]) -> None:
        """A `client_tool_call`: run it and send what it gave."""
        began = time.monotonic()
        name, given = told["tool_name"], told.get("parameters")
        parameters: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        failed = False
        match name:
            case "end_call":
                result = "The call ends now."
            case "lookup_knowledge" | "knowledge_base":
                result, failed = await self._look_up(parameters)
            case _:
                result, failed = "There is no such tool.", True
        self._send(wire.tool_result(told["tool_call_id"], result, is_error=failed))
        self._emit(
            ToolCalled(
                name=name,
                arguments=json.dumps(parameters, ensure_ascii=False)[:MOST_CHARACTERS],
                result=result,
                is_error=failed,
                took_ms=round((time.monotonic() - began) * 1000),
            )
        )
        if name == END_CALL:
            self._end()

    async def _look_up(self, parameters: Mapping[str, Any]) -> tuple[str, bool]:
        query = parameters.get("query")
        if not isinstance(query, str) or not query.strip():
            return "The query is missing.", True
        if not isinstance(self._responder, KnowingResponder):
            return NOTHING, False
        try:
            found = await self._responder.look_up(query)
        except ProviderError:
            return "It could not be looked up just now.", True
        return found[:MOST_CHARACTERS] or NOTHING, False
