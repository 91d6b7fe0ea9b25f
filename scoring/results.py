"""From a judgement to the result that is kept and shown: all numbers are computed here, by code."""

from __future__ import annotations

from typing import Any

from scenarios.briefs import RubricSpec

from . import aggregate, intervals
from .bands import band
from .judges.base import Case, CriterionVerdict, Judgement
from .judges.embedded import weights_of
from .lexicon import lexicon
from .signals.base import flagged_in

DEFAULT_STEP = 25  # of a judge whose scale is not known
MAX_STRENGTHS = 5
MAX_MOMENTS = 10


def result_of(case: Case, judgement: Judgement, *, flags: list[dict[str, Any]]) -> dict[str, Any]:
    """The result of one run as JSON: the shape that `ScoreRun.result` holds, the API shows and pages read.

    The same case and judgement give the same bytes.
    """
    verdicts = [_credited(item) for item in judgement.criteria]
    parts = weights_of(case.rubric, verdicts)
    score = aggregate.overall(parts)
    return {
        "overall_score": score,
        "band": band(score),
        "passed": aggregate.passed(parts, pass_mark=case.rubric.pass_mark),
        "pass_mark": case.rubric.pass_mark,
        "interval": _interval(judgement, parts, score),
        "criteria": [_criterion_json(case.rubric, item) for item in verdicts],
        "strengths": [
            {"point": item.point, "example": item.example, "timestamp_ms": item.timestamp_ms}
            for item in judgement.strengths[:MAX_STRENGTHS]
        ],
        "improvements": [
            {"point": item.point, "suggestion": item.suggestion, "timestamp_ms": item.timestamp_ms}
            for item in judgement.improvements[:MAX_STRENGTHS]
        ],
        "key_moments": [
            {
                "timestamp_ms": item.timestamp_ms,
                "type": item.type,
                "description": item.description,
                "quote": item.quote,
            }
            for item in judgement.key_moments[:MAX_MOMENTS]
        ],
        "summary": judgement.summary,
        "headline": judgement.headline or judgement.summary,
        "metrics": case.measured().to_json(),
        "flags": flags,
    }


def _interval(judgement: Judgement, parts: list[aggregate.Weighted], score: int) -> dict[str, int | str]:
    if judgement.extremes is not None:
        low, high = intervals.extremes(score, judgement.extremes)
        return intervals.interval(low, high, source="one_sentence")
    half = intervals.step_error(parts, step=int(judgement.settings.get("step", DEFAULT_STEP)))
    return intervals.interval(score - half, score + half, source="scale_step")


def flags_for(case: Case) -> list[dict[str, Any]]:
    """The trainee's words that were addressed to the judge: shown, and left out of the scoring."""
    return [
        {"kind": "instruction", "turn_id": item.turn.id, "start": item.start, "end": item.end, "quote": item.text}
        for item in flagged_in(case.turns, lexicon(case.language))
    ]


def _credited(verdict: CriterionVerdict) -> CriterionVerdict:
    """No verified span, no credit."""
    if verdict.score and not verdict.spans:
        return CriterionVerdict(
            key=verdict.key,
            score=0,
            applicable=verdict.applicable,
            rationale=verdict.rationale,
            confidence=verdict.confidence,
        )
    return verdict


def _criterion_json(rubric: RubricSpec, verdict: CriterionVerdict) -> dict[str, Any]:
    spec = next(item for item in rubric.criteria if item.key == verdict.key)
    return {
        "key": spec.key,
        "name": spec.name,
        "kind": spec.kind,
        "weight": spec.weight,
        "score": verdict.score,
        "applicable": verdict.applicable,
        "verified": verdict.verified,
        "confidence": verdict.confidence,
        "rationale": verdict.rationale,
        "evidence": [span.to_json() for span in verdict.spans],
    }
