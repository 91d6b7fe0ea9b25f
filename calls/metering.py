"""What the voice of a call may cost and did cost, by the minute: put aside before a service speaks, written down when it is
over. A service that the month's budget does not cover is passed over for the next one; our own voice costs nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Max
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from calls.models import Call
from integrations.budgets import minutes
from integrations.errors import OverBudget
from integrations.vendors import keys_of

logger = structlog.get_logger(__name__)

# A call ends some time after its limit, and its end may be told late.
GRACE = timedelta(minutes=10)
UNTIL = "metered_until"  # in a call's metadata: up to when another service was paid for


def afford(*, call_id: UUID, provider: str) -> bool:
    """Put aside what the rest of this call costs with this service; what was put aside for another one is free again.
    False where a budget does not cover it."""
    if provider == minutes.EMBEDDED:
        minutes.release(call_id)
        return True
    call = Call.objects.get(pk=call_id)
    spoken_ms = 0 if call.started_at is None else (timezone.now() - call.started_at).total_seconds() * 1000
    seconds = max(call.time_limit_ms - spoken_ms, 0) / 1000
    if _is_free(call, provider):
        minutes.release(call.pk)
        return True
    try:
        minutes.reserve(
            minutes.VOICE,
            provider,
            seconds=seconds,
            key=call.pk,
            user_id=call.trainee_id,
            held=timedelta(seconds=seconds) + GRACE,
        )
    except OverBudget:
        logger.info("a voice service is not covered by the budget", call=str(call.pk), provider=provider)
        return False
    return True


def changed_over(call: Call, *, provider: str, at: datetime) -> None:
    """Another service speaks on: write down what the one before cost. `call` as it was until now, locked or one's own."""
    if call.provider == provider or not _was_spoken(call):
        return
    _note(call, until=at)
    call.metadata[UNTIL] = at.isoformat()
    call.save(update_fields=["metadata", "updated_at"])


def over(call: Call, *, ended_at: datetime) -> None:
    """The call has ended. Inside the transaction that says so, once."""
    if _is_free(call, call.provider):
        return  # nothing is put aside, since nothing was to be paid
    if _was_spoken(call):
        _note(call, until=ended_at)
    free(call.pk)


def free(call_id: UUID) -> None:
    """Nothing more is to be paid for this call."""
    minutes.release(call_id)


def _note(call: Call, *, until: datetime) -> None:
    if _is_free(call, call.provider):
        return
    told = call.metadata.get(UNTIL)
    since = (parse_datetime(told) if told else None) or _began(call)
    minutes.note(
        minutes.VOICE,
        call.provider,
        seconds=min(max((until - since).total_seconds(), 0.0), call.time_limit_ms / 1000 + GRACE.total_seconds()),
        key=call.pk,
        user_id=call.trainee_id,
        own_account=keys_of(call.provider).own,
    )


def _began(call: Call) -> datetime:
    """When the call began to be spoken in; the clock of a redo begins with what its first call had said by then."""
    shared = 0
    if call.forked_at_seq is not None:
        shared = call.turns.filter(seq__lte=call.forked_at_seq).aggregate(until=Max("end_ms"))["until"] or 0
    return (call.started_at or call.created_at) + timedelta(milliseconds=shared)


def _was_spoken(call: Call) -> bool:
    """Did a voice service hold (a part of) this call? What is spoken turn by turn is paid for by the turn."""
    return bool(call.metadata.get("conversation_ids")) and call.transport != Call.Transport.TURNS


def _is_free(call: Call, provider: str) -> bool:
    """Our own voice; and, in a call by text, a service that is paid for sound alone."""
    return provider in {"", minutes.EMBEDDED} or (provider == "openai" and call.channel == Call.Channel.TEXT)
