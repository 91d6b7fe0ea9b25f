"""What the vendor tells of a call while it is held: finished words, the conversation so far, whose voice is heard.

Each message repeats the buyer's instructions and a caller's number; of it only what is said is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.voice.records import HeardLine, LiveNews, moment
from integrations.voice.vapi import records

TRANSCRIPT = "transcript"
CONVERSATION = "conversation-update"
SPEECH = "speech-update"
KINDS = frozenset({TRANSCRIPT, CONVERSATION, SPEECH})
# Of the conversation so far; what was said before was told before.
MOST_LINES = 20
MOST_CHARACTERS = 5000


def kept(kind: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """What a message says: `{lines: [{role, text, at_ms, until_ms, whole}], speaking: [role, bool] | None}`. The times are
    milliseconds since 1970, None where the vendor does not say."""
    if kind == TRANSCRIPT:
        final = message.get("transcriptType", "final") == "final"
        line = _line(message, text=message.get("transcript"), at=message.get("timestamp"), whole=False)
        return {"lines": [line] if final and line else [], "speaking": None}
    if kind == CONVERSATION:
        return {"lines": _conversation(message), "speaking": None}
    role, status = records.ROLES.get(str(message.get("role"))), message.get("status")
    speaking = [role, status == "started"] if role and status in ("started", "stopped") else None
    return {"lines": [], "speaking": speaking}


def news(payload: Mapping[str, Any]) -> LiveNews:
    """The same in our words."""
    lines = tuple(
        HeardLine(
            line["role"],
            line["text"],
            time_of(line["at_ms"]),
            whole=line["whole"],
            until=time_of(line["until_ms"]),
        )
        for line in payload["lines"]
    )
    speaking = payload["speaking"]
    return LiveNews(lines, (speaking[0], speaking[1]) if speaking else None)


def time_of(value: Any) -> datetime | None:
    """Milliseconds since 1970."""
    return moment(value / 1000) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _conversation(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """With times where they are given: the plain list has none, and a line without one cannot be told from an older one of
    the same words."""
    said = message.get("messages")
    found = []
    for entry in said[-MOST_LINES:] if isinstance(said, list) else []:
        if isinstance(entry, Mapping):
            line = _line(entry, text=entry.get("message") or entry.get("content"), at=entry.get("time"), whole=True)
            if line and time_of(line["at_ms"]) is not None:
                found.append(line)
    return found


def _line(holder: Mapping[str, Any], *, text: Any, at: Any, whole: bool) -> dict[str, Any] | None:
    role = records.ROLES.get(str(holder.get("role")))
    words = " ".join(text.split())[:MOST_CHARACTERS] if isinstance(text, str) else ""
    if role is None or not words:
        return None
    return {
        "role": role,
        "text": words,
        "at_ms": at,
        "until_ms": holder.get("endTime") if whole else None,
        "whole": whole,
    }
