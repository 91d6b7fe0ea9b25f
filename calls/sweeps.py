"""What nobody ended: calls whose voice socket went away for good, and calls that never began."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from calls import services
from calls.models import Call
from calls.services import Ending
from tenants.schemas import current_schema

NEVER_STARTED = timedelta(hours=24)
# On top of the time a browser has to come back: a holder renews its hold only every few seconds.
GRACE = timedelta(seconds=15)
# Who speaks turn by turn may think for so long: there is no line that could be seen to be lost.
BETWEEN_TURNS = timedelta(minutes=5)


def abandoned() -> list[tuple[UUID, Ending]]:
    """Calls in progress that nobody holds any more, and how each ended: when it was last held, or last spoken in."""
    now = timezone.now()
    line_lost = Q(last_held__lt=now - timedelta(seconds=settings.CALL_RESUME_SECONDS) - GRACE)
    by_turns = Q(transport=Call.Transport.TURNS)
    calls = (
        Call.objects.filter(status=Call.Status.IN_PROGRESS)
        .exclude(transport__in=Call.PAST_US)  # nobody here holds those: `calls.reconcile` ends them
        .annotate(last_held=Coalesce("held_at", "started_at", "created_at"), last_word_ms=Max("turns__end_ms"))
        .filter((line_lost & ~by_turns) | Q(last_held__lt=now - BETWEEN_TURNS))
        .values_list("pk", "last_held", "last_word_ms", Coalesce("started_at", "created_at"), "transport")
    )
    return [
        (
            call_id,
            Ending(
                by="system",
                reason="silence" if transport == Call.Transport.TURNS else "connection_lost",
                at=max(last_held, started + last_word(last_word_ms)),
            ),
        )
        for call_id, last_held, last_word_ms, started, transport in calls
    ]


def last_word(ms: int | None) -> timedelta:
    return timedelta(milliseconds=ms or 0)


def close_abandoned() -> int:
    """Complete them, so that they are scored; returns how many."""
    return sum(services.complete(call_id=call_id, ending=ending) for call_id, ending in abandoned())


def give_up_never_started() -> int:
    old = Call.objects.filter(status=Call.Status.PENDING, created_at__lt=timezone.now() - NEVER_STARTED).values_list(
        "pk", flat=True
    )
    return sum(services.fail(call_id=call_id, reason="never_started") for call_id in list(old))


def unfinished_recordings() -> list[UUID]:
    """Ended calls whose raw audio still lies in the spool."""
    folder = Path(settings.CALL_SPOOL_DIR) / current_schema()
    if not folder.is_dir():
        return []
    ids = []
    for child in folder.iterdir():
        try:
            ids.append(UUID(child.name))
        except ValueError:
            continue
    settled = timezone.now() - GRACE
    return list(
        Call.objects.filter(pk__in=ids, ended_at__lt=settled).order_by(F("ended_at").asc()).values_list("pk", flat=True)
    )
