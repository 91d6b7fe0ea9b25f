"""Calls whose score is overdue: the message was lost, a worker died, the broker was away."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from calls.models import Call

from .judges import panel
from .models import Score

OVERDUE = timedelta(seconds=20)
# On top of what language models may take: a judge that is still thinking is not late.
MODEL_GRACE = timedelta(seconds=15)
LOOK_BACK = timedelta(days=7)
MAX_ATTEMPTS = 8
BATCH = 50
OPEN = (Score.State.PENDING, Score.State.QUICK)


def overdue_after() -> timedelta:
    """How long after its end, or the last attempt, a call without its score is overdue."""
    if panel.order_for("deep")[0] == panel.EMBEDDED:
        return OVERDUE
    return max(OVERDUE, timedelta(seconds=settings.DEEP_SCORE_SECONDS) + MODEL_GRACE)


def unscored_calls() -> list[UUID]:
    """Completed calls that should have their score by now, oldest first, at most fifty.

    A call that was sent eight times in vain is left alone: something about it needs a person.
    """
    now, overdue = timezone.now(), overdue_after()
    waiting = Q(score__isnull=True) | Q(
        score__state__in=OPEN, score__updated_at__lt=now - overdue, score__attempts__lt=MAX_ATTEMPTS
    )
    calls = Call.objects.filter(
        waiting, to_score=True, status=Call.Status.COMPLETED, ended_at__lt=now - overdue, ended_at__gt=now - LOOK_BACK
    )
    # What was said in these is still to come from the vendor: `calls.reconcile` sends them on.
    calls = calls.exclude(transport__in=Call.PAST_US, turns__isnull=True)
    return list(calls.order_by("ended_at").values_list("pk", flat=True)[:BATCH])
