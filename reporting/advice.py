"""What to practise next, and why: one suggestion that a person can act on at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from calls.models import Call
from coaching.learning.services import Todo
from scenarios.catalogue import Practice, practice_of, published_versions
from scenarios.models import ScenarioVersion
from scoring.counted import counted_calls

from .agenda import Agenda
from .statistics import CriterionAverage, Progress

# A mode trains some criteria more than others, whatever their weight in the rubric.
# By the keys of the rubrics that come with Parley.
MODE_FOR = {
    "objection": "objection_gauntlet",
    "objections": "objection_gauntlet",
    "objection_handling": "objection_gauntlet",
    "discovery": "discovery",
    "opening": "cold_call",
    "rapport": "cold_call",
}
DIFFICULTIES = ("easy", "medium", "hard")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`reason`: resume (a call is open), asked (`todo` was assigned and can be done now), first (no debrief yet), criterion
    (`criterion` is weak, `practice` trains it), more (nothing that is weak can be trained here), wait (nothing to practise).

    `call` is set for resume, `todo` for asked, `practice` for first, criterion and more.
    """

    reason: str
    practice: Practice | None = None
    criterion: CriterionAverage | None = None
    call: Call | None = None
    todo: Todo | None = None


def suggest(*, user: Any, progress: Progress, language: str, todo: Agenda) -> Suggestion:
    """The next step for one person, in at most three queries.

    An open call goes first, then what was asked of the person. Then the published scenario that weighs the
    person's weakest criterion most: in the person's language if there is one, in the mode that trains it, the least
    practised first, easier before harder.
    """
    call = Call.objects.of(user).filter(status=Call.Status.IN_PROGRESS).order_by("-created_at").first()
    if call is not None:
        return Suggestion("resume", call=call)
    if todo.first is not None:
        return Suggestion("asked", todo=todo.first)
    versions = list(published_versions())
    if not versions:
        return Suggestion("wait")
    own = [version for version in versions if version.content["language"] == language] or versions
    if not progress.by_criterion:
        return Suggestion("first", practice=practice_of(min(own, key=_difficulty)))
    done = attempts(user_id=user.pk)
    weakest = next(
        (item for item in progress.by_criterion if any(weight_of(item.key, version) for version in own)), None
    )
    key = weakest.key if weakest else ""

    def rank(version: ScenarioVersion) -> tuple[bool, int, int, int, str]:
        tried = done.get(version.scenario_id, 0)
        in_mode = version.content["mode"] == MODE_FOR.get(key)
        return not in_mode, -weight_of(key, version), tried, _difficulty(version), version.content["title"]

    practice = practice_of(min(own, key=rank))
    return Suggestion("criterion" if weakest else "more", practice=practice, criterion=weakest)


def attempts(*, user_id: UUID) -> dict[UUID | None, int]:
    """How often this person practised each scenario."""
    rows = counted_calls(user_ids=[user_id]).values_list("scenario_version__scenario_id").annotate(Count("pk"))
    return dict(rows.order_by())


def weight_of(key: str, version: ScenarioVersion) -> int:
    """What the criterion of that key weighs in the scenario's rubric; 0 when it is not in it."""
    criteria: Iterable[dict[str, Any]] = version.rubric_version.content["criteria"]
    return next((int(item["weight"]) for item in criteria if item["key"] == key), 0)


def _difficulty(version: ScenarioVersion) -> int:
    return DIFFICULTIES.index(version.content["brief"]["difficulty"])
