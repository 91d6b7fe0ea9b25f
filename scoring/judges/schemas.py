"""The shape a language model must answer in: a JSON schema per rubric and track, strict (all required, nothing else)."""

from __future__ import annotations

from typing import Any

from scenarios.briefs import RubricSpec

from .base import Track

LEVELS = (0, 1, 2, 3, 4)
STEP = 25  # points per level
MAX_TEXT = 600


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


TEXT: dict[str, Any] = {"type": "string"}
TURN: dict[str, Any] = {"type": "integer"}
QUOTE = _object(turn=TURN, quote=TEXT)


def schema_for(rubric: RubricSpec, track: Track) -> dict[str, Any]:
    criterion = _object(
        key={"type": "string", "enum": [item.key for item in rubric.criteria]},
        applicable={"type": "boolean"},
        level={"type": "integer", "enum": list(LEVELS)},
        evidence=_list(QUOTE),
        **({"rationale": TEXT} if track == "deep" else {}),
    )
    if track == "quick":
        return _object(criteria=_list(criterion), headline=TEXT)
    moment = {"type": "string", "enum": ["strength", "improvement"]}
    return _object(
        criteria=_list(criterion),
        strengths=_list(_object(point=TEXT, turn=TURN, quote=TEXT)),
        improvements=_list(_object(point=TEXT, suggestion=TEXT, turn=TURN)),
        key_moments=_list(_object(turn=TURN, type=moment, description=TEXT, quote=TEXT)),
        summary=TEXT,
        headline=TEXT,
    )
