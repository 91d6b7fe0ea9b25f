"""The transcript with its evidence marked: pure, no ORM."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start:end` of a turn that earned credit for the criterion of that name."""

    start: int
    end: int
    criterion: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of what was said; `criteria` are the names of what it is evidence for, none for plain text."""

    text: str
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Why the buyer answered so: `effect` on the buyer ("patience −6"), `detail` what caused it; one of them may be empty."""

    effect: str
    detail: str


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """One turn; `start_percent` and `width_percent` place it on the timeline (CSS lengths without the unit). `speaker`: who
    says it, where several people speak for the buyer's side."""

    id: str
    by_trainee: bool
    start_ms: int
    end_ms: int
    words: int
    segments: tuple[Segment, ...]
    notes: tuple[Note, ...]
    interrupted: bool
    start_percent: str
    width_percent: str
    speaker: str = ""


def segments_of(text: str, marks: Iterable[Mark]) -> tuple[Segment, ...]:
    """`text` cut where marks begin and end; joined again it is `text`. Marks may overlap."""
    kept = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    cuts = sorted({0, len(text), *(mark.start for mark in kept), *(mark.end for mark in kept)})
    return tuple(
        Segment(
            text=text[start:end],
            criteria=tuple(dict.fromkeys(mark.criterion for mark in kept if mark.start <= start and end <= mark.end)),
        )
        for start, end in itertools.pairwise(cuts)
    )


def notes_of(trace: Sequence[dict[str, Any]]) -> tuple[Note, ...]:
    """The engine's trace in words; entries that carry none explain nothing to a reader."""
    return tuple(
        Note(effect=str(entry.get("effect") or ""), detail=str(entry.get("detail") or ""))
        for entry in trace
        if isinstance(entry, dict) and (entry.get("effect") or entry.get("detail"))
    )


def percent(part: float, whole: float) -> str:
    """A CSS percentage without the sign, from 0 to 100, written with a point in every language."""
    return f"{min(100.0, max(0.0, 100 * part / whole if whole else 0)):.2f}"
