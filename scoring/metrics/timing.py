"""Who spoke how much, how fast, how long at a stretch, how soon, and over whom. Times in ms, shares in percent."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from calls.flight.faults import FaultWindow
from calls.flight.timeline import Span, merged, without
from scoring.transcripts import TranscriptTurn, count_words

MIN_SPOKEN_MS = 5_000  # less speech than this says nothing about pace
OVERLAP_MS = 300  # two people starting at once is not an interruption
MAX_LATENCY_MS = 60_000  # a longer gap is a pause or a dropped connection, not thinking


@dataclass(frozen=True, slots=True)
class Monologue:
    """The longest stretch in which only the trainee spoke."""

    turn_id: str
    timestamp_ms: int
    words: int
    spoken_ms: int


def heard_right(turns: Sequence[TranscriptTurn], faults: Sequence[FaultWindow]) -> list[TranscriptTurn]:
    """The turns less those of the trainee that were misheard: an echo of the buyer, or words nobody could understand."""
    misheard = {(item.from_ms, item.to_ms) for item in faults if item.is_misheard}
    return [turn for turn in turns if not (turn.by_trainee and (turn.start_ms, turn.end_ms) in misheard)]


def spans_of(faults: Sequence[FaultWindow]) -> list[Span]:
    return merged((item.from_ms, item.to_ms) for item in faults)


def undisturbed(turns: Sequence[TranscriptTurn], faults: Sequence[FaultWindow]) -> list[TranscriptTurn]:
    """The turns at the times they would have had if nothing had gone wrong: time that a fault took is nobody's."""
    spans = spans_of(faults)
    if not spans:
        return list(turns)
    return [replace(turn, start_ms=without(turn.start_ms, spans), end_ms=without(turn.end_ms, spans)) for turn in turns]


def _words(turns: Sequence[TranscriptTurn], *, trainee: bool) -> int:
    return sum(count_words(turn.content) for turn in turns if turn.by_trainee == trainee)


def _spoken(turns: Sequence[TranscriptTurn], *, trainee: bool) -> int:
    return sum(turn.spoken_ms for turn in turns if turn.by_trainee == trainee)


def talk_share(turns: Sequence[TranscriptTurn], *, spoken: bool) -> tuple[int | None, Literal["time", "words"]]:
    """The trainee's share of all talk in whole percent: of speaking time in a voice call, of words in a typed one."""
    mine, theirs = _spoken(turns, trainee=True), _spoken(turns, trainee=False)
    if spoken and mine and theirs:
        return round(100 * mine / (mine + theirs)), "time"
    mine, theirs = _words(turns, trainee=True), _words(turns, trainee=False)
    return (round(100 * mine / (mine + theirs)) if mine + theirs else None), "words"


def pace(turns: Sequence[TranscriptTurn], *, spoken: bool) -> int | None:
    """The trainee's words per minute of own speaking time; None when typed or below five seconds of speech."""
    spoken_ms = _spoken(turns, trainee=True)
    if not spoken or spoken_ms < MIN_SPOKEN_MS:
        return None
    return round(_words(turns, trainee=True) * 60_000 / spoken_ms)


def longest_monologue(turns: Sequence[TranscriptTurn]) -> Monologue | None:
    """Neighbouring turns of the trainee are one stretch. Longest by words, the first of equals."""
    best: Monologue | None = None
    run: list[TranscriptTurn] = []
    for turn in [*turns, None]:
        if turn is not None and turn.by_trainee:
            run.append(turn)
            continue
        if run:
            words = sum(count_words(item.content) for item in run)
            if best is None or words > best.words:
                best = Monologue(run[0].id, run[0].start_ms, words, sum(item.spoken_ms for item in run))
        run = []
    return best


def spoken_into(turns: Sequence[TranscriptTurn]) -> set[str]:
    """The ids of the buyer's turns after which the trainee's came: of these, one that broke off was cut into. A lost line,
    the end of the time and hanging up break a turn off as well, and nobody spoke into it then."""
    return {before.id for before, after in itertools.pairwise(turns) if not before.by_trainee and after.by_trainee}


def interruptions(turns: Sequence[TranscriptTurn]) -> tuple[int, int]:
    """(by the trainee, by the buyer). The trainee cut in where a buyer's turn was broken off and the trainee's came next;
    the buyer cut in where their turn began more than 0.3 s before the trainee's had ended."""
    answered = spoken_into(turns)
    by_trainee = sum(1 for turn in turns if turn.interrupted and turn.id in answered)
    by_buyer = sum(
        1
        for before, after in itertools.pairwise(turns)
        if before.by_trainee and not after.by_trainee and after.start_ms < before.end_ms - OVERLAP_MS
    )
    return by_trainee, by_buyer


def response_latencies(turns: Sequence[TranscriptTurn]) -> list[int]:
    """ms from the end of each buyer's turn to the trainee's answer; overlaps and gaps over a minute left out."""
    gaps = [
        after.start_ms - before.end_ms
        for before, after in itertools.pairwise(turns)
        if not before.by_trainee and after.by_trainee
    ]
    return [gap for gap in gaps if 0 <= gap <= MAX_LATENCY_MS]


def middle(values: Sequence[int]) -> int | None:
    return round(median(values)) if values else None


def percentile_90(values: Sequence[int]) -> int | None:
    """The smallest value that at least nine in ten do not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[-(-len(ordered) * 9 // 10) - 1]
