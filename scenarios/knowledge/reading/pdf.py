"""Text out of a PDF. Headings are told by their size, since a PDF knows no headings."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from .outline import HEADING_CHARACTERS, Outline, Passage, cleaned
from .refusals import MOST_PAGES, Refused, broken

LARGER = 1.15  # than the usual size of letters
LEAST_ON_A_PAGE = 20  # characters, on average; below it the pages are pictures
_NEXT_ITEM = re.compile(r"\n(?=(?:[-*•–—▪◦·]|\d{1,2}[.)]) )")
_BROKEN_WORD = re.compile(r"(\w)[-\u00ad]\n(?=[a-záéíóúüñ])")


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    size: float  # of its largest letters, in points


def passages_of(content: bytes) -> list[Passage]:
    """Raises `Refused`."""
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("password")
        if len(reader.pages) > MOST_PAGES:
            raise Refused("too_long")
        pages = [_lines(page) for page in reader.pages]
    except Refused:
        raise
    except Exception as error:  # nobody can list how a damaged file breaks its reader
        raise broken(error) from None
    characters = sum(len(line.text) for lines in pages for line in lines)
    if pages and characters < LEAST_ON_A_PAGE * len(pages):
        raise Refused("scan")
    return _outlined(pages)


def needs_password(content: bytes) -> bool:
    """Looks at the file's outline only; a damaged one is found out later."""
    try:
        reader = PdfReader(BytesIO(content))
        return reader.is_encrypted and not reader.decrypt("")
    except Exception as error:
        broken(error)
        return False


def _lines(page: Any) -> list[Line]:
    """The page's lines in reading order; an empty line ends a paragraph."""
    pieces: list[tuple[str, float]] = []

    def note(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        scale = abs(tm[3]) or abs(tm[0]) or 1.0
        pieces.append((text, (size or 0.0) * scale))

    text = page.extract_text(visitor_text=note) or ""
    sizes: dict[str, float] = {}
    for piece, size in pieces:
        for part in piece.split("\n"):
            name = " ".join(part.split())
            if name:
                sizes[name] = max(size, sizes.get(name, 0.0))
    return [Line(line.strip(), sizes.get(" ".join(line.split()), 0.0)) for line in text.split("\n")]


def _outlined(pages: list[list[Line]]) -> list[Passage]:
    outline = Outline()
    usual = _usual_size(pages)
    levels = _levels(pages, usual)
    repeated = _repeated(pages)
    for number, lines in enumerate(pages, start=1):
        outline.page(number)
        paragraph: list[str] = []
        for line in lines:
            if line.text in repeated:
                continue
            level = levels.get(round(line.size, 1)) if len(line.text) <= HEADING_CHARACTERS else None
            if line.text and level is None:
                paragraph.append(line.text)
                continue
            _end(outline, paragraph)
            if line.text and level is not None:
                outline.heading(line.text, level=level)
        _end(outline, paragraph)
    return outline.passages()


def _end(outline: Outline, paragraph: list[str]) -> None:
    """Lines that the page's width broke become one; the items of a list keep a line each."""
    text = cleaned(_BROKEN_WORD.sub(r"\1", "\n".join(paragraph)))
    items = (" ".join(item.split("\n")) for item in _NEXT_ITEM.split(text))
    outline.paragraph("\n".join(items))
    paragraph.clear()


def _usual_size(pages: list[list[Line]]) -> float:
    written: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            written[round(line.size, 1)] += len(line.text)
    return written.most_common(1)[0][0] if written else 0.0


def _levels(pages: list[list[Line]], usual: float) -> dict[float, int]:
    """Sizes of letters that are headings → level; the largest is 1."""
    if usual <= 0:
        return {}
    larger = {round(line.size, 1) for lines in pages for line in lines if line.text and line.size > LARGER * usual}
    return {size: level for level, size in enumerate(sorted(larger, reverse=True), start=1)}


def _repeated(pages: list[list[Line]]) -> set[str]:
    """Running heads and feet: the same short line on nearly every page, or a page's bare number."""
    found: Counter[str] = Counter(
        name for lines in pages for name in {line.text for line in lines if 0 < len(line.text) <= HEADING_CHARACTERS}
    )
    numbers = {name for name in found if name.isdecimal() and len(name) <= 4}
    if len(pages) < 4:
        return numbers
    return numbers | {name for name, count in found.items() if count >= 0.8 * len(pages)}
