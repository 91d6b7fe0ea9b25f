"""Text out of Markdown. Comments and raw HTML are left out: nobody who reads the page sees them."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .outline import Outline, Passage

_markdown = MarkdownIt("commonmark", {"maxNesting": 50}).enable("table")


def passages_of(text: str) -> list[Passage]:
    outline = Outline()
    row: list[str] | None = None
    rows: list[str] = []
    heading = 0
    for token in _markdown.parse(text):
        if token.type == "heading_open":
            heading = int(token.tag[1])
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            rows.append(" | ".join(cell for cell in row if cell))
            row = None
        elif token.type == "table_close":
            outline.paragraph("\n".join(rows))
            rows = []
        elif token.type == "inline":
            told = _inline(token.children or ())
            if heading:
                outline.heading(told, level=heading)
                heading = 0
            elif row is not None:
                row.append(told)
            else:
                outline.paragraph(told)
        elif token.type in {"fence", "code_block"}:
            outline.paragraph(token.content)
    return outline.passages()


def _inline(tokens: Sequence[Token]) -> str:
    told = []
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            told.append(" ")
        elif token.type in {"text", "code_inline"}:
            told.append(token.content)
        elif token.type == "image":
            told.append(_inline(token.children or ()))
    return "".join(told)
