"""The metrics of a call as they stood when each turn had been said: the last point is what the score shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from calls.flight.faults import FaultWindow
from scoring.lexicon import lexicon
from scoring.transcripts import TranscriptTurn

from . import timing
from .fillers import count_fillers
from .questions import questions_in


@dataclass(frozen=True, slots=True)
class Point:
    """`at_ms`: the end of the turn, on the call's clock. Shares in percent, pace in words a minute, times in ms; None where
    there is nothing yet to measure it by."""

    at_ms: int
    talk_percent: int | None
    pace_wpm: int | None
    questions: int
    open_questions: int
    fillers: int
    interruptions: int
    response_ms: int | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def progress_of(
    turns: Sequence[TranscriptTurn], *, language: str, spoken: bool = True, faults: Sequence[FaultWindow] = ()
) -> list[Point]:
    """One point a turn, in order, by the same functions as `measure`."""
    rules = lexicon(language)
    heard = timing.heard_right(turns, faults)
    timed = timing.undisturbed(heard, faults)
    questions = list(questions_in(heard, rules))
    points: list[Point] = []
    at_ms = 0
    for number, turn in enumerate(heard, start=1):
        at_ms = max(at_ms, turn.end_ms)
        so_far = timed[:number]
        asked = [item for item in questions if item.sentence.turn.seq <= turn.seq]
        points.append(
            Point(
                at_ms=at_ms,
                talk_percent=timing.talk_share(so_far, spoken=spoken)[0],
                pace_wpm=timing.pace(so_far, spoken=spoken),
                questions=len(asked),
                open_questions=sum(1 for item in asked if item.kind == "open"),
                fillers=sum(count_fillers(heard[:number], rules).values()),
                interruptions=sum(timing.interruptions(so_far)),
                response_ms=timing.middle(timing.response_latencies(so_far)) if spoken else None,
            )
        )
    return points
