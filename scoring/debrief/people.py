"""What people can do about a score, and did: contest a mark, or mark the call before they see the judge's marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from calls.models import Call
from scoring import appeals, reviews
from scoring.models import Appeal, Score
from tenants.errors import DomainError

from .criteria import ShownCriterion
from .page import Debrief


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion and what the trainee said of its mark, if anything. A mark is contested once."""

    criterion: ShownCriterion
    appeal: Appeal | None
    may_contest: bool


def rows_of(debrief: Debrief, *, is_own: bool) -> Sequence[CriterionRow]:
    """The criteria of the page. One query; none where nothing is judged yet."""
    if not debrief.criteria or debrief.is_waiting:
        return [CriterionRow(item, None, may_contest=False) for item in debrief.criteria]
    found = {appeal.criterion: appeal for appeal in Appeal.objects.filter(call=debrief.call)}
    open_to_me = is_own and not debrief.is_superseded and may_contest(debrief)
    return [
        CriterionRow(item, found.get(item.key), may_contest=open_to_me and item.key not in found)
        for item in debrief.criteria
    ]


def may_contest(debrief: Debrief) -> bool:
    """Does this score count, and is it still early enough?"""
    try:
        appeals.refuse_uncontestable(debrief.call)
    except DomainError:
        return False
    return debrief.counting is not None and timezone.now() <= appeals.closes_at(debrief.counting)


def wants_blind_marks(call: Call, *, viewer: Any) -> bool:
    """Does this score wait for a person, and could it be the viewer, who has not seen the judge's marks yet?

    Whoever may see somebody else's call coaches them.
    """
    score = getattr(call, "score", None)
    return (
        call.trainee_id != viewer.pk
        and not call.voided_at
        and score is not None
        and score.state == Score.State.NEEDS_REVIEW
        and not reviews.has_seen(call=call, user=viewer)
    )
