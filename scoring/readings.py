"""Several readings of one call by the same judge, made into one judgement.

Each criterion gets the median of its readings, so one odd reading does not move it; the spread beside it is the median
absolute deviation. The words are those of the reading whose overall score lies nearest to the combined one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from statistics import median, median_low
from typing import Any

from scenarios.briefs import CriterionSpec, RubricSpec

from .aggregate import clamp, weighted_mean
from .evidence import Span
from .judges.base import CriterionVerdict, Judgement, PartVerdict, QuoteCount
from .judges.embedded import weights_of
from .judges.kinds import of_parts, settled

# Between "yes" and "no" there is no middle; an even number of readings that differ earns the lower.
WITHOUT_MIDDLE = frozenset({"binary", "blocker"})
MAX_SPANS = 5


def combine(rubric: RubricSpec, judgements: Sequence[Judgement]) -> Judgement:
    """One judgement out of at least two readings, in the order in which they were asked for."""
    specs = {item.key: item for item in rubric.criteria}
    judgements = [
        replace(
            reading, criteria=tuple(settled(specs[item.key], item) for item in reading.criteria if item.key in specs)
        )
        for reading in judgements
    ]
    verdicts = tuple(
        _together(item, [verdict for reading in judgements for verdict in reading.criteria if verdict.key == item.key])
        for item in rubric.criteria
    )
    centre = weighted_mean(weights_of(rubric, verdicts))
    overalls = [weighted_mean(weights_of(rubric, reading.criteria)) for reading in judgements]
    nearest = min(range(len(judgements)), key=lambda place: (abs(overalls[place] - centre), place))
    return replace(
        judgements[nearest],
        criteria=verdicts,
        extremes=None,
        readings=tuple(judgements),
        raw={"readings": [dict(reading.raw) for reading in judgements]},
        usage=_usage([reading.usage for reading in judgements]),
        quotes=sum((reading.quotes for reading in judgements), QuoteCount()),
    )


def _together(criterion: CriterionSpec, verdicts: Sequence[CriterionVerdict]) -> CriterionVerdict:
    """The median of one criterion's readings. It applies where at least half of them say so."""
    scores = tuple(item.score if item.applicable else None for item in verdicts)
    counted = [score for score in scores if score is not None]
    applicable = 2 * len(counted) >= len(verdicts) and bool(counted)
    middle = median_low if criterion.kind in WITHOUT_MIDDLE else median
    score = clamp(middle(counted)) if applicable else 0
    if any(item.parts for item in verdicts):
        return replace(_of_parts(criterion, verdicts), readings=scores)
    alike = sorted(
        (item for item in verdicts if item.applicable == applicable), key=lambda item: abs(item.score - score)
    )
    spans = list(dict.fromkeys(span for item in alike if item.score for span in item.spans)) if score else []
    return replace(alike[0], score=score, spans=_without_overlap(spans), applicable=applicable, readings=scores)


def _of_parts(criterion: CriterionSpec, verdicts: Sequence[CriterionVerdict]) -> CriterionVerdict:
    """A compound criterion: each part gets its own median, and the criterion their mean."""
    parts = []
    for spec in criterion.parts:
        seen = [part for verdict in verdicts for part in verdict.parts if part.key == spec.key]
        counted = [part for part in seen if part.applicable]
        applicable = bool(counted) and 2 * len(counted) >= len(seen)
        score = median_low([part.score for part in counted]) if applicable else 0
        spans = dict.fromkeys(span for part in counted if part.score and score for span in part.spans)
        parts.append(PartVerdict(spec.key, spec.text, score, _without_overlap(list(spans)), applicable))
    whole = of_parts(criterion, parts)
    nearest = min(verdicts, key=lambda item: (item.applicable != whole.applicable, abs(item.score - whole.score)))
    return replace(whole, rationale=nearest.rationale, confidence=nearest.confidence)


def _without_overlap(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The first of those that quote the same words, at most five."""
    kept: list[Span] = []
    for span in spans:
        if not any(span.turn_id == one.turn_id and span.start < one.end and one.start < span.end for one in kept):
            kept.append(span)
    return tuple(kept[:MAX_SPANS])


def _usage(usages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Tokens and milliseconds in total; the cost too, where the price of every reading is known."""
    total: dict[str, Any] = {
        name: sum(int(usage.get(name) or 0) for usage in usages) for name in ("input_tokens", "output_tokens", "ms")
    }
    costs = [usage.get("cost_usd") for usage in usages]
    total["cost_usd"] = None if None in costs else str(sum((Decimal(str(cost)) for cost in costs), Decimal(0)))
    return total
