"""Tool calls: every shape in which the vendor sends them, the reply it takes, and the note of those made in a call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.voice.events import ToolCalled, VoiceEvent

MOST_RESULT_CHARACTERS = 1000
MOST_TOOLS = 20
NOT_AT_HAND = "You do not have this at hand. Say so in your own words."


@dataclass(frozen=True, slots=True)
class ToolAsked:
    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """`error`: it did not work; `text` says why."""

    id: str
    name: str
    text: str
    error: bool = False


def asked(message: Mapping[str, Any]) -> list[ToolAsked]:
    """The tool calls of a message, each id once. What cannot be read is left out."""
    found: dict[str, ToolAsked] = {}
    for key in ("toolCallList", "toolCalls", "toolWithToolCallList"):
        entries = message.get(key)
        for entry in entries if isinstance(entries, Sequence) and not isinstance(entries, str) else ():
            tool = _tool(entry)
            if tool is not None and tool.id not in found and len(found) < MOST_TOOLS:
                found[tool.id] = tool
    return list(found.values())


def kept(payload: Mapping[str, Any]) -> list[ToolAsked]:
    """The tool calls of a message as the ledger keeps them."""
    return [ToolAsked(tool["id"], tool["name"], tool["arguments"]) for tool in payload.get("tools", [])]


def not_at_hand(wanted: Sequence[ToolAsked]) -> list[ToolResult]:
    """Something for the buyer to say when there is nothing to say."""
    return [ToolResult(tool.id, tool.name, NOT_AT_HAND) for tool in wanted]


def _tool(entry: Any) -> ToolAsked | None:
    if not isinstance(entry, Mapping):
        return None
    call = entry.get("toolCall")
    if isinstance(call, Mapping):
        # `toolWithToolCallList`: the tool as it was set up, and the call inside it.
        inner = _tool(call)
        if inner is None or inner.name:
            return inner
        return ToolAsked(inner.id, _name(entry), inner.arguments)
    call_id = entry.get("id") or entry.get("toolCallId")
    if not isinstance(call_id, str) or not call_id:
        return None
    function = entry.get("function")
    source = function if isinstance(function, Mapping) else entry
    for key in ("arguments", "parameters"):
        if key in source:
            return ToolAsked(call_id, _name(entry), _arguments(source[key]))
    return ToolAsked(call_id, _name(entry), {})


def _name(entry: Mapping[str, Any]) -> str:
    function = entry.get("function")
    name = function.get("name") if isinstance(function, Mapping) else entry.get("name")
    return name if isinstance(name, str) else ""


def _arguments(value: Any) -> dict[str, Any]:
    """An object, or the JSON text of one; anything else is no argument."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return dict(value) if isinstance(value, Mapping) else {}


def reply(results: Sequence[ToolResult]) -> dict[str, Any]:
    """The answer to `tool-calls`: one entry per id, each text a single line, as the vendor insists."""
    return {
        "results": [
            {"toolCallId": result.id, "name": result.name, "error" if result.error else "result": one_line(result.text)}
            for result in results
        ]
    }


def one_line(text: str) -> str:
    return " ".join(text.split())[:MOST_RESULT_CHARACTERS]


class ToolWatch:
    """Notes which tools a call's agent used, from the messages beside its audio."""

    def __init__(self, *, clock: Callable[[], int], emit: Callable[[VoiceEvent], None]) -> None:
        self._clock = clock
        self._emit = emit
        self._open: dict[str, tuple[ToolAsked, int]] = {}

    def called(self, message: Mapping[str, Any]) -> None:
        for tool in asked(message):
            self._open[tool.id] = (tool, self._clock())

    def answered(self, message: Mapping[str, Any]) -> None:
        result = message.get("toolCallResult")
        if not isinstance(result, Mapping):
            return
        tool, since = self._open.pop(str(result.get("toolCallId", "")), (None, self._clock()))
        failed = "error" in result and "result" not in result
        text = result.get("error") if failed else result.get("result", "")
        self._emit(
            ToolCalled(
                name=tool.name if tool is not None else str(result.get("name", "")),
                arguments=json.dumps(tool.arguments) if tool is not None else "{}",
                result=one_line(text if isinstance(text, str) else json.dumps(text)),
                is_error=failed,
                took_ms=self._clock() - since,
            )
        )
