"""Signed links to the sockets and recording of one call. They name the organisation, the call and the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils import timezone

VOICE = "calls.voice"
EVENTS = "calls.events"
RECORDING = "calls.recording"
TRANSCRIPT = "calls.transcript"

# A voice link must be used within this time; a call that is under way may come back on the same link until its end.
VOICE_START = timedelta(minutes=15)
LIFETIMES = {
    VOICE: timedelta(hours=2),
    EVENTS: timedelta(hours=12),
    RECORDING: timedelta(hours=1),
    TRANSCRIPT: timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may do `purpose` with which call. `issued_at`: when the link was signed."""

    call_id: UUID
    user_id: str
    issued_at: datetime


def sign(purpose: str, *, schema_name: str, call_id: UUID, user_id: Any) -> str:
    return signing.dumps(
        {"s": schema_name, "c": str(call_id), "u": str(user_id), "t": int(timezone.now().timestamp())},
        salt=purpose,
        compress=False,
    )


def read(purpose: str, token: str, *, schema_name: str, call_id: UUID | str) -> Ticket | None:
    """The ticket, or None when it is forged, expired, another organisation's or another call's."""
    try:
        data = signing.loads(token, salt=purpose, max_age=LIFETIMES[purpose])
    except signing.BadSignature:
        return None
    if data["s"] != schema_name or data["c"] != str(call_id):
        return None
    issued_at = datetime.fromtimestamp(data["t"], tz=timezone.get_default_timezone())
    return Ticket(call_id=UUID(data["c"]), user_id=data["u"], issued_at=issued_at)
