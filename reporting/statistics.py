"""Numbers about practice: what one person has done, and what a group has done.

One definition for pages and API:

- a call *counts* when it was completed and not voided for a technical fault, is no redo of another one, and was not practised
  in private (or was submitted since);
- it is *scored* when it counts and has an overall score (a call that was too short to score has none);
- averages are plain means of overall scores, over scored calls;
- a criterion's average is over debriefs (the quick score rates no single criteria) in which the criterion applied;
- a *streak* is a run of days in the person's own time zone with at least one counted call. It is current while its last day
  is today or yesterday, so an evening person does not lose it in the morning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from calls.models import Call
from scoring.models import CriterionResult, Score

TREND_LENGTH = 20
RECENT_DEBRIEFS = 5


@dataclass(frozen=True, slots=True)
class TrendPoint:
    call_id: UUID
    at: datetime
    title: str
    score: int


@dataclass(frozen=True, slots=True)
class CriterionAverage:
    """`average` over all debriefs, `recent` over the last five; both 0–100, `recent` None if it did not apply lately."""

    key: str
    name: str
    average: float
    recent: float | None
    calls: int

    @property
    def lately(self) -> float:
        return self.average if self.recent is None else self.recent


@dataclass(frozen=True, slots=True)
class Progress:
    """One person's practice. Scores are None while nothing is scored; the trend is oldest first, criteria weakest first."""

    calls_total: int
    calls_scored: int
    calls_passed: int
    duration_ms: int
    average: float | None
    best: int | None
    trend: tuple[TrendPoint, ...]
    by_criterion: tuple[CriterionAverage, ...]
    by_mode: dict[str, int]
    streak_days: int
    longest_streak_days: int
    last_call_at: datetime | None

    @property
    def change(self) -> int | None:
        """Points between the mean of the last five scores and of the five before; None with fewer than six scores."""
        scores = [point.score for point in self.trend]
        if len(scores) < 6:
            return None
        late, early = scores[-5:], scores[-10:-5]
        return round(sum(late) / len(late) - sum(early) / len(early))

    @property
    def decline(self) -> int:
        """The points lost, where `change` is negative; else 0."""
        return max(-(self.change or 0), 0)


def counted_calls(*, user_ids: Iterable[UUID] | None = None) -> QuerySet[Call]:
    """Calls that count, of these people or of everyone."""
    calls = Call.objects.counting()
    return calls if user_ids is None else calls.filter(trainee_id__in=user_ids)


def current_scores(*, user_ids: Iterable[UUID] | None = None) -> QuerySet[Score]:
    """Scores with a number, of calls that count."""
    return Score.objects.filter(call__in=counted_calls(user_ids=user_ids), overall_score__isnull=False)


def progress_of(*, user_id: UUID, zone: tzinfo) -> Progress:
    """One person's numbers, in six queries whatever the number of calls."""
    mine = [user_id]
    by_mode: dict[str, int] = {}
    duration = 0
    last_call_at: datetime | None = None
    for row in (
        counted_calls(user_ids=mine)
        .values("mode")
        .order_by("mode")
        .annotate(calls=Count("pk"), spoken=Sum("duration_ms"), last=Max("ended_at"))
    ):
        by_mode[row["mode"]] = row["calls"]
        duration += row["spoken"] or 0
        last_call_at = max(filter(None, (last_call_at, row["last"])), default=None)
    scores = current_scores(user_ids=mine).aggregate(
        scored=Count("pk"),
        passed=Count("pk", filter=Q(passed=True)),
        mean=Avg("overall_score"),
        best=Max("overall_score"),
    )
    days = practice_days(user_id=user_id, zone=zone)
    current, longest = streaks(days, today=datetime.now(zone).date())
    return Progress(
        calls_total=sum(by_mode.values()),
        calls_scored=scores["scored"],
        calls_passed=scores["passed"],
        duration_ms=duration,
        average=None if scores["mean"] is None else round(float(scores["mean"]), 2),
        best=scores["best"],
        trend=trend_of(user_id=user_id),
        by_criterion=criteria_of(user_id=user_id),
        by_mode=by_mode,
        streak_days=current,
        longest_streak_days=longest,
        last_call_at=last_call_at,
    )


def trend_of(*, user_id: UUID, length: int = TREND_LENGTH) -> tuple[TrendPoint, ...]:
    """The latest scores, oldest first."""
    rows: QuerySet[Any, Any] = (
        current_scores(user_ids=[user_id])
        .order_by("-call__ended_at", "-call_id")
        .values("call_id", "call__ended_at", "call__title", "overall_score")
    )
    return tuple(
        TrendPoint(
            call_id=row["call_id"], at=row["call__ended_at"], title=row["call__title"], score=row["overall_score"]
        )
        for row in reversed(rows[:length])
    )


def criteria_of(*, user_id: UUID) -> tuple[CriterionAverage, ...]:
    """Averages by criterion, weakest lately first. Criteria of different rubrics meet by their key."""
    scores = current_scores(user_ids=[user_id]).filter(deep_run__isnull=False)
    recent = list(
        scores.order_by("-call__ended_at", "-call_id").values_list("deep_run_id", flat=True)[:RECENT_DEBRIEFS]
    )
    rows = (
        applied(scores.values("deep_run_id"))
        .values("key")
        .order_by("key")
        .annotate(
            label=Max("name"), mean=Avg("score"), calls=Count("pk"), late=Avg("score", filter=Q(run_id__in=recent))
        )
    )
    averages = (
        CriterionAverage(
            key=row["key"],
            name=row["label"],
            average=round(float(row["mean"]), 2),
            recent=None if row["late"] is None else round(float(row["late"]), 2),
            calls=row["calls"],
        )
        for row in rows
    )
    return tuple(sorted(averages, key=lambda item: (item.lately, -item.calls, item.key)))


def applied(run_ids: Any) -> QuerySet[CriterionResult]:
    """Criteria that applied and weigh something, in these runs."""
    return CriterionResult.objects.filter(run_id__in=run_ids, applicable=True, weight__gt=0)


def weakest_of(*, user_ids: Sequence[UUID]) -> dict[UUID, CriterionAverage]:
    """For each of these people the criterion with the lowest average over their debriefs, in one query."""
    rows = (
        applied(current_scores(user_ids=user_ids).filter(deep_run__isnull=False).values("deep_run_id"))
        .values("run__call__trainee_id", "key")
        .order_by("run__call__trainee_id", "key")
        .annotate(label=Max("name"), mean=Avg("score"), calls=Count("pk"))
    )
    weakest: dict[UUID, CriterionAverage] = {}
    for row in rows:
        found = CriterionAverage(row["key"], row["label"], round(float(row["mean"]), 2), None, row["calls"])
        known = weakest.get(row["run__call__trainee_id"])
        if known is None or found.average < known.average:
            weakest[row["run__call__trainee_id"]] = found
    return weakest


def practice_days(*, user_id: UUID, zone: tzinfo) -> list[date]:
    """The days with a counted call, in this time zone, oldest first."""
    return list(
        counted_calls(user_ids=[user_id])
        .filter(ended_at__isnull=False)
        .annotate(day=TruncDate("ended_at", tzinfo=zone))
        .order_by("day")
        .values_list("day", flat=True)
        .distinct()
    )


def streaks(days: Sequence[date], *, today: date) -> tuple[int, int]:
    """`(current, longest)` runs of consecutive days; `days` ascending and without repeats."""
    longest = length = 0
    previous: date | None = None
    for day in days:
        length = length + 1 if previous is not None and day - previous == timedelta(days=1) else 1
        longest = max(longest, length)
        previous = day
    is_current = previous is not None and today - previous <= timedelta(days=1)
    return (length if is_current else 0), longest
