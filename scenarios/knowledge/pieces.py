"""Passages cut into pieces that are about one thing, and the words by which full text search finds them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db.models import Value
from semantic_text_splitter import TextSplitter

from integrations.speech.sentences import sentences

from .documents import Passage
from .reading.outline import BETWEEN_HEADINGS

# Characters. A question is a sentence: against a whole page its vector says little, against a line it says too much.
SMALLEST, LARGEST = 280, 640
MOST_PIECES = 8000  # of one document
MOST_SENTENCES = 12  # of one piece
CONFIGURATIONS = {"en": "english", "es": "spanish"}


@dataclass(frozen=True, slots=True)
class Piece:
    position: int
    heading: str
    text: str
    page: int


def meanings(heading: str, text: str, *, by_sentence: bool) -> list[str]:
    """What is turned into vectors: the piece, or each of its sentences.

    With the heading, since a piece without it often does not say what it is about. A small encoder knows sentences: in a
    paragraph the one that answers is drowned by the others.
    """
    if not by_sentence:
        return [f"{heading}. {text}" if heading else text]
    about = heading.rpartition(BETWEEN_HEADINGS)[2]
    said = sentences(text)[:MOST_SENTENCES] or [text]
    return [f"{about}. {sentence}" if about else sentence for sentence in said]


@cache
def _splitter() -> TextSplitter:
    return TextSplitter((SMALLEST, LARGEST))


def cut(passages: Iterable[Passage]) -> list[Piece]:
    """Pieces in the order of the document. A short passage is a piece of its own, so that none is under two headings."""
    pieces: list[Piece] = []
    for passage in passages:
        for text in _splitter().chunks(passage.text):
            if text.strip():
                pieces.append(Piece(len(pieces), passage.heading, text.strip(), passage.page))
            if len(pieces) >= MOST_PIECES:
                return pieces
    return pieces


def plain_letters(text: str) -> str:
    """Without accents: who types in a hurry leaves them out, and then the stems of a word differ."""
    return "".join(
        letter for letter in unicodedata.normalize("NFD", text) if unicodedata.category(letter) != "Mn"
    ).lower()


def search_vector(piece: Piece, language: str) -> Any:
    """An expression for `Chunk.search`; words of the heading weigh more."""
    configuration = CONFIGURATIONS.get(language, "simple")
    return SearchVector(Value(plain_letters(piece.heading)), config=configuration, weight="A") + SearchVector(
        Value(plain_letters(piece.text)), config=configuration, weight="B"
    )
