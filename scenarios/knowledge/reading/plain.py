"""Text out of plain text, in whatever encoding it came."""

from __future__ import annotations

import re

import charset_normalizer

from .outline import Outline, Passage
from .refusals import Refused

BINARY_SHARE = 0.02  # of control characters; more than that is no text
# What English and Spanish texts that are not UTF-8 come in. Among all the world's encodings a short text fits several.
ENCODINGS = ["cp1252", "mac_roman", "utf_16", "utf_16_le", "utf_16_be", "utf_32"]
_PARAGRAPHS = re.compile(r"\n\s*\n")
_UNDERLINE = re.compile(r"\A([=\-])\1{2,}\Z")


def decoded(content: bytes) -> str:
    """Raises `Refused` for what is no text in any encoding."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = charset_normalizer.from_bytes(content[:200_000], cp_isolation=ENCODINGS).best()
        if best is None:
            raise Refused("unknown") from None
        text = content.decode(best.encoding, "replace")
    control = sum(1 for character in text[:20_000] if ord(character) < 32 and character not in "\n\r\t\x0c")
    if control > BINARY_SHARE * min(len(text), 20_000):
        raise Refused("unknown")
    return text


def passages_of(text: str) -> list[Passage]:
    """A line that is underlined with = or - is a heading."""
    outline = Outline()
    for block in _PARAGRAPHS.split(text.replace("\r\n", "\n")):
        lines = block.strip().split("\n")
        if len(lines) >= 2 and (match := _UNDERLINE.match(lines[1].strip())):
            outline.heading(lines[0], level=1 if match[1] == "=" else 2)
            lines = lines[2:]
        outline.paragraph("\n".join(lines))
    return outline.passages()
