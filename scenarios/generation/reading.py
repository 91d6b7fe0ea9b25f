"""A playbook as numbered passages, short enough to be cited one by one. What speaks to a machine is set aside and told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from scenarios.knowledge.documents import Refused, text_of
from scenarios.knowledge.reading.outline import Passage

from .phrases import INSTRUCTIONS, SENTENCE

MOST_CHARACTERS = 120_000  # of a playbook; what comes later is left out, and said so
MOST_PASSAGES = 400
LEAST_WORDS = 12  # in the whole file
LONGEST = 700  # characters of one passage
QUOTE = 160

_BULLET = re.compile(r"^\s*(?:[-*•–—▪◦]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Playbook:
    """`passages`: paragraphs and list items in their order. `set_aside`: sentences that instruct a machine, word for word.
    `cut`: was it too long to be read to its end?"""

    passages: tuple[Passage, ...] = ()
    set_aside: tuple[str, ...] = ()
    cut: bool = False

    def to_json(self) -> dict[str, Any]:
        passages = [{"heading": one.heading, "text": one.text, "page": one.page} for one in self.passages]
        return {"passages": passages, "set_aside": list(self.set_aside), "cut": self.cut}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Playbook:
        passages = tuple(Passage(one["text"], one["heading"], one.get("page", 0)) for one in data.get("passages", ()))
        return cls(passages, tuple(data.get("set_aside", ())), bool(data.get("cut", False)))


def read_playbook(file: IO[bytes] | bytes, name: str) -> Playbook:
    """Raises `InvalidInput` for a file of no kind that is read, a damaged or an empty one, and one of a few words: a draft of
    it would be made up from end to end."""
    passages = text_of(file, name)
    if sum(len(passage.text.split()) for passage in passages) < LEAST_WORDS:
        raise Refused("too_little")
    return playbook_of(passages)


def playbook_of(sections: Iterable[Passage]) -> Playbook:
    """Sections under headings, cut into paragraphs and list items."""
    kept: list[Passage] = []
    aside: list[str] = []
    size, cut = 0, False
    for section in sections:
        for piece in _pieces(section.text):
            clean, flagged = without_instructions(piece)
            aside += flagged
            if not clean:
                continue
            size += len(clean)
            if size > MOST_CHARACTERS or len(kept) >= MOST_PASSAGES:
                cut = True
                break
            kept.append(Passage(clean, section.heading, section.page))
    return Playbook(tuple(kept), tuple(aside), cut)


def without_instructions(text: str) -> tuple[str, list[str]]:
    """The text without the sentences that speak to a machine, and those sentences."""
    if not INSTRUCTIONS.search(text):
        return text, []
    kept: list[str] = []
    flagged: list[str] = []
    for sentence in SENTENCE.split(text):
        (flagged if INSTRUCTIONS.search(sentence) else kept).append(sentence.strip())
    return " ".join(kept).strip(), [sentence[:QUOTE] for sentence in flagged]


def _pieces(text: str) -> list[str]:
    """Paragraphs, list items and rows of tables; a long paragraph between two of its sentences."""
    pieces: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        listed = sum(1 for line in lines if _BULLET.match(line) or " | " in line)
        parts = lines if listed * 2 >= len(lines) > 1 else [" ".join(lines)]
        for part in parts:
            pieces += _shorter(_BULLET.sub("", part))
    return pieces


def _shorter(text: str) -> list[str]:
    if len(text) <= LONGEST:
        return [text] if text.strip() else []
    pieces, current = [], ""
    for sentence in SENTENCE.split(text):
        if current and len(current) + len(sentence) > LONGEST:
            pieces.append(current)
            current = ""
        current = f"{current} {sentence}".strip()[: 2 * LONGEST]
    return [*pieces, current] if current else pieces
