"""A score set by a person: what the marks change in the run that they correct. Arithmetic is the same as for any judge."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from scenarios.briefs import RubricSpec
from tenants.errors import InvalidInput

from . import aggregate
from .bands import band
from .evidence import Span, is_verbatim
from .judges.base import CriterionVerdict
from .judges.embedded import weights_of
from .transcripts import TranscriptTurn

Marks = Mapping[str, int | None]
SOURCE = "person"  # of the interval: a person's number stands as it is


class MarksInvalid(InvalidInput):
    default_message = _("These marks cannot be taken over.")


def refuse_bad_marks(
    marks: Marks,
    *,
    reason: str,
    rubric: RubricSpec,
    spans: Mapping[str, Sequence[Span]],
    turns: Sequence[TranscriptTurn],
) -> None:
    """Raises `MarksInvalid`, naming the field: no reason, nothing marked, a criterion that the rubric does not have, a number
    out of range, or a quote that the trainee did not say."""
    if not reason.strip():
        raise MarksInvalid(_("Say why the score is changed."), details={"field": "reason"})
    if not marks:
        raise MarksInvalid(_("Mark at least one criterion."), details={"field": "criteria"})
    known = {item.key for item in rubric.criteria}
    for key, mark in marks.items():
        if key not in known:
            raise MarksInvalid(_("The rubric has no such criterion."), details={"field": f"criteria.{key}"})
        if mark is not None and (isinstance(mark, bool) or not isinstance(mark, int) or not 0 <= mark <= 100):
            raise MarksInvalid(_("A mark is a whole number from 0 to 100."), details={"field": f"criteria.{key}"})
    for key, quoted in spans.items():
        if key not in marks or not all(is_verbatim(span, turns) for span in quoted):
            raise MarksInvalid(_("The trainee did not say that there."), details={"field": f"evidence.{key}"})


def overridden(
    base: Mapping[str, Any],
    criteria: Sequence[Mapping[str, Any]],
    *,
    marks: Marks,
    reason: str,
    rubric: RubricSpec,
    spans: Mapping[str, Sequence[Span]],
) -> dict[str, Any]:
    """The result of a person's run. `base`: the corrected run's result; `criteria`: its criteria in the shape of
    `result["criteria"]`. What is not marked stays; a mark of None says that the criterion did not apply."""
    rows = [_marked(item, marks, reason, spans) if item["key"] in marks else dict(item) for item in criteria]
    verdicts = [
        CriterionVerdict(key=row["key"], score=row["score"], applicable=row["applicable"], rationale=row["rationale"])
        for row in rows
    ]
    parts = weights_of(rubric, verdicts)
    score = aggregate.overall(parts)
    return {
        **copy.deepcopy(dict(base)),
        "overall_score": score,
        "band": band(score),
        "passed": aggregate.passed(parts, pass_mark=rubric.pass_mark),
        "pass_mark": rubric.pass_mark,
        "interval": {"low": score, "high": score, "source": SOURCE},
        "criteria": rows,
    }


def _marked(item: Mapping[str, Any], marks: Marks, reason: str, spans: Mapping[str, Sequence[Span]]) -> dict[str, Any]:
    mark = marks[item["key"]]
    was = item["score"] if item["applicable"] else None
    if mark == was and not spans.get(item["key"]):  # confirmed: what was said of it stays true
        return {**item, "by_person": True, "was": was}
    evidence = [*item["evidence"], *(span.to_json() for span in spans.get(item["key"], ()))]
    unique = [one for place, one in enumerate(evidence) if one not in evidence[:place]]
    return {
        **{name: value for name, value in item.items() if name != "parts"},
        "score": mark or 0,
        "applicable": mark is not None,
        "verified": bool(unique) and bool(mark),
        "confidence": "normal",
        "rationale": reason.strip(),
        "evidence": unique if mark else [],
        "by_person": True,
        "was": was,
    }
