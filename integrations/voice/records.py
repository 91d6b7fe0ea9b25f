"""What a vendor knows of a conversation once it is over: the same record that its webhook carries and its API gives.

Times are milliseconds since the conversation's start at the vendor, which is not quite the call's own clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

RecordStatus = Literal["pending", "done", "failed"]


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """`role`: "user" (the trainee) or "assistant". `end_ms` is None where the vendor does not say. `original`: what was
    begun, when an interruption left only `text` heard."""

    role: str
    text: str
    start_ms: int
    end_ms: int | None = None
    interrupted: bool = False
    original: str = ""


@dataclass(frozen=True, slots=True)
class RecordedTool:
    """A tool that the vendor's agent called. `took_ms` is None where the vendor does not say."""

    name: str
    arguments: str
    result: str
    is_error: bool
    at_ms: int
    took_ms: int | None = None


@dataclass(frozen=True, slots=True)
class VoiceRecord:
    """`pending`: still going on or being worked up, ask again later; its turns may be incomplete. `variables` are those the
    call was opened with (`parley_call_id` among them). `end_reason` is in the vendor's words; `ended_by` is "trainee",
    "persona", "system" or "" where the vendor does not say. `cost` by currency or unit ("credits", "usd")."""

    conversation_id: str
    status: RecordStatus
    variables: Mapping[str, str] = field(default_factory=dict)
    turns: tuple[RecordedTurn, ...] = ()
    duration_ms: int | None = None
    started_at: datetime | None = None
    end_reason: str = ""
    ended_by: str = ""
    cost: Mapping[str, float] = field(default_factory=dict)
    has_audio: bool = False
    tools: tuple[RecordedTool, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedAudio:
    """A conversation's recording as the vendor keeps it. `chunks` is read once; it may raise a `ProviderError`."""

    content_type: str
    chunks: Iterator[bytes]
