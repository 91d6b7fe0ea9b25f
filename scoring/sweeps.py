"""Calls whose score is overdue: the message was lost, a worker died, the broker was away."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from calls.models import Call

from .models import Score

OVERDUE = timedelta(seconds=20)
LOOK_BACK = timedelta(days=7)
MAX_ATTEMPTS = 8
BATCH = 50
OPEN = (Score.State.PENDING, Score.State.QUICK)


def unscored_calls() -> list[UUID]:
    """Completed calls that should have their score by now, oldest first, at most fifty.

    A call that was sent eight times in vain is left alone: something about it needs a person.
    """
    now = timezone.now()
    waiting = Q(score__isnull=True) | Q(
        score__state__in=OPEN, score__updated_at__lt=now - OVERDUE, score__attempts__lt=MAX_ATTEMPTS
    )
    calls = Call.objects.filter(
        waiting, status=Call.Status.COMPLETED, ended_at__lt=now - OVERDUE, ended_at__gt=now - LOOK_BACK
    )
    return list(calls.order_by("ended_at").values_list("pk", flat=True)[:BATCH])
