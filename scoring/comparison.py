"""A redo beside the call that it branched off: what was said from there on, and what that did to the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from calls.models import Call

from .debrief import SELECTED, Debrief, debrief_of
from .debrief.transcript import ShownTurn


@dataclass(frozen=True, slots=True)
class Difference:
    """One criterion in both calls; None where it did not apply or is not scored yet."""

    name: str
    weight: int
    first: int | None
    redo: int | None

    @property
    def change(self) -> int | None:
        return None if self.first is None or self.redo is None else self.redo - self.first


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric in both calls, in words."""

    label: str
    first: str
    redo: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`shared`: the turns that both have; `first_rest` and `redo_rest`: what came after."""

    first: Debrief
    redo: Debrief
    shared: Sequence[ShownTurn]
    first_rest: Sequence[ShownTurn]
    redo_rest: Sequence[ShownTurn]
    overall: Difference
    criteria: Sequence[Difference]
    figures: Sequence[Measured]

    @property
    def is_waiting(self) -> bool:
        """Will more come by itself?"""
        return self.first.is_waiting or self.redo.is_waiting


def redos_of(call: Call, *, viewer: Any) -> QuerySet[Call]:
    """The redos of a call that have ended and that the viewer may see, newest first."""
    redos = Call.objects.shown_to(viewer).filter(forked_from=call, status=Call.Status.COMPLETED)
    return redos.order_by("-created_at")


def pair_of(call: Call, *, viewer: Any, beside: UUID | None = None) -> tuple[Call | None, Call | None]:
    """The two calls that a comparison starting from `call` is about; None for one that is not there.

    A redo is put beside its first call; any other call beside the redo asked for, else its newest.
    """
    visible = Call.objects.shown_to(viewer).select_related(*SELECTED)
    if call.is_redo:
        return visible.filter(pk=call.forked_from_id, trainee_id=call.trainee_id).first(), call
    redos = redos_of(call, viewer=viewer).select_related(*SELECTED)
    return call, redos.filter(pk=beside).first() if beside else redos.first()


def compare(first_call: Call, redo_call: Call) -> Comparison:
    first, redo = debrief_of(first_call), debrief_of(redo_call)
    shared = redo_call.turns.filter(seq__lte=redo_call.forked_at_seq).count()
    return Comparison(
        first=first,
        redo=redo,
        shared=redo.turns[:shared],
        first_rest=first.turns[shared:],
        redo_rest=redo.turns[shared:],
        overall=Difference("", 100, _overall(first), _overall(redo)),
        criteria=_criteria(first, redo),
        figures=_figures(first, redo),
    )


def _overall(debrief: Debrief) -> int | None:
    return debrief.run.overall_score if debrief.run else None


def _criteria(first: Debrief, redo: Debrief) -> list[Difference]:
    """Both calls are scored by the same version of the rubric, so criteria meet by their names."""
    scores = [{item.name: item.score for item in debrief.criteria if item.applicable} for debrief in (first, redo)]
    weights = {item.name: item.weight for debrief in (redo, first) for item in debrief.criteria}
    return [Difference(name, weight, scores[0].get(name), scores[1].get(name)) for name, weight in weights.items()]


def _figures(first: Debrief, redo: Debrief) -> list[Measured]:
    values = {item.key: item.value for item in first.figures}
    return [Measured(item.label, values[item.key], item.value) for item in redo.figures if item.key in values]
