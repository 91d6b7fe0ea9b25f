"""Who may judge a call: somebody who coaches its trainee, never the trainee, and not twice what a trainee contests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import Action, allows
from calls.models import Call
from calls.services import get_visible
from tenants.errors import Conflict, PermissionRefused

from .models import HUMAN, Appeal, Review, Score, ScoreRun


class ConflictOfInterest(PermissionRefused):
    code = "CONFLICT_OF_INTEREST"
    default_message = _("You can't judge a call of your own.")


class NotScoredYet(Conflict):
    code = "NOT_SCORED_YET"
    default_message = _("This call has no debrief yet. Wait until it is scored.")


def call_to_judge(call_id: UUID, *, user: Any, role: str | None) -> Call:
    """A call that this person may judge. Raises `CallNotFound` for one that is not theirs to see, `ConflictOfInterest` for
    one of their own, `PermissionRefused` without the role for it."""
    call = get_visible(call_id, user=user, role=role)
    refuse_trainee(call, user)
    if not allows(role, Action.SEE_TEAM):
        raise PermissionRefused
    return call


def refuse_trainee(call: Call, user: Any) -> None:
    if call.trainee_id == user.pk:
        raise ConflictOfInterest


def refuse_first_judge(appeal: Appeal, user: Any) -> None:
    """Raises `ConflictOfInterest` for who marked the contested criterion before. Two queries."""
    if first_judges_of([appeal])[appeal.pk] & {user.pk}:
        raise ConflictOfInterest(_("You marked this before, so somebody else has to decide."))


def first_judges_of(appeals: list[Appeal]) -> dict[UUID, set[UUID]]:
    """By appeal's id, the people who marked its criterion before it was contested or apart from it. Two queries."""
    calls = {appeal.call_id for appeal in appeals}
    judges: dict[UUID, set[UUID]] = {appeal.pk: set() for appeal in appeals}
    runs = ScoreRun.objects.filter(call__in=calls, judged_by=HUMAN).values_list(
        "call_id", "made_by_id", "manifest__raw"
    )
    for call_id, made_by_id, raw in runs:
        for appeal in appeals:
            if appeal.call_id == call_id and appeal.criterion in ((raw or {}).get("marks") or {}):
                judges[appeal.pk].add(made_by_id)
    marked = Review.objects.submitted().filter(call__in=calls, appeal=None).values_list("call_id", "reviewer_id")
    for call_id, reviewer_id in marked:
        for appeal in appeals:
            if appeal.call_id == call_id:
                judges[appeal.pk].add(reviewer_id)
    return judges


def counting_run_of(call: Call) -> ScoreRun:
    """The run whose marks count now. Raises `NotScoredYet` while there is only the quick score, or none."""
    debriefed = Q(deep_run__isnull=False) | Q(human_run__isnull=False)
    score = Score.objects.filter(debriefed, call=call).select_related("deep_run", "human_run").first()
    run = (score.human_run or score.deep_run) if score else None
    if run is None:
        raise NotScoredYet
    return run
