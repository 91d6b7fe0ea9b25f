"""Speech as it comes out of a recogniser, made comparable: no case, no accents, no apostrophes."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 4000  # characters of one turn that are read; nobody speaks longer without a breath
TAG_WORDS = 1  # "…, ¿verdad?"

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+|(?=¿)")
_NOT_WORD = re.compile(r"[^\w%€$£]+")
_APOSTROPHES = re.compile(r"['’‘`´]")


def plain(text: str) -> str:
    """Lower case words with single spaces: "¿Qué tal?" → "que tal", "I don't." → "i dont"."""
    text = _APOSTROPHES.sub("", text.lower())
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", text).strip()


def sentences(text: str) -> tuple[str, ...]:
    """The text cut after . ! ? … and before ¿, without empty pieces; ", ¿verdad?" stays where it hangs."""
    pieces: list[str] = []
    for piece in (piece.strip() for piece in _SENTENCE_END.split(text[:LONGEST])):
        words = len(plain(piece).split())
        if words and piece.startswith("¿") and words <= TAG_WORDS and pieces and pieces[-1].endswith(","):
            pieces[-1] += f" {piece}"
        elif words:
            pieces.append(piece)
    return tuple(pieces)


def stem(word: str) -> str:
    """Crude: enough for "deliveries" ≈ "delivery" and "retrasos" ≈ "retraso"."""
    for ending, keep in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + keep
    return word


def content_words(text: str, stopwords: frozenset[str]) -> frozenset[str]:
    """Stems of the words that carry meaning."""
    return frozenset(stem(word) for word in plain(text).split() if word not in stopwords and len(word) > 2)
