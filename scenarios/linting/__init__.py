"""Is a rubric one that two people would judge alike? Rules that read its words and propose better ones.

Nothing is read or written here but what is passed in. Feelings and voices block publishing, and weights that do not add up;
the rest is a warning. docs/rubrics.md shows each rule with examples.
"""

from __future__ import annotations

from collections.abc import Sequence

from integrations.embeddings.base import Encoder

from . import english, spanish
from .duplicates import duplicates
from .findings import Changes, Draft, Finding
from .pieces import by_piece
from .rules import compound, feelings_and_voices, undefined, unobservable
from .weights import weights

RULES = (feelings_and_voices, unobservable, compound, undefined)
OF_A_PIECE = (feelings_and_voices, unobservable, undefined)
WORDS = {"en": english.WORDS, "es": spanish.WORDS}


def lint(items: Sequence[Draft], *, language: str, encoder: Encoder | None = None) -> list[Finding]:
    """What is found in a rubric's criteria, in their order. Without an encoder, duplicates are not looked for.

    The first rule that finds something in a criterion has the word, and the others only on other pieces of the definition:
    what is proposed for one place is no answer to two remarks.
    """
    words = WORDS.get(language, english.WORDS)
    found = [*weights(items)]
    for item in items:
        for rule in RULES:
            if findings := list(rule(item, words)):
                found += [*by_piece(findings[0], item, OF_A_PIECE, words), *findings[1:]]
                break
    if encoder is not None:
        found += duplicates(items, encoder)
    return found


__all__ = ["Changes", "Draft", "Finding", "lint"]
