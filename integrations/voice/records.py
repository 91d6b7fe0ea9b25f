"""What a vendor knows of a conversation once it is over: the same record that its webhook carries and its API gives; and
what it tells while one is held.

Times of a record are milliseconds since the conversation's start at the vendor, which is not quite the call's own clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

RecordStatus = Literal["pending", "done", "failed"]


def moment(seconds: Any) -> datetime | None:
    """A vendor's time in seconds since 1970; None for what is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, OSError, ValueError):
        return None


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


@dataclass(frozen=True, slots=True)
class HeardLine:
    """Words of one side, as a vendor heard them a moment ago. `role`: "user" (the trainee) or "assistant". `whole`: an
    utterance out of the conversation so far, from `at` to `until`, which may repeat words that were told piece by piece; else
    `at` is when the piece was understood. None where the vendor does not say when."""

    role: str
    text: str
    at: datetime | None
    whole: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiveNews:
    """What happens in a conversation that is being held. `speaking`: whose voice began (True) or stopped (False)."""

    lines: tuple[HeardLine, ...] = ()
    speaking: tuple[str, bool] | None = None


@dataclass(frozen=True, slots=True)
class OverheardSound:
    """Sound of a conversation that somebody listens in on: 16-bit mono PCM. `role`: "user", "assistant", or "" where both
    voices are mixed. `rate` in Hz."""

    role: str
    rate: int
    pcm: bytes
