"""How the embedded judge words what it found, in the language of the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import en, es
from .lines import Line

_SIGNALS: dict[str, Mapping[str, Line]] = {"en": en.SIGNALS, "es": es.SIGNALS}
_PHRASES: dict[str, Mapping[str, str]] = {"en": en.PHRASES, "es": es.PHRASES}


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's lines. Every language has the same ones (a test holds it)."""

    language: str
    signals: Mapping[str, Line]
    phrases: Mapping[str, str]

    def say(self, phrase: str, **facts: str | int) -> str:
        return self.phrases[phrase].format(**facts)


def wording(language: str) -> Wording:
    """The lines in a language ("es", "es-MX"); English where it is not known."""
    code = language.lower().split("-")[0]
    code = code if code in _SIGNALS else "en"
    return Wording(language=code, signals=_SIGNALS[code], phrases=_PHRASES[code])


LANGUAGES = tuple(_SIGNALS)

__all__ = ["LANGUAGES", "Line", "Wording", "wording"]
