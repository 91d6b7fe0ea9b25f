"""What numbers are made of: the calls, scores and single criteria that count. One definition for pages, goals and medals.

- a call *counts* when it was completed and not voided for a technical fault, is no redo of another one, and was not practised
  in private (or was submitted since);
- it is *scored* when it counts and has an overall score (a call that was too short to score has none) that does not wait for
  a person's decision: who is to decide without having seen a judge's number must not meet it in an average;
- a criterion counts in debriefs (the quick score rates no single criteria) in which it applied and weighs something.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from calls.models import Call

from .models import CriterionResult, Score


def counted_calls(*, user_ids: Iterable[UUID] | None = None) -> QuerySet[Call]:
    """Calls that count, of these people or of everyone."""
    calls = Call.objects.counting()
    return calls if user_ids is None else calls.filter(trainee_id__in=user_ids)


def current_scores(*, user_ids: Iterable[UUID] | None = None) -> QuerySet[Score]:
    """Scores with a number that is settled, of calls that count."""
    return Score.objects.settled().filter(call__in=counted_calls(user_ids=user_ids))


def debriefed(*, user_ids: Iterable[UUID] | None = None) -> Any:
    """Scores with single criteria; `run` is the run that holds them, a person's before the judge's."""
    scores = current_scores(user_ids=user_ids).annotate(run=Coalesce("human_run_id", "deep_run_id"))
    return scores.filter(run__isnull=False)


def applied(run_ids: Any) -> QuerySet[CriterionResult]:
    """Criteria that applied and weigh something, in these runs."""
    return CriterionResult.objects.filter(run_id__in=run_ids, applicable=True, weight__gt=0)


def marks_of(*, user_id: UUID) -> QuerySet[CriterionResult]:
    """One person's marks that count, of the newest call first; one mark a criterion and call."""
    return applied(debriefed(user_ids=[user_id]).values("run")).order_by(
        "-run__call__ended_at", "-run__call_id", "position"
    )
