"""A conversation as ElevenLabs keeps it → `VoiceRecord`. Its API and its webhook tell the same. Pure.

Times come in whole seconds, and only starts: a turn ends where the next one begins at the latest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from integrations.voice.records import RecordedTool, RecordedTurn, RecordStatus, VoiceRecord, moment

STATUS: Mapping[str, RecordStatus] = {"done": "done", "failed": "failed"}
ROLES = {"user": "user", "agent": "assistant"}


def record_of(data: Mapping[str, Any]) -> VoiceRecord:
    """Every field may be missing but the conversation's id."""
    metadata = _mapping(data.get("metadata"))
    reason = _text(metadata.get("termination_reason"))
    failure = _mapping(metadata.get("error"))
    lines = [_mapping(line) for line in data.get("transcript") or ()]
    seconds = metadata.get("call_duration_secs")
    cost = {
        unit: float(amount)
        for unit, amount in (("credits", metadata.get("cost")), ("usd", metadata.get("cost_fiat")))
        if isinstance(amount, int | float)
    }
    return VoiceRecord(
        conversation_id=_text(data.get("conversation_id")),
        status=STATUS.get(_text(data.get("status")), "pending"),
        variables=variables_of(data),
        turns=tuple(turn for line in lines if (turn := _turn(line)) is not None),
        duration_ms=int(seconds * 1000) if isinstance(seconds, int | float) else None,
        started_at=moment(metadata.get("start_time_unix_secs")),
        end_reason=reason or _text(failure.get("reason")),
        ended_by=_ended_by(reason, failed=bool(failure)),
        cost=cost,
        has_audio=data.get("has_audio") is True,
        tools=tuple(tool for line in lines for tool in _tools(line)),
        details={"agent_id": _text(data.get("agent_id")), "language": _text(metadata.get("main_language"))},
    )


def variables_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Those we opened the conversation with; the vendor's own begin with `system__`."""
    told = _mapping(_mapping(data.get("conversation_initiation_client_data")).get("dynamic_variables"))
    return {name: str(value) for name, value in told.items() if not name.startswith("system__") and value is not None}


def _turn(line: Mapping[str, Any]) -> RecordedTurn | None:
    role, message = ROLES.get(_text(line.get("role"))), _text(line.get("message")).strip()
    if role is None or not message:
        return None
    interrupted = line.get("interrupted") is True
    return RecordedTurn(
        role=role,
        text=message,
        start_ms=_milliseconds(line),
        interrupted=interrupted,
        original=_text(line.get("original_message")).strip() if interrupted else "",
    )


def _tools(line: Mapping[str, Any]) -> list[RecordedTool]:
    results = {_text(result.get("request_id")): result for result in map(_mapping, line.get("tool_results") or ())}
    found = []
    for call in map(_mapping, line.get("tool_calls") or ()):
        result = _mapping(results.get(_text(call.get("request_id"))))
        latency = result.get("tool_latency_secs")
        value = result.get("result_value")
        found.append(
            RecordedTool(
                name=_text(call.get("tool_name")),
                arguments=_text(call.get("params_as_json")),
                result=value if isinstance(value, str) else json.dumps(value),
                is_error=result.get("is_error") is True,
                at_ms=_milliseconds(line),
                took_ms=int(latency * 1000) if isinstance(latency, int | float) else None,
            )
        )
    return found


def _ended_by(reason: str, *, failed: bool) -> str:
    """The vendor words this freely; what is not recognised stays open."""
    lowered = reason.lower()
    if failed or "max" in lowered or "timeout" in lowered or "error" in lowered:
        return "system"
    if "end_call" in lowered or "agent" in lowered:
        return "persona"
    if "client" in lowered or "user" in lowered or "remote party" in lowered:
        return "trainee"
    return ""


def _milliseconds(line: Mapping[str, Any]) -> int:
    seconds = line.get("time_in_call_secs")
    return max(0, int(seconds * 1000)) if isinstance(seconds, int | float) else 0


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
