"""How near something said is to something an author wrote: meaning by embeddings, plus the words they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calls.engine.text import content_words
from integrations.embeddings.base import Encoder

FEW_WORDS = 4  # sharing one word of two proves little
SHARED_WORDS = 0.25  # weight of shared words beside the cosine similarity


@dataclass(frozen=True, slots=True)
class Match:
    """`score` about −0.1 … 1.25; paraphrases reach 0.4–0.7, unrelated sentences stay below 0.3."""

    score: float
    hint: str = ""


NOTHING = Match(0.0)


class Matcher:
    def __init__(self, encoder: Encoder, stopwords: frozenset[str]) -> None:
        self._encoder = encoder
        self._stopwords = stopwords

    def prepare(self, texts: Sequence[str]) -> None:
        """Let the encoder remember texts that will be compared soon."""
        self._encoder.encode(texts)

    def meaning(self, text: str) -> int:
        """How many words of it carry meaning."""
        return len(content_words(text, self._stopwords))

    def best(self, said: Sequence[str], hints: Sequence[str]) -> Match:
        """The best pair of a sentence said and a hint. Rounded, so that the last bits of a float decide nothing."""
        if not said or not hints:
            return NOTHING
        cosines = self._encoder.encode(said) @ self._encoder.encode(hints).T
        said_words = [content_words(text, self._stopwords) for text in said]
        hint_words = [content_words(text, self._stopwords) for text in hints]
        best = NOTHING
        for row, words in enumerate(said_words):
            for column, wanted in enumerate(hint_words):
                smaller = max(FEW_WORDS, min(len(words), len(wanted)))
                shared = len(words & wanted) / smaller
                score = round(float(cosines[row, column]) + SHARED_WORDS * shared, 3)
                if score > best.score:
                    best = Match(score, hints[column])
        return best
