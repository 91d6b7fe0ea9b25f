"""Text out of a Word file (.docx)."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import Any

import docx
from docx.table import Table

from .outline import Outline, Passage
from .refusals import MOST_ENTRIES, MOST_UNPACKED, Refused, broken

MAIN_PART = "word/document.xml"
_HEADING = re.compile(r"\A(?:heading|título|titulo)\s*(\d)", re.IGNORECASE)


def is_word(content: bytes) -> bool:
    """Is this archive a Word file? Raises `Refused` for one that would unpack to more than any document holds."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise broken(error) from None
    # The sizes are what the archive says of itself; zipfile stops reading an entry where it said too little.
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Refused("bomb")
    return any(entry.filename == MAIN_PART for entry in entries)


def passages_of(content: bytes) -> list[Passage]:
    """Raises `Refused`."""
    outline = Outline()
    try:
        for block in docx.Document(BytesIO(content)).iter_inner_content():
            if isinstance(block, Table):
                _table(outline, block)
            else:
                _paragraph(outline, block)
    except Refused:
        raise
    except Exception as error:  # nobody can list how a damaged file breaks its reader
        raise broken(error) from None
    return outline.passages()


def _paragraph(outline: Outline, paragraph: Any) -> None:
    style = str(paragraph.style.name or "") if paragraph.style is not None else ""
    match = _HEADING.match(style)
    if style == "Title":
        outline.heading(paragraph.text, level=1)
    elif match:
        outline.heading(paragraph.text, level=int(match[1]) + 1)
    else:
        outline.paragraph(paragraph.text)


def _table(outline: Outline, table: Any) -> None:
    """One line a row. A cell that spans several columns is told once."""
    rows = []
    for row in table.rows:
        cells: list[str] = []
        for cell in row.cells:
            text = " ".join(cell.text.split())
            if text and (not cells or cells[-1] != text):
                cells.append(text)
        rows.append(" | ".join(cells))
    outline.paragraph("\n".join(row for row in rows if row))
