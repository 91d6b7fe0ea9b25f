"""What waits for a person: contested marks, scores too near the pass mark, and must-not-fail criteria that failed.

Nothing is stored for the queue: it is what the rows say. Numbers of queries do not grow with its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from calls.models import CallQuerySet
from calls.services import visible_calls
from tenants.context import current_organization

from .aggregate import BLOCKER_FLOOR
from .models import Appeal, Comment, CriterionResult, Review, Score
from .referees import first_judges_of

MOST_APPEALS = 50
MOST_MENTIONS = 10


@dataclass(frozen=True, slots=True)
class AppealFigures:
    """How objections fare, over all that the viewer may see. `in_time`: decided before they were due."""

    decided: int
    overturned: int
    in_time: int
    undecided: int
    overdue: int

    @property
    def overturn_percent(self) -> int | None:
        return round(100 * self.overturned / self.decided) if self.decided else None

    @property
    def in_time_percent(self) -> int | None:
        return round(100 * self.in_time / self.decided) if self.decided else None


def coached_calls(*, viewer: Any, role: str | None) -> CallQuerySet:
    """Calls of those whom the viewer coaches, never the viewer's own."""
    calls: CallQuerySet = visible_calls(viewer, role).exclude(trainee_id=viewer.pk)
    return calls


def overdue_before(now: datetime) -> datetime | None:
    """What has waited since before then is overdue; None where the organisation set no deadline."""
    hours = current_organization().review_answer_hours
    return None if hours is None else now - timedelta(hours=hours)


def scores_to_review(*, viewer: Any, role: str | None) -> QuerySet[Score]:
    """Scores that want a person's eyes, the longest waiting first; `why` is `noisy`, `once` (read too seldom to
    decide) or `blocker`.

    Once somebody has decided on a run, it waits no longer; a new run of the call may.
    """
    failed = CriterionResult.objects.filter(
        run=OuterRef("deep_run"), kind="blocker", applicable=True, score__lt=BLOCKER_FLOOR
    )
    decided = Review.objects.filter(call=OuterRef("call"), run=OuterRef("deep_run")).exclude(outcome="")
    noisy = Q(state=Score.State.NEEDS_REVIEW)
    return (
        Score.objects.filter(
            noisy | Exists(failed),
            ~Exists(decided),
            human_run=None,
            deep_run__isnull=False,
            call__in=coached_calls(viewer=viewer, role=role).counting(),
        )
        .annotate(
            why=Case(
                When(noisy & Q(deep_run__manifest__readings__too_few=True), then=Value("once")),
                When(noisy, then=Value("noisy")),
                default=Value("blocker"),
                output_field=CharField(),
            ),
            waiting_since=F("deep_run__created_at"),
        )
        .select_related("call__trainee")
        .defer("call__brief", "call__engine_state", "call__metadata")
        .order_by("waiting_since")
    )


def appeals_to_decide(*, viewer: Any, role: str | None) -> list[Appeal]:
    """Objections that the viewer could decide, the most urgent first: less those of others' hands and their own marks."""
    mine = Q(state=Appeal.State.OPEN) | Q(taken_by=viewer) | Q(due_at__lt=timezone.now())
    appeals = list(
        Appeal.objects.undecided()
        .filter(mine, call__in=coached_calls(viewer=viewer, role=role))
        .select_related("call__trainee", "taken_by")
        .defer("call__brief", "call__engine_state", "call__metadata")
        .order_by("due_at")[:MOST_APPEALS]
    )
    judges = first_judges_of(appeals)
    return [appeal for appeal in appeals if appeal.taken_by_id == viewer.pk or viewer.pk not in judges[appeal.pk]]


def appeal_figures(*, viewer: Any, role: str | None, since: datetime | None = None) -> AppealFigures:
    """Over what was contested in the calls that the viewer coaches; `since`: opened from then on."""
    appeals = Appeal.objects.filter(call__in=coached_calls(viewer=viewer, role=role))
    if since is not None:
        appeals = appeals.filter(opened_at__gte=since)
    decided = Q(decided_at__isnull=False)
    counted = appeals.aggregate(
        decided=Count("pk", filter=decided),
        overturned=Count("pk", filter=Q(state=Appeal.State.OVERTURNED)),
        in_time=Count("pk", filter=decided & Q(decided_at__lte=F("due_at"))),
        undecided=Count("pk", filter=~decided),
        overdue=Count("pk", filter=~decided & Q(due_at__lt=timezone.now())),
    )
    return AppealFigures(**counted)


def mentions_of(*, viewer: Any, role: str | None) -> list[Comment]:
    """The last comments that name the viewer."""
    comments = Comment.objects.filter(mentioned=viewer, call__in=visible_calls(viewer, role))
    own = Q(call__trainee=viewer)
    return list(
        comments.filter(~own | Q(visibility=Comment.Visibility.TRAINEE))
        .select_related("author", "call")
        .defer("call__brief", "call__engine_state", "call__metadata")
        .order_by("-created_at")[:MOST_MENTIONS]
    )
