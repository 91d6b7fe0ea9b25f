"""Cuts what a buyer says into pieces that are spoken one by one. Pure.

Short pieces are heard sooner and can be cached; a piece never ends inside a number, an abbreviation or a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SENTENCE_PAUSE_MS = 220
CLAUSE_PAUSE_MS = 110
LONGEST = 160  # characters; a longer sentence is cut at its clauses
FIRST_CLAUSE = (8, 40)  # characters of an opening clause worth speaking before the rest of its sentence is ready

ABBREVIATIONS = frozenset(
    ["mr", "mrs", "ms", "dr", "st", "vs", "etc", "approx", "inc", "ltd", "no", "sr", "sra", "srta", "dra", "ud", "uds"]
)
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]»]*\s+(?=\S)")
_CLAUSE_END = re.compile(r"[,;:—–]\s+(?=\S)")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """`pause_ms`: the silence that follows when another piece comes after it."""

    text: str
    pause_ms: int


def sentences(text: str) -> list[str]:
    """The sentences of a text, whitespace made single."""
    flat = _SPACE.sub(" ", text).strip()
    found, start = [], 0
    for end in _SENTENCE_END.finditer(flat):
        if flat[end.start()] == "." and _is_abbreviation(flat[start : end.start()]):
            continue
        found.append(flat[start : end.end()].strip())
        start = end.end()
    found.append(flat[start:].strip())
    return [sentence for sentence in found if any(char.isalnum() for char in sentence)]


def pieces(text: str) -> list[Piece]:
    """The text as pieces, a sentence each; a very long sentence in clauses."""
    out: list[Piece] = []
    for sentence in sentences(text):
        parts = [sentence] if len(sentence) <= LONGEST else clauses(sentence)
        out += [Piece(part, CLAUSE_PAUSE_MS) for part in parts[:-1]]
        out.append(Piece(parts[-1], SENTENCE_PAUSE_MS))
    return out


def opening(piece: Piece) -> list[Piece]:
    """A piece with its opening clause split off, when that is short enough to be heard much sooner than the whole."""
    shortest, longest = FIRST_CLAUSE
    for end in _CLAUSE_END.finditer(piece.text):
        if shortest <= end.end() <= longest and len(piece.text) - end.end() >= shortest:
            return [
                Piece(piece.text[: end.end()].strip(), CLAUSE_PAUSE_MS),
                Piece(piece.text[end.end() :], piece.pause_ms),
            ]
    return [piece]


def clauses(sentence: str) -> list[str]:
    """The clauses of a sentence, joined again as far as they fit into `LONGEST`."""
    cuts = [end.end() for end in _CLAUSE_END.finditer(sentence)]
    parts = [sentence[a:b] for a, b in zip([0, *cuts], [*cuts, len(sentence)], strict=True)]
    out = [parts[0]]
    for part in parts[1:]:
        if len(out[-1]) + len(part) <= LONGEST:
            out[-1] += part
        else:
            out.append(part)
    return [part.strip() for part in out]


def _is_abbreviation(before: str) -> bool:
    word = before.rsplit(" ", 1)[-1].lower().lstrip("(\"'“¿¡")
    return word in ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word not in {"i", "a", "y", "o"})
