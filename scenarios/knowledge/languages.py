"""Which of our languages a text is in, by the small words that every sentence has."""

from __future__ import annotations

import re
from collections import Counter

from scenarios.models.versions import Language

SAMPLE = 20_000  # characters that are looked at
_WORDS = re.compile(r"[^\W\d_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(text))


SMALL_WORDS = {
    Language.ENGLISH: _words("the and of to in is that for it with as you are this be or not have from your"),
    Language.SPANISH: _words("de la que el en y los se del las por un para con no una su al lo es como más"),
}


def language_of(text: str, *, otherwise: str) -> str:
    """ "en" or "es"; `otherwise` where the text has too little of either."""
    words = Counter(_WORDS.findall(text[:SAMPLE].lower()))
    counted = {language: sum(words[word] for word in small) for language, small in SMALL_WORDS.items()}
    best = max(counted, key=lambda language: counted[language])
    return best.value if counted[best] >= 3 and counted[best] > 1.5 * min(counted.values()) else otherwise
