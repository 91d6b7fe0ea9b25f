"""What every reader fills: paragraphs below the headings that they stand under."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from scenarios.knowledge.reading.refusals import MOST_CHARACTERS, Refused

HEADING_CHARACTERS = 120
BETWEEN_HEADINGS = " › "
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")
# Joins emoji and is needed by some scripts.
_KEPT_FORMAT_CHARACTERS = {"\u200c", "\u200d"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document under one heading. `heading`: "Prices › Discounts", "" before the first one. `page`: from 1
    where the format has pages, else 0."""

    text: str
    heading: str = ""
    page: int = 0


def cleaned(text: str) -> str:
    """One spelling for each letter, no control or invisible characters, single spaces; line breaks stay."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n\n"))
    text = "".join(
        character
        for character in text
        if character in "\n\t" or character in _KEPT_FORMAT_CHARACTERS or unicodedata.category(character)[0] != "C"
    )
    text = "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n"))
    return _LINES.sub("\n\n", text).strip()


class Outline:
    """Collects passages. `level` of a heading: 1 is the highest."""

    def __init__(self) -> None:
        self._headings: list[tuple[int, str]] = []
        self._paragraphs: list[str] = []
        self._page = 0
        self._size = 0
        self._passages: list[Passage] = []

    def heading(self, text: str, *, level: int) -> None:
        title = " ".join(cleaned(text).split())[:HEADING_CHARACTERS]
        if not title:
            return
        self._close()
        self._headings = [(other, name) for other, name in self._headings if other < level]
        self._headings.append((level, title))

    def paragraph(self, text: str) -> None:
        text = cleaned(text)
        if not text:
            return
        self._size += len(text)
        if self._size > MOST_CHARACTERS:
            raise Refused("too_long")
        self._paragraphs.append(text)

    def page(self, number: int) -> None:
        """What follows stands on this page."""
        self._close()
        self._page = number

    def passages(self) -> list[Passage]:
        self._close()
        return self._passages

    def _close(self) -> None:
        if self._paragraphs:
            heading = BETWEEN_HEADINGS.join(name for _level, name in self._headings)
            self._passages.append(Passage("\n\n".join(self._paragraphs), heading, self._page))
            self._paragraphs = []
