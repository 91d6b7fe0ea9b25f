"""A score as the API shows it."""

from __future__ import annotations

from typing import Any

from calls.models import Call
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
    """The deep run where there is one; until then the same shape with nothing in it but the quick score."""
    quick = score.quick_run if score else None
    deep = score.deep_run if score else None
    return {
        "call_id": str(call.pk),
        "state": score.state if score else Score.State.PENDING,
        "rubric_version_id": str(deep.rubric_version_id if deep else call.rubric_version_id),
        "pass_mark": call.rubric_version.content.get("pass_mark"),
        "judged_by": {"quick": quick.judged_by if quick else None, "deep": deep.judged_by if deep else None},
        "quick": _quick(quick),
        **(_deep(deep) if deep else EMPTY),
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
        **{key: result.get(key, EMPTY[key]) for key in ("criteria", "strengths", "improvements", "key_moments")},
        **{key: result.get(key, EMPTY[key]) for key in ("summary", "metrics", "flags")},
    }
