"""From a judgement to the result that is kept and shown: all numbers are computed here, by code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scenarios.briefs import CriterionSpec, RubricSpec

from . import aggregate, grading, intervals
from .bands import band
from .injection.detector import flagged_in
from .judges.base import Case, CriterionVerdict, Judgement
from .judges.embedded import weights_of
from .judges.kinds import settled

DEFAULT_STEP = 25  # of a judge whose scale is not known
MAX_STRENGTHS = 5
MAX_MOMENTS = 10


def result_of(
    case: Case, judgement: Judgement, *, flags: list[dict[str, Any]], graded: bool = False, too_few: bool = False
) -> dict[str, Any]:
    """The result of one run as JSON: the shape that `ScoreRun.result` holds, the API shows and pages read.

    The same case and judgement give the same bytes. `graded`: the whole interval decides over passing, and `passed` is None
    where it does not; else the score alone does. `too_few`: it was read too seldom to decide anything (`grading.too_few`).
    """
    specs = {item.key: item for item in case.rubric.criteria}
    verdicts = [settled(specs[item.key], item) for item in judgement.criteria]
    parts = weights_of(case.rubric, verdicts)
    score = aggregate.overall(parts)
    interval = _interval(case.rubric, judgement, verdicts, score)
    passed: bool | None = aggregate.passed(parts, pass_mark=case.rubric.pass_mark)
    if graded:
        blocked = [
            any(part.blocks for part in weights_of(case.rubric, one.criteria)) for one in judgement.readings
        ] or [any(part.blocks for part in parts)]
        decided = grading.decided(interval, pass_mark=case.rubric.pass_mark, blocked=blocked)
        passed = None if too_few else decided
    return {
        "overall_score": score,
        "band": band(score),
        "passed": passed,
        "pass_mark": case.rubric.pass_mark,
        "interval": interval,
        "criteria": [_criterion_json(specs[item.key], item) for item in verdicts],
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


def _interval(
    rubric: RubricSpec, judgement: Judgement, verdicts: Sequence[CriterionVerdict], score: int
) -> dict[str, int | str]:
    if judgement.extremes is not None:
        low, high = intervals.extremes(score, judgement.extremes)
        return intervals.interval(low, high, source="one_sentence")
    parts = weights_of(rubric, verdicts)
    step = int(judgement.settings.get("step", DEFAULT_STEP))
    if judgement.readings:
        spreads = [_spread(verdict) for spec in rubric.criteria for verdict in verdicts if verdict.key == spec.key]
        half = intervals.readings_error(parts, spreads, step=step)
        overalls = [float(aggregate.weighted_mean(weights_of(rubric, one.criteria))) for one in judgement.readings]
        low, high = intervals.extremes(score - half, [score + half, *overalls])
        return intervals.interval(low, high, source="readings")
    half = intervals.step_error(parts, step=step)
    return intervals.interval(score - half, score + half, source="scale_step")


def _spread(verdict: CriterionVerdict) -> float:
    return intervals.spread([score for score in verdict.readings if score is not None])


def flags_for(case: Case) -> list[dict[str, Any]]:
    """What was addressed to the judge, by the trainee or by whoever played the buyer: shown, and left out of the scoring."""
    return [
        {"kind": "instruction", "turn_id": item.turn.id, "start": item.start, "end": item.end, "quote": item.text}
        for item in flagged_in(case.turns, by="anyone")
    ]


def _criterion_json(spec: CriterionSpec, verdict: CriterionVerdict) -> dict[str, Any]:
    row: dict[str, Any] = {
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
    if verdict.parts:
        row["parts"] = [
            {
                "key": part.key,
                "text": part.text,
                "score": part.score,
                "applicable": part.applicable,
                "evidence": [span.to_json() for span in part.spans],
            }
            for part in verdict.parts
        ]
    if verdict.readings:
        row["readings"] = list(verdict.readings)
        row["spread"] = aggregate.clamp(_spread(verdict))
    return row
