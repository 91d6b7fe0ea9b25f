"""From the record of a call to its technical faults, and whether the attempt may count. Pure: the same record gives the
same answer.

A *fault window* is a stretch of the call that is nobody's merit or failure. It is taken out of every metric of time. Whether
the whole attempt is void is decided by the rules in `_verdict`; both are explained in docs/flight-record.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from rapidfuzz import fuzz

Kind = Literal["stall", "line_lost", "restart", "provider_fault", "echo", "unclear_speech"]
Blame = Literal["provider", "line", "parley"]

# A shorter pause is a buyer who thinks; a longer one is kept for the record.
STALL_MS = 3000
STALL_VOIDS_MS = 4000
LINE_VOIDS_MS = 2000
LINE_VOIDS_TIMES = 2
RESTART_VOIDS_MS = 2000
FAULTS_VOID_TIMES = 2  # of those that did not end the session
# Closed on purpose: the page was left or reloaded. That is no fault of the line.
LEFT_CODES = frozenset({1000, 1001})
# What a vendor calls an error and is not one of theirs.
NO_FAULTS = frozenset({"max_duration_exceeded", "invalid_message", "safety_violation", "client_disconnected"})

ECHO_WORDS = 6
ECHO_LIKENESS = 90  # of 100
ECHOES_VOID_TIMES = 2

UNCLEAR_BELOW = 0.35  # the recogniser's own estimate
UNCLEAR_SHARE = 0.5  # of the trainee's words
UNCLEAR_LEAST_TURNS = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A turn. Times in ms of the call; `confidence` 0–1, None where nobody estimated it."""

    by_trainee: bool
    content: str
    start_ms: int
    end_ms: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """An event of the record."""

    type: str
    at_ms: int
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class FaultWindow:
    """A stretch of the call that went wrong, and on whose side."""

    from_ms: int
    to_ms: int
    kind: Kind
    blame: Blame

    @property
    def length_ms(self) -> int:
        return self.to_ms - self.from_ms

    @property
    def is_misheard(self) -> bool:
        """Were words taken down that nobody said so?"""
        return self.kind in {"echo", "unclear_speech"}

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "from_ms": self.from_ms, "to_ms": self.to_ms, "blame": self.blame}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` is the worst thing that happened where the attempt is void, else empty; `ms` how long it lasted at its
    longest, `times` how often it happened."""

    kind: Kind | Literal[""] = ""
    blame: Blame | Literal[""] = ""
    ms: int = 0
    times: int = 0

    @property
    def is_void(self) -> bool:
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class Assessment:
    """The faults of a call in order of time, and what they mean for the attempt."""

    windows: tuple[FaultWindow, ...] = ()
    verdict: Verdict = field(default_factory=Verdict)


def assess(marks: Sequence[Mark], turns: Sequence[Said], *, end_ms: int, end_reason: str = "") -> Assessment:
    """`marks` and `turns` in order, of a call that ended at `end_ms` for `end_reason`."""
    found = [*_stalls(marks), *_no_first_word(marks, turns, end_ms), *_line_losses(marks, end_ms), *_restarts(marks)]
    found += [*_provider_faults(marks, turns, end_ms), *_echoes(turns), *_unclear(turns)]
    windows = tuple(sorted(item for item in (_clipped(item, end_ms) for item in found) if item is not None))
    return Assessment(windows, _verdict(windows, marks, turns, end_reason))


def _clipped(window: FaultWindow, end_ms: int) -> FaultWindow | None:
    start, stop = max(0, window.from_ms), min(window.to_ms, end_ms)
    return FaultWindow(start, stop, window.kind, window.blame) if start <= stop else None


# -- windows ----------------------------------------------------------------------------------------------------------
def _stalls(marks: Iterable[Mark]) -> Iterator[FaultWindow]:
    blame: Blame = "provider"
    for mark in marks:
        if mark.type == "session:opened":
            blame = _whose(mark)
        elif mark.type == "stall":
            yield FaultWindow(int(mark.data["from_ms"]), int(mark.data["to_ms"]), "stall", blame)


def _no_first_word(marks: Sequence[Mark], turns: Sequence[Said], end_ms: int) -> Iterator[FaultWindow]:
    """The buyer opens a call. One who never said a word kept the trainee waiting, until these spoke or left. A first word
    that was only late is no fault: what came before it is in no metric, and disturbed nobody in anything."""
    opened = next((mark for mark in marks if mark.type == "session:opened"), None)
    if opened is None or not all(turn.by_trainee for turn in turns):
        return
    left = (mark.at_ms for mark in marks if mark.type == "line:lost")
    until = min((end_ms, *left, *(turn.start_ms for turn in turns)))
    if until - opened.at_ms >= STALL_MS:
        yield FaultWindow(opened.at_ms, until, "stall", _whose(opened))


def _whose(opened: Mark) -> Blame:
    """The silence of a session is whose engine speaks in it."""
    return "parley" if opened.data.get("provider") == "embedded" else "provider"


def _line_losses(marks: Iterable[Mark], end_ms: int) -> Iterator[FaultWindow]:
    lost: int | None = None
    for mark in marks:
        if mark.type == "line:lost":
            lost = None if mark.data.get("code") in LEFT_CODES else mark.at_ms
        elif lost is not None and mark.type in {"line:back", "line:taken_over", "session:opened"}:
            yield FaultWindow(lost, mark.at_ms, "line_lost", "line")
            lost = None
    if lost is not None:
        yield FaultWindow(lost, end_ms, "line_lost", "line")


def _restarts(marks: Iterable[Mark]) -> Iterator[FaultWindow]:
    """A call that was taken up again although nobody had let go of it: the process that held it had died."""
    opened = False
    for mark in marks:
        if mark.type == "session:opened":
            if opened and mark.data.get("unheld_ms"):
                yield FaultWindow(mark.at_ms - int(mark.data["unheld_ms"]), mark.at_ms, "restart", "parley")
            opened = True


def _provider_faults(marks: Iterable[Mark], turns: Sequence[Said], end_ms: int) -> Iterator[FaultWindow]:
    """A fault that the call went on from takes no time of its own; the wait that it caused is a stall."""
    first_ms = turns[0].start_ms if turns else end_ms
    for mark in marks:
        if _is_before_the_talk(mark, turns) or mark.data.get("covered"):
            continue
        if mark.type == "provider:fault" and mark.data.get("error_type") not in NO_FAULTS:
            yield FaultWindow(
                mark.at_ms, end_ms if mark.data.get("fatal") else mark.at_ms, "provider_fault", "provider"
            )
        elif mark.type == "provider:switched" and mark.at_ms > first_ms:
            yield FaultWindow(mark.at_ms, mark.at_ms, "provider_fault", "provider")


def _echoes(turns: Sequence[Said]) -> Iterator[FaultWindow]:
    """The buyer's own words, taken down as the trainee's while the buyer was still speaking: the microphone heard the
    loudspeaker."""
    for index, turn in enumerate(turns):
        words = _plain(turn.content)
        if not turn.by_trainee or len(words.split()) < ECHO_WORDS:
            continue
        for other in turns[max(0, index - 2) : index + 2]:
            overlaps = other.start_ms <= turn.start_ms < other.end_ms
            if not other.by_trainee and overlaps and fuzz.partial_ratio(words, _plain(other.content)) >= ECHO_LIKENESS:
                yield FaultWindow(turn.start_ms, turn.end_ms, "echo", "line")
                break


def _unclear(turns: Iterable[Said]) -> Iterator[FaultWindow]:
    for turn in turns:
        if _is_unclear(turn):
            yield FaultWindow(turn.start_ms, turn.end_ms, "unclear_speech", "line")


def _is_unclear(turn: Said) -> bool:
    return turn.by_trainee and turn.confidence is not None and turn.confidence < UNCLEAR_BELOW


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


# -- the verdict ------------------------------------------------------------------------------------------------------
def _verdict(windows: Sequence[FaultWindow], marks: Sequence[Mark], turns: Sequence[Said], end_reason: str) -> Verdict:
    """May the attempt count? The first rule that says no decides."""
    by_kind = {kind: [item for item in windows if item.kind == kind] for kind in get_args(Kind)}
    rules: tuple[tuple[Kind, bool], ...] = (
        ("provider_fault", _session_died(marks, turns, end_reason)),
        ("restart", _nobody_held_it(marks, end_reason)),
        ("restart", _longest(by_kind["restart"]) >= RESTART_VOIDS_MS),
        ("line_lost", _line_stayed_away(marks, end_reason)),
        ("line_lost", _longest(by_kind["line_lost"]) >= LINE_VOIDS_MS),
        ("line_lost", len(by_kind["line_lost"]) >= LINE_VOIDS_TIMES),
        ("stall", _longest(by_kind["stall"]) >= STALL_VOIDS_MS),
        ("provider_fault", len(by_kind["provider_fault"]) >= FAULTS_VOID_TIMES),
        ("echo", len(by_kind["echo"]) >= ECHOES_VOID_TIMES),
        ("unclear_speech", _mostly_unclear(turns)),
    )
    for kind, broken in rules:
        if broken:
            found = by_kind[kind]
            blame = max(found, key=lambda item: item.length_ms).blame if found else "parley"
            return Verdict(kind, blame, _longest(found), len(found))
    return Verdict()


def _longest(windows: Iterable[FaultWindow]) -> int:
    return max((item.length_ms for item in windows), default=0)


def _is_before_the_talk(mark: Mark, turns: Sequence[Said]) -> bool:
    """A service that could not be reached, and another that spoke in its place: nobody was disturbed in anything."""
    return bool(turns) and mark.at_ms <= turns[0].start_ms


def _session_died(marks: Iterable[Mark], turns: Sequence[Said], end_reason: str) -> bool:
    """The voice service ended the call without a goodbye."""
    fatal = any(
        mark.type == "provider:fault"
        and mark.data.get("fatal")
        and mark.data.get("error_type") not in NO_FAULTS
        and not _is_before_the_talk(mark, turns)
        for mark in marks
    )
    return fatal or (end_reason == "provider_closed" and _was_held(marks))


def _nobody_held_it(marks: Iterable[Mark], end_reason: str) -> bool:
    """The line did not come back, and nobody saw it go: the process that held it had died."""
    seen = any(mark.type == "line:lost" for mark in marks)
    return end_reason == "connection_lost" and _was_held(marks) and not seen


def _was_held(marks: Iterable[Mark]) -> bool:
    """Did the voice go through us? Of a call straight to a vendor nobody here can say how it ended."""
    return any(mark.type == "session:opened" for mark in marks)


def _line_stayed_away(marks: Iterable[Mark], end_reason: str) -> bool:
    """The call ended because the line did not come back, and nobody had closed it on purpose."""
    lost = [mark for mark in marks if mark.type == "line:lost"]
    return end_reason == "connection_lost" and bool(lost) and lost[-1].data.get("code") not in LEFT_CODES


def _mostly_unclear(turns: Iterable[Said]) -> bool:
    spoken = [turn for turn in turns if turn.by_trainee and turn.confidence is not None]
    words = sum(len(turn.content.split()) for turn in spoken)
    unclear = sum(len(turn.content.split()) for turn in spoken if _is_unclear(turn))
    return len(spoken) >= UNCLEAR_LEAST_TURNS and unclear >= UNCLEAR_SHARE * words
