"""The vendor's record of a finished call, as its interface gives it and its report sends it, in our words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.voice.records import RecordedTool, RecordedTurn, RecordStatus, VoiceRecord
from integrations.voice.vapi import endings, tools

ROLES = {"user": "user", "customer": "user", "bot": "assistant", "assistant": "assistant"}
TOOL_CALLS = {"tool_calls", "tool-calls", "tool_call"}
TOOL_RESULTS = {"tool_call_result", "tool-call-result", "tool"}


def of_call(call: Mapping[str, Any]) -> VoiceRecord:
    """From `GET /call/{id}`."""
    return _record(call, call, ended=call.get("status") == "ended")


def of_report(message: Mapping[str, Any]) -> VoiceRecord:
    """From an `end-of-call-report`. Older ones carry on top what belongs into the artifact."""
    return _record(_mapping(message.get("call")), message, ended=True)


def variables_of(call: Mapping[str, Any], message: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The variables a call was made with, wherever the vendor gives them back."""
    found: dict[str, str] = {}
    for holder in (call, message or {}):
        overrides = _mapping(holder.get("assistantOverrides"))
        for place in (
            _mapping(_mapping(holder.get("artifact")).get("variableValues")),
            _mapping(_mapping(holder.get("assistant")).get("metadata")),
            _mapping(holder.get("metadata")),
            _mapping(overrides.get("metadata")),
            _mapping(overrides.get("variableValues")),
        ):
            found.update({key: value for key, value in place.items() if isinstance(value, str)})
    return {key: value for key, value in found.items() if key.startswith("parley_")}


def _record(call: Mapping[str, Any], told: Mapping[str, Any], *, ended: bool) -> VoiceRecord:
    artifact = _mapping(told.get("artifact"))
    messages = _messages(artifact) or _messages(told)
    started = _time(told.get("startedAt") or call.get("startedAt"))
    over = _time(told.get("endedAt") or call.get("endedAt"))
    reason = str(told.get("endedReason") or call.get("endedReason") or "")
    ending = endings.ending(reason) if reason else None
    cost = told.get("cost", call.get("cost"))
    return VoiceRecord(
        conversation_id=str(call.get("id") or told.get("id") or ""),
        status=_status(ended, ending, messages),
        variables=variables_of(call, told),
        turns=tuple(_turns(messages, started)),
        duration_ms=max(0, int((over - started).total_seconds() * 1000)) if started and over else None,
        started_at=started,
        end_reason=reason,
        ended_by=ending.by if ending is not None and not ending.fault else "",
        cost={"usd": float(cost)} if isinstance(cost, int | float) else {},
        has_audio=_has_audio(artifact) or _has_audio(told),
        tools=tuple(_tools(messages, started)),
    )


def _status(ended: bool, ending: endings.Ending | None, messages: list[Mapping[str, Any]]) -> RecordStatus:
    if not ended:
        return "pending"
    if ending is not None and not ending.started and not any(ROLES.get(str(m.get("role"))) == "user" for m in messages):
        return "failed"
    return "done"


def _turns(messages: list[Mapping[str, Any]], started: datetime | None) -> Iterator[RecordedTurn]:
    for message in messages:
        role = ROLES.get(str(message.get("role")))
        text = " ".join(str(message.get("message") or message.get("content") or "").split())
        if role is None or not text:
            continue
        start = _at_ms(message, started)
        # `duration` is seconds in the documentation and milliseconds in what is sent: the two times say it plainly.
        time, end_time = message.get("time"), message.get("endTime")
        end = None
        if isinstance(time, int | float) and isinstance(end_time, int | float) and end_time >= time:
            end = start + int(end_time - time)
        yield RecordedTurn(role, text, start, end)


def _tools(messages: list[Mapping[str, Any]], started: datetime | None) -> Iterator[RecordedTool]:
    asked: dict[str, tuple[tools.ToolAsked, int]] = {}
    for message in messages:
        at = _at_ms(message, started)
        if message.get("role") in TOOL_CALLS:
            asked.update({tool.id: (tool, at) for tool in tools.asked(message)})
        elif message.get("role") in TOOL_RESULTS:
            tool, since = asked.get(str(message.get("toolCallId", "")), (None, at))
            yield RecordedTool(
                name=str(message.get("name") or (tool.name if tool else "")),
                arguments=json.dumps(tool.arguments) if tool else "{}",
                result=tools.one_line(str(message.get("result", ""))),
                is_error="error" in message,
                at_ms=since,
                took_ms=max(0, at - since),
            )


def _at_ms(message: Mapping[str, Any], started: datetime | None) -> int:
    """From the call's start. The vendor counts seconds from the start of its recording where it does."""
    seconds, time = message.get("secondsFromStart"), message.get("time")
    if isinstance(seconds, int | float):
        return max(0, int(seconds * 1000))
    if isinstance(time, int | float) and started is not None:
        return max(0, int(time - started.timestamp() * 1000))
    return 0


def _messages(holder: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = holder.get("messages")
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []


def _has_audio(holder: Mapping[str, Any]) -> bool:
    names = ("recordingUrl", "stereoRecordingUrl", "recording", "presignedMonoUrl", "presignedStereoUrl")
    return any(holder.get(name) for name in names)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time
