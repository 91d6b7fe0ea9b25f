"""The shape a language model must answer in: a JSON schema per rubric and track, strict (all required, nothing else)."""

from __future__ import annotations

from typing import Any

from integrations.llm.schemas import NUMBER, TEXT, list_of, object_of
from scenarios.briefs import CriterionSpec, RubricSpec

from .base import Track

LEVELS = (0, 1, 2, 3, 4)
STEP = 25  # points per level
MAX_TEXT = 600


TURN = NUMBER
QUOTE = object_of(turn=TURN, quote=TEXT)


def judged_keys(criterion: CriterionSpec) -> list[str]:
    """What a model rates for a criterion: the criterion, or each part of a compound one as `criterion/part`."""
    if criterion.kind == "compound":
        return [f"{criterion.key}/{part.key}" for part in criterion.parts]
    return [criterion.key]


def all_judged_keys(rubric: RubricSpec) -> list[str]:
    return [key for item in rubric.criteria for key in judged_keys(item)]


def schema_for(rubric: RubricSpec, track: Track) -> dict[str, Any]:
    criterion = object_of(
        key={"type": "string", "enum": all_judged_keys(rubric)},
        applicable={"type": "boolean"},
        level={"type": "integer", "enum": list(LEVELS)},
        evidence=list_of(QUOTE),
        **({"rationale": TEXT} if track == "deep" else {}),
    )
    if track == "quick":
        return object_of(criteria=list_of(criterion), headline=TEXT)
    moment = {"type": "string", "enum": ["strength", "improvement"]}
    return object_of(
        criteria=list_of(criterion),
        strengths=list_of(object_of(point=TEXT, turn=TURN, quote=TEXT)),
        improvements=list_of(object_of(point=TEXT, suggestion=TEXT, turn=TURN)),
        key_moments=list_of(object_of(turn=TURN, type=moment, description=TEXT, quote=TEXT)),
        summary=TEXT,
        headline=TEXT,
    )
