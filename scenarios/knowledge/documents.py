"""A file that somebody uploads, as passages of text. What a file is, its contents say; its name only tells texts apart."""

from __future__ import annotations

from pathlib import PurePath
from typing import IO

from django.conf import settings

from .reading import marked, pdf, plain, web, word
from .reading.outline import Passage, cleaned
from .reading.refusals import Refused

__all__ = ["Passage", "Refused", "kind_of", "plain_text", "text_of"]

PDF_HEAD = 1024  # a PDF's mark may stand a little way in
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MARKDOWN_NAMES = (".md", ".markdown", ".mdown")
WEB_NAMES = (".html", ".htm", ".xhtml")
WEB_BEGINNINGS = ("<!doctype html", "<html")


def text_of(file: IO[bytes] | bytes, name: str) -> list[Passage]:
    """The passages of a PDF, Word, Markdown, HTML or plain text file, in their order; at least one.

    Raises `Refused` (an `InvalidInput`) with a sentence for whoever uploaded it: too large, no text, a password, damaged,
    made to unpack without end, or of no kind that is read.
    """
    content = read_limited(file)
    kind = kind_of(content, name)
    if kind == "pdf":
        found = pdf.passages_of(content)
    elif kind == "docx":
        found = word.passages_of(content)
    else:
        text = plain.decoded(content)
        readers = {"md": marked.passages_of, "html": web.passages_of, "txt": plain.passages_of}
        found = readers[kind](text)
    if not found:
        raise Refused("empty")
    return found


def read_limited(file: IO[bytes] | bytes) -> bytes:
    """Raises `Refused` for more than `KNOWLEDGE_MAX_BYTES`, without reading further."""
    most: int = settings.KNOWLEDGE_MAX_BYTES
    content = file if isinstance(file, bytes) else file.read(most + 1)
    if len(content) > most:
        raise Refused("too_large")
    if not content.strip():
        raise Refused("empty")
    return content


def kind_of(content: bytes, name: str) -> str:
    """ "pdf", "docx", "md", "html" or "txt". Raises `Refused` for what can be seen from outside to be of no use."""
    if b"%PDF-" in content[:PDF_HEAD]:
        if pdf.needs_password(content):
            raise Refused("password")
        return "pdf"
    if content.startswith(b"PK\x03\x04"):
        if word.is_word(content):
            return "docx"
        raise Refused("unknown")
    if content.startswith(OLD_OFFICE):
        raise Refused("old_word")
    text = plain.decoded(content)
    suffix = PurePath(name.strip().lower()).suffix
    if suffix in MARKDOWN_NAMES:
        return "md"
    if suffix in WEB_NAMES or text.lstrip()[:20].lower().startswith(WEB_BEGINNINGS):
        return "html"
    return "txt"


def plain_text(passages: list[Passage]) -> str:
    """Everything as one text, headings on lines of their own."""
    told: list[str] = []
    heading = ""
    for passage in passages:
        if passage.heading and passage.heading != heading:
            told.append(passage.heading)
        heading = passage.heading
        told.append(passage.text)
    return cleaned("\n\n".join(told))
