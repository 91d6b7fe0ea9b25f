"""Numbers about practice: what one person has done, and what a group has done.

What counts is decided in `scoring.counted`, days in a row in `coaching.goals.streaks`. Averages are plain means of overall
scores, over scored calls; a criterion's average is over the debriefs in which it applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from coaching.goals.services import rests_at_weekends
from coaching.goals.streaks import Streak, streak_of
from scoring.counted import applied, counted_calls, current_scores, debriefed

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
    streak: Streak
    last_call_at: datetime | None

    @property
    def streak_days(self) -> int:
        return self.streak.days

    @property
    def longest_streak_days(self) -> int:
        return self.streak.longest

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


def progress_of(*, user_id: UUID, zone: tzinfo) -> Progress:
    """One person's numbers, in seven queries whatever the number of calls."""
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
        streak=own_streak(user_id=user_id, zone=zone),
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
    scores = debriefed(user_ids=[user_id])
    recent = list(scores.order_by("-call__ended_at", "-call_id").values_list("run", flat=True)[:RECENT_DEBRIEFS])
    rows = (
        applied(scores.values("run"))
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


def weakest_of(*, user_ids: Sequence[UUID]) -> dict[UUID, CriterionAverage]:
    """For each of these people the criterion with the lowest average over their debriefs, in one query."""
    rows = (
        applied(debriefed(user_ids=user_ids).values("run"))
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


def own_streak(*, user_id: UUID, zone: tzinfo) -> Streak:
    """The person's days in a row, counted by the rule they chose."""
    return streak_of(
        practice_days(user_id=user_id, zone=zone),
        today=datetime.now(zone).date(),
        weekends_off=rests_at_weekends(user_id=user_id),
    )
