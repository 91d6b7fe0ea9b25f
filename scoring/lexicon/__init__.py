"""What trainees and buyers say, as phrase rules per language. Matched on folded text (lower case, no accents)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from scoring.transcripts import REMEMBERED, words_of

from . import en, es

FALLBACK = "en"
_SOURCES: dict[str, Mapping[str, tuple[str, ...]]] = {"en": en.PHRASES, "es": es.PHRASES}
_PACE = {"en": en.PACE_WPM, "es": es.PACE_WPM}
_COMMON = {"en": en.COMMON, "es": es.COMMON}
STEM = 5  # letters: enough to see "delivery" in "deliveries", in both languages


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Compiled rules of one language. Every language has the same concepts (a test holds it)."""

    language: str
    rules: Mapping[str, re.Pattern[str]]
    pace_wpm: tuple[int, int]

    def has(self, concept: str, folded: str) -> bool:
        return _found(self.language, concept, folded)

    def count(self, concept: str, folded: str) -> int:
        return sum(1 for _match in self.rules[concept].finditer(folded))

    def all(self, concept: str, folded: str) -> list[str]:
        return [match.group() for match in self.rules[concept].finditer(folded)]

    def topics(self, folded: str) -> frozenset[str]:
        """The stems of the words that carry the subject."""
        return _topics(self.language, folded)


@lru_cache(maxsize=65_536)
def _found(language: str, concept: str, folded: str) -> bool:
    return lexicon(language).rules[concept].search(folded) is not None


@lru_cache(maxsize=REMEMBERED)
def _topics(language: str, folded: str) -> frozenset[str]:
    common = _COMMON[language]
    return frozenset(
        word[:STEM] for word in words_of(folded) if len(word) >= STEM and word not in common and word.isalpha()
    )


@cache
def lexicon(language: str) -> Lexicon:
    """The rules of a language ("es", "es-MX"); English where the language is not known."""
    code = language.lower().split("-")[0]
    if code not in _SOURCES:
        code = FALLBACK
    rules = {
        concept: re.compile("|".join(f"(?:{phrase})" for phrase in phrases))
        for concept, phrases in _SOURCES[code].items()
    }
    return Lexicon(language=code, rules=rules, pace_wpm=_PACE[code])


LANGUAGES = tuple(_SOURCES)
