"""A score as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calls.models import Call
from scoring.aggregate import Weighted
from scoring.calibration.gate import gate_of
from scoring.debrief.contributions import breakdown
from scoring.models import Score, ScoreRun

EMPTY: dict[str, Any] = {
    "run_id": None,
    "overall_score": None,
    "band": None,
    "interval": None,
    "passed": None,
    "criteria": [],
    "strengths": [],
    "improvements": [],
    "key_moments": [],
    "summary": "",
    "metrics": {},
    "flags": [],
}


def score_json(call: Call, score: Score | None) -> dict[str, Any]:
    """A person's run, else the deep one; until there is any the same shape with nothing in it but the quick score."""
    quick = score.quick_run if score else None
    deep = score.deep_run if score else None
    human = score.human_run if score else None
    shown = human or deep
    pass_mark = shown.result.get("pass_mark") if shown else None
    return {
        "call_id": str(call.pk),
        "state": score.state if score else Score.State.PENDING,
        "rubric_version_id": str(shown.rubric_version_id if shown else call.rubric_version_id),
        "pass_mark": call.passes_from if pass_mark is None else pass_mark,
        "judged_by": {"quick": quick.judged_by if quick else None, "deep": deep.judged_by if deep else None},
        "override": _override(human) if human else None,
        "certification": gate_of(shown, language=call.language).to_json() if shown else None,
        "quick": _quick(quick),
        **(_deep(shown) if shown else EMPTY),
    }


def _override(run: ScoreRun) -> dict[str, Any]:
    base, person = run.base_run, run.made_by
    return {
        "run_id": str(run.pk),
        "by": person.get_full_name() if person else "",
        "reason": run.reason,
        "at": run.created_at.isoformat(),
        "judge_overall_score": base.overall_score if base else None,
        "corrects_run_id": str(base.pk) if base else None,
    }


def _quick(run: ScoreRun | None) -> dict[str, Any] | None:
    return {"overall": run.overall_score, "summary": run.result.get("headline", "")} if run else None


def _deep(run: ScoreRun) -> dict[str, Any]:
    result = run.result
    return {
        "run_id": str(run.pk),
        "overall_score": run.overall_score,
        "band": run.band,
        "interval": result.get("interval"),
        "passed": run.passed,
        "criteria": _with_points(result.get("criteria", [])),
        **{key: result.get(key, EMPTY[key]) for key in ("strengths", "improvements", "key_moments")},
        **{key: result.get(key, EMPTY[key]) for key in ("summary", "metrics", "flags")},
    }


def _with_points(criteria: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each criterion with what it adds to the overall score; together the points round to it."""
    parts = [Weighted(item["score"], item["weight"], item["applicable"]) for item in criteria]
    return [{**item, "points": line.points} for item, line in zip(criteria, breakdown(parts).lines, strict=True)]
