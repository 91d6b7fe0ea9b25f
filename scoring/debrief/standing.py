"""What a score means, in a sentence: passed or not, how sure that is, and who decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _

from scoring.grading import was_too_few
from scoring.models import HUMAN, ScoreRun

from .scale import Scale

Outcome = Literal["passed", "failed", "blocked", "undecided"]


@dataclass(frozen=True, slots=True)
class Decision:
    """A score that a person set. `was` is what the corrected run had given, and `run_id` that run."""

    by: str
    at: datetime
    reason: str
    was: int | None
    run_id: UUID | None


@dataclass(frozen=True, slots=True)
class Standing:
    """`headline`: the outcome in a sentence. `certainty`: how far the number can be trusted, empty where nothing is known."""

    outcome: Outcome
    headline: str
    certainty: str
    scale: Scale
    decision: Decision | None = None


def standing_of(run: ScoreRun, *, pass_mark: int | None, awaits_person: bool) -> Standing:
    """Read from the run as it is kept. `awaits_person`: does somebody look at it before it is final?"""
    scale = scale_of(run, pass_mark)
    outcome = _outcome(run, pass_mark)
    return Standing(
        outcome=outcome,
        headline=_headline(outcome, scale, awaits_person=awaits_person, too_few=was_too_few(run.manifest)),
        certainty=_certainty(run.result.get("interval"), scale),
        scale=scale,
        decision=_decision(run),
    )


def scale_of(run: ScoreRun, pass_mark: int | None) -> Scale:
    data = run.result.get("interval")
    score = run.overall_score
    if not isinstance(data, Mapping) or not {"low", "high"} <= data.keys():
        return Scale(score, score, score, pass_mark)
    return Scale(score, int(data["low"]), int(data["high"]), pass_mark)


def _outcome(run: ScoreRun, pass_mark: int | None) -> Outcome:
    if run.passed is None:
        return "undecided"
    if run.passed:
        return "passed"
    return "blocked" if pass_mark is not None and run.overall_score >= pass_mark else "failed"


def _headline(outcome: Outcome, scale: Scale, *, awaits_person: bool, too_few: bool) -> str:
    values = {"low": scale.low, "high": scale.high, "mark": scale.pass_mark}
    if outcome == "undecided" and too_few:
        if awaits_person:
            return _(
                "The judge could read the call only once, which is too little to decide: a person will look at it."
            )
        return _("The judge could read the call only once, which is too little to decide.")
    if outcome == "undecided":
        return _undecided(scale, awaits_person=awaits_person) % values
    if scale.pass_mark is None:
        return _("Passed.") if outcome == "passed" else _("Not passed yet.")
    return {
        "passed": _("Passed. The pass mark is %(mark)s."),
        "blocked": _("Not passed: a criterion that must not fail did. The pass mark is %(mark)s."),
        "failed": _("Not passed yet. The pass mark is %(mark)s."),
    }[outcome] % values


def _undecided(scale: Scale, *, awaits_person: bool) -> str:
    if scale.is_undecided:
        if awaits_person:
            return _("Between %(low)s and %(high)s; the pass mark is %(mark)s: a person will look at it.")
        return _("Between %(low)s and %(high)s; the pass mark is %(mark)s: too close to say.")
    # The points are clear of the pass mark, so what the readings differ on is a criterion that must not fail.
    if awaits_person:
        return _("It is not clear whether a criterion that must not fail did: a person will look at it.")
    return _("It is not clear whether a criterion that must not fail did.")


def _certainty(data: Any, scale: Scale) -> str:
    """Where the interval comes from; empty where it would only repeat the score."""
    if not scale.has_interval or not isinstance(data, Mapping):
        return ""
    source = str(data.get("source") or "")
    if source == "one_sentence":
        sentence = _("Had one sentence been different, the score could lie anywhere from %(low)s to %(high)s.")
    elif source == "readings":
        sentence = _("The judge read the call several times; its scores could lie anywhere from %(low)s to %(high)s.")
    else:
        sentence = _("No judge is exact: a second reading could lie anywhere from %(low)s to %(high)s.")
    return sentence % {"low": scale.low, "high": scale.high}


def _decision(run: ScoreRun) -> Decision | None:
    if run.judged_by != HUMAN or run.made_by is None:
        return None
    return Decision(
        by=run.made_by.get_full_name(),
        at=run.created_at,
        reason=run.reason,
        was=run.base_run.overall_score if run.base_run else None,
        run_id=run.base_run_id,
    )
