"""What the kind of a criterion makes of what a judge saw: yes or no, half met, parts, and what did not come up.

Every judge passes through here, so a rubric means the same whoever judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from scenarios.briefs import CriterionSpec
from scoring.evidence import Span

from .base import CriterionVerdict, PartVerdict

FULL = 100
YES = 50  # of a signal: from here on it was there
HALF = 25  # the mean of the signals from which a point is half met
MAX_SPANS = 4
YES_OR_NO = frozenset({"binary", "blocker", "compound"})  # a compound criterion's parts are


def is_yes_or_no(criterion: CriterionSpec) -> bool:
    return criterion.kind in YES_OR_NO


def points(criterion: CriterionSpec, values: Sequence[int]) -> int:
    """What signals of 0–100 earn by the kind: a rated criterion their mean (halves round up), a yes-or-no one 100 when each
    is there, the rubric's points for half met, or 0. "Agreed on a next step" is not met by proposing one."""
    if not values:
        return 0
    if not is_yes_or_no(criterion):
        return (2 * sum(values) + len(values)) // (2 * len(values))
    if all(value >= YES for value in values):
        return FULL
    return criterion.partial if sum(values) >= HALF * len(values) else 0


def points_of_level(criterion: CriterionSpec, level: int, *, step: int) -> int:
    """What a language model's level (0–4, `step` points each) earns by the kind. Where half met earns something, "partly" (2)
    is half met; where it does not, a yes begins there."""
    score = level * step
    if not is_yes_or_no(criterion):
        return score
    if criterion.partial and score < 3 * step:
        return criterion.partial if score >= 2 * step else 0
    return FULL if score >= 2 * step else 0


def of_parts(
    criterion: CriterionSpec,
    parts: Iterable[PartVerdict],
    *,
    rationale: str = "",
    confidence: str = "normal",
) -> CriterionVerdict:
    """A compound criterion from its parts: the mean of those that came up, halves up; its evidence is theirs."""
    judged = tuple(part if part.spans else replace(part, score=0) for part in parts)
    counted = [part for part in judged if part.applicable]
    score = (2 * sum(part.score for part in counted) + len(counted)) // (2 * len(counted)) if counted else 0
    return CriterionVerdict(
        key=criterion.key,
        score=score,
        spans=unique(span for part in counted if part.score for span in part.spans),
        applicable=bool(counted),
        rationale=rationale,
        confidence="low" if confidence == "low" else "normal",
        parts=judged,
    )


def settled(criterion: CriterionSpec, verdict: CriterionVerdict) -> CriterionVerdict:
    """The verdict as it counts: no verified span, no credit; and what must come up in every call and did not is missed."""
    if verdict.score and not verdict.spans:
        verdict = replace(verdict, score=0)
    if not verdict.applicable and criterion.must_come_up:
        verdict = replace(verdict, applicable=True, score=0, spans=())
    return verdict


def unique(spans: Iterable[Span], most: int = MAX_SPANS) -> tuple[Span, ...]:
    """The first spans, each once."""
    return tuple(dict.fromkeys(spans))[:most]
