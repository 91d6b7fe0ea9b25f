"""Everything about a running call that the buyer remembers, as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

FORMAT = 1


@dataclass(slots=True)
class ObjectionState:
    """`status`: waiting, raised, explored (they asked what is behind it), hardened, resolved."""

    status: str = "waiting"
    credit: int = 0
    acknowledged: bool = False
    ignored: int = 0
    raised_turn: int = 0
    settled_turn: int = 0

    @property
    def is_open(self) -> bool:
        return self.status in {"raised", "explored", "hardened"}


@dataclass(slots=True)
class CallState:
    patience: int = 50
    trust: int = 50
    interest: int = 50
    turn: int = 0
    last_line: str = ""
    line_before: str = ""
    last_heard: str = ""
    active: str = ""  # key of the objection on the table
    objections: dict[str, ObjectionState] = field(default_factory=dict)
    pains: dict[str, int] = field(default_factory=dict)  # key → turn in which it was told
    facts: dict[str, int] = field(default_factory=dict)  # topic → how often told
    introduced: bool = False
    reason_given: bool = False
    questions: int = 0
    question_run: int = 0
    pitches: int = 0
    pitch_run: int = 0
    general_asks: int = 0
    closes_refused: int = 0
    soft_yes: bool = False
    committed_turn: int = 0
    pending: str = ""  # what the buyer asked back and waits to hear
    asked_back: dict[str, int] = field(default_factory=dict)
    felt: dict[str, int] = field(default_factory=dict)  # rule → how often it fired
    lines: dict[str, int] = field(default_factory=dict)  # pool → how often drawn from
    rudeness: int = 0
    unclear_run: int = 0
    silences: int = 0
    warned_patience: bool = False
    warned_time: bool = False
    ended_reason: str = ""
    ended_outcome: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CallState:
        """Raises ValueError when the state was written by a format this code does not read."""
        if data.get("format") != FORMAT:
            raise ValueError(f"engine state of format {data.get('format')!r}, expected {FORMAT}")
        known = {item.name for item in fields(cls)}
        values: dict[str, Any] = {
            key: dict(value) if isinstance(value, dict) else value for key, value in data.items() if key in known
        }
        values["objections"] = {key: ObjectionState(**value) for key, value in dict(data.get("objections", {})).items()}
        return cls(**values)
