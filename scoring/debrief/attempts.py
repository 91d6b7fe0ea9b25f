"""The other attempts at the same situation: is it getting better?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from calls.models import Call
from scoring.models import Score

MOST = 8


@dataclass(frozen=True, slots=True)
class Attempt:
    """One scored call. `passed` is None where that is not decided; `is_this` marks the call whose debrief is open."""

    call_id: UUID
    at: datetime
    score: int
    band: str
    passed: bool | None
    is_this: bool


@dataclass(frozen=True, slots=True)
class Attempts:
    """The last ones, oldest first. `change`: this call's score less that of the attempt before it; None without one."""

    items: Sequence[Attempt]
    change: int | None

    @property
    def distance(self) -> int:
        """How many points the change is, whichever way."""
        return abs(self.change or 0)


def attempts_at(call: Call, *, viewer: Any) -> Attempts:
    """The trainee's attempts at this call's situation that count and that the viewer may see; none where there is only one.

    The caller has asked whether the viewer may see this trainee's calls at all. Scores that wait for a person are the
    trainee's to see: a coach who may be asked to decide is not told before. One query.
    """
    if call.scenario_version is None or call.is_redo:
        return Attempts((), None)
    untold = Q() if call.trainee_id == viewer.pk else Q(score__state=Score.State.NEEDS_REVIEW) & ~Q(pk=call.pk)
    rows = (
        Call.objects.shown_to(viewer)
        .filter(
            trainee_id=call.trainee_id,
            scenario_version__scenario_id=call.scenario_version.scenario_id,
            status=Call.Status.COMPLETED,
            voided_at__isnull=True,
            forked_at_seq__isnull=True,
            score__overall_score__isnull=False,
        )
        .exclude(untold)
        .order_by("-created_at")
        .values_list("pk", "created_at", "score__overall_score", "score__band", "score__passed")[:MOST]
    )
    items = [
        Attempt(pk, at, score, band, passed, is_this=pk == call.pk)
        for pk, at, score, band, passed in reversed(rows)
        if score is not None
    ]
    if len(items) < 2:
        return Attempts((), None)
    place = next((number for number, item in enumerate(items) if item.is_this), 0)
    return Attempts(items, items[place].score - items[place - 1].score if place else None)
