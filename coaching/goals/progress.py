"""How far a goal is: computed where it is read, from calls, marks and entries, and stored nowhere.

What stands behind each kind:

- `criterion`: the mean of the last three marks in that criterion that count. One good call is luck; three are a level.
- `calls`: calls that counted in the present week (Monday to Sunday, in the owner's time zone). It starts anew every week.
- `own`: the last entry.

A goal is *reached* when that number is at the target or beyond it, seen from where it started.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Avg, Case, Count, DecimalField, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce

from scoring.counted import counted_calls, marks_of
from scoring.models import CriterionResult

from .models import Goal, GoalEntry
from .streaks import week_of

LAST_MARKS = 3
NUMBER: DecimalField[Any, Any] = DecimalField(max_digits=12, decimal_places=2)


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """A goal with the number it stands at (None: nothing known yet), 0–100 percent of the way, and days left (negative when
    the day has passed)."""

    goal: Goal
    current: Decimal | None
    percent: int
    reached: bool
    days_left: int

    @property
    def overdue(self) -> bool:
        return self.days_left < 0 and not self.reached


def with_current(goals: QuerySet[Goal], *, owner_id: UUID, zone: tzinfo, now: datetime | None = None) -> Any:
    """One person's goals with `current`, in the same query. `zone` is theirs: their week began in it."""
    today = (now or datetime.now(zone)).astimezone(zone).date()
    monday = datetime.combine(week_of(today), time.min, tzinfo=zone)
    # The newest marks, then their mean: what is cut off at three needs a subquery of its own.
    newest = marks_of(user_id=owner_id).filter(key=OuterRef(OuterRef("criterion"))).values("pk")[:LAST_MARKS]
    marks = (
        CriterionResult.objects.filter(pk__in=newest)
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(mean=Avg("score"))
        .values("mean")
    )
    calls = (
        counted_calls(user_ids=[owner_id])
        .filter(ended_at__gte=monday, ended_at__lt=monday + timedelta(days=7))
        .order_by()
        .values("trainee_id")
        .annotate(number=Count("pk"))
        .values("number")
    )
    entries = GoalEntry.objects.filter(goal=OuterRef("pk")).order_by("-on").values("value")[:1]
    return goals.annotate(
        current=Case(
            When(kind=Goal.Kind.CRITERION, then=Cast(Subquery(marks), NUMBER)),
            When(
                kind=Goal.Kind.CALLS,
                then=Cast(Coalesce(Subquery(calls, output_field=IntegerField()), 0), NUMBER),
            ),
            default=Cast(Coalesce(Subquery(entries), F("start")), NUMBER),
            output_field=NUMBER,
        )
    )


def progress_of_goals(
    goals: QuerySet[Goal], *, owner_id: UUID, zone: tzinfo, now: datetime | None = None
) -> list[GoalProgress]:
    """One person's goals with their progress, in one query whatever their number."""
    today = (now or datetime.now(zone)).astimezone(zone).date()
    own = goals.filter(owner_id=owner_id).select_related("proposed_by")
    rows = with_current(own, owner_id=owner_id, zone=zone, now=now)
    return [standing(goal, current=goal.current, today=today) for goal in rows]


def standing(goal: Goal, *, current: Decimal | None, today: date) -> GoalProgress:
    """The numbers of one goal. A goal that goes down (from 8 to 3) is reached at the target or below it."""
    start = (goal.start or Decimal(0)) if goal.kind == Goal.Kind.OWN else Decimal(0)
    way = goal.target - start
    reached = current is not None and (current >= goal.target if way >= 0 else current <= goal.target)
    share = Decimal(0) if current is None or way == 0 else (current - start) / way
    percent = 100 if reached else max(0, min(99, int(share * 100)))
    return GoalProgress(goal, current, percent, reached, (goal.due - today).days)


def mean_mark(*, user_id: UUID, criterion: str) -> Decimal | None:
    """Where somebody stands in a criterion: what a new goal starts from."""
    newest = marks_of(user_id=user_id).filter(key=criterion).values_list("score", flat=True)[:LAST_MARKS]
    scores = list(newest)
    return round(Decimal(sum(scores)) / len(scores), 2) if scores else None
