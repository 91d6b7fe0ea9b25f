"""Which words speak to a judge or a model, and where.

What is found counts for nothing: never evidence, never shown to a model, always shown to people. A rule can err in both
directions. That is measured: `scoring.gates` attacks and provokes each judge and reports lift and drift.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from scoring.transcripts import REMEMBERED, TranscriptTurn, sentences_of

from .phrases import ENGLISH, MARKUP, RUN_TOGETHER, SPANISH, SPELLED_ALONE, STRONG
from .unmasking import View, joined, spelled_words, unmasked

Speakers = Literal["trainee", "buyer", "anyone"]
EDGE = 160  # characters on either side of a turn's border in which a sentence cut in two is looked for

_RULES: dict[str, re.Pattern[str]] = {
    **{
        kind: re.compile("|".join(f"(?:{rule})" for rule in (*ENGLISH[kind], *SPANISH[kind])), re.MULTILINE)
        for kind in ENGLISH
    },
    "markup": re.compile("|".join(f"(?:{rule})" for rule in MARKUP)),
}
_TOGETHER = re.compile("|".join(f"(?:{rule})" for rule in RUN_TOGETHER))
_ALONE = re.compile("|".join(f"(?:{rule})" for rule in SPELLED_ALONE))


@dataclass(frozen=True, slots=True)
class Hit:
    """A stretch of a text, `text[start:end]`, and the kind of rule that found it."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A sentence that speaks to a judge: `text == turn.content[start:end]`."""

    turn: TranscriptTurn
    start: int
    end: int
    text: str
    kind: str


def flagged_in(turns: Iterable[TranscriptTurn], *, by: Speakers = "trainee") -> list[Flag]:
    """The sentences that instruct a judge or a model, in order. `by`: whose."""
    ordered = [turn for turn in turns if by == "anyone" or turn.by_trainee == (by == "trainee")]
    found: dict[tuple[str, int], Flag] = {}
    for turn in ordered:
        for hit in hits_in(turn.content):
            _note(found, turn, hit)
    for by_trainee in (True, False):
        for before, after in itertools.pairwise(turn for turn in ordered if turn.by_trainee is by_trainee):
            for turn, hit in _across(before, after):
                _note(found, turn, hit)
    place = {turn.id: index for index, turn in enumerate(ordered)}
    return sorted(found.values(), key=lambda flag: (place[flag.turn.id], flag.start))


def without_flagged(text: str, *, instead: str) -> str:
    """A document or a note with every sentence that speaks to a judge replaced by `instead`."""
    page = TranscriptTurn("document", 0, "user", text, 0, 0)
    return cut(text, [(flag.start, flag.end) for flag in flagged_in([page])], instead=instead)


def without_words_to_judges(turns: Sequence[TranscriptTurn]) -> tuple[TranscriptTurn, ...]:
    """The same turns with spaces where somebody speaks to a judge, so that every other word stays in its place."""
    blanks: dict[str, str] = {}
    for flag in flagged_in(turns, by="anyone"):
        said = blanks.get(flag.turn.id, flag.turn.content)
        blanks[flag.turn.id] = said[: flag.start] + " " * (flag.end - flag.start) + said[flag.end :]
    return tuple(replace(turn, content=blanks[turn.id]) if turn.id in blanks else turn for turn in turns)


def cut(text: str, spans: Sequence[tuple[int, int]], *, instead: str) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + instead + text[end:]
    return text


@lru_cache(maxsize=REMEMBERED)
def hits_in(text: str) -> tuple[Hit, ...]:
    """What in a text speaks to a judge, as found by the rules; stretches may overlap."""
    view = unmasked(text)
    hits = [_to_the_end(hit, text) if hit.kind == "markup" else hit for hit in _found(view, _RULES)]
    spelled = list(spelled_words(view))
    for word in spelled:
        hits += _found(word, {"spelled": _TOGETHER, "spelled_alone": _ALONE})
    if spelled:
        # Letters in one stretch, words in another ("i g n o r e the r u b r i c"): read the whole turn without its gaps.
        squeezed = [(char, place) for char, place in zip(view.text, view.places, strict=True) if char.isalpha()]
        together = View("".join(char for char, _ in squeezed), [place for _, place in squeezed])
        hits += _found(together, {"spelled": _TOGETHER})
    elif not hits:
        hits += _found(joined(view), {kind: _RULES[kind] for kind in STRONG})
    return tuple(hits)


def _found(view: View, rules: dict[str, re.Pattern[str]]) -> list[Hit]:
    return [
        Hit(*view.span(start, match.end()), kind)
        for kind, rule in rules.items()
        for match in rule.finditer(view.text)
        if (start := _first_letter(view.text, match)) < match.end()
    ]


def _first_letter(text: str, match: re.Match[str]) -> int:
    """Where a match begins without the full stop before it, which is another sentence's."""
    start = match.start()
    while start < match.end() and (text[start].isspace() or text[start] in ".,;:!?"):
        start += 1
    return start


def _to_the_end(hit: Hit, text: str) -> Hit:
    """Nobody speaks in tags and braces: what follows them on the line was written for a machine, too."""
    end = text.find("\n", hit.end)
    return Hit(hit.start, len(text) if end < 0 else end, hit.kind)


def _across(before: TranscriptTurn, after: TranscriptTurn) -> list[tuple[TranscriptTurn, Hit]]:
    """An order that begins in one turn and ends in the same speaker's next."""
    tail = max(len(before.content) - EDGE, 0)
    return [
        (turn, Hit(hit.start + tail, hit.end + tail, hit.kind) if turn is before else hit)
        for side, hit in _over_the_edge(before.content[tail:], after.content[:EDGE])
        for turn in [before if side == 0 else after]
    ]


@lru_cache(maxsize=REMEMBERED)
def _over_the_edge(tail: str, head: str) -> tuple[tuple[int, Hit], ...]:
    if not tail or not head:
        return ()
    border = len(tail) + 1
    found: list[tuple[int, Hit]] = []
    for hit in _found(joined(unmasked(f"{tail} {head}")), {kind: _RULES[kind] for kind in STRONG}):
        if hit.start < len(tail) and hit.end > border:
            found.append((0, Hit(hit.start, len(tail), hit.kind)))
            found.append((1, Hit(0, hit.end - border, hit.kind)))
    return tuple(found)


def _note(found: dict[tuple[str, int], Flag], turn: TranscriptTurn, hit: Hit) -> None:
    """The sentences that a hit touches; the hit itself where no sentence does."""
    touched = [(item.start, item.end) for item in sentences_of(turn) if item.start < hit.end and hit.start < item.end]
    for start, end in touched or [(hit.start, hit.end)]:
        found.setdefault((turn.id, start), Flag(turn, start, end, turn.content[start:end], hit.kind))
