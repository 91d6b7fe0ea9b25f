"""The figures in a sentence, in digits or in words, and what they count: "thirty days", "30 days" and "1,500" are 30 days,
30 days and 1500."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from scoring.transcripts import REMEMBERED

# "one" and "uno" are left out: they mostly point at something ("the one that…").
_UNITS = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho "
    "diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho "
    "veintinueve",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
}
_HUNDREDS = {
    "en": {"hundred": 100},
    "es": {
        "cien": 100,
        "ciento": 100,
        "doscientos": 200,
        "trescientos": 300,
        "cuatrocientos": 400,
        "quinientos": 500,
        "seiscientos": 600,
        "setecientos": 700,
        "ochocientos": 800,
        "novecientos": 900,
    },
}
_THOUSANDS = {"en": {"thousand": 1000, "million": 1_000_000}, "es": {"mil": 1000, "millon": 10**6, "millones": 10**6}}
_JOINING = {"en": {"and"}, "es": {"y"}}
# A share of a hundred is no hundred.
_PERCENT = re.compile(r"\bpor cien(?:to)?\b")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")


# What is counted, as (kind, how many of the kind's smallest). Two weeks are fourteen days; how long a month is nobody knows.
_MEASURES: dict[str, dict[str, tuple[str, int]]] = {
    "en": {
        **{"minute": ("time", 1), "hour": ("time", 60), "day": ("time", 1440), "week": ("time", 10080)},
        **{"month": ("months", 1), "quarter": ("months", 3), "year": ("months", 12)},
        **{"euro": ("euros", 1), "dollar": ("dollars", 1), "pound": ("pounds", 1), "percent": ("percent", 1)},
    },
    "es": {
        **{"minuto": ("time", 1), "hora": ("time", 60), "dia": ("time", 1440), "semana": ("time", 10080)},
        **{"mes": ("months", 1), "trimestre": ("months", 3), "ano": ("months", 12)},
        **{"euro": ("euros", 1), "dolar": ("dollars", 1), "libra": ("pounds", 1)},
    },
}
_PLURAL = {"en": re.compile(r"s$"), "es": re.compile(r"(?<=[lrs])es$|(?<=[aeo])s$")}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what it counts, where that is known: `kind` "time" in minutes, "months", a currency, or ""."""

    value: Fraction
    kind: str = ""
    size: int = 1

    def same_as(self, other: Figure) -> bool:
        """Seven days are a week; forty of something are forty euros, and are not thirty."""
        if not self.kind or not other.kind:
            return self.value == other.value
        return self.kind == other.kind and self.value * self.size == other.value * other.size


@lru_cache(maxsize=REMEMBERED)
def figures_in(folded: str, language: str) -> frozenset[Fraction]:
    """The bare figures of a sentence in lower case without accents; `language` is "en" or "es"."""
    return frozenset(figure.value for figure in measured_in(folded, language))


@lru_cache(maxsize=REMEMBERED)
def measured_in(folded: str, language: str) -> frozenset[Figure]:
    """The same with what they count."""
    small = {word: value for value, word in enumerate(_UNITS[language].split(), start=2)}
    small |= {word: 10 * value for value, word in enumerate(_TENS[language].split(), start=2)}
    hundreds, thousands = _HUNDREDS[language], _THOUSANDS[language]
    found: set[Figure] = set()
    total, running, open_ = 0, 0, False
    decimal: Fraction | None = None

    def close(token: str) -> None:
        nonlocal total, running, open_, decimal
        value = decimal if decimal is not None else Fraction(total + running) if open_ else None
        if value is not None:
            found.add(Figure(value, *_measure(token, language)))
        total, running, open_, decimal = 0, 0, False, None

    for token in _TOKEN.findall(_PERCENT.sub(" ", folded)):
        if token[0].isdigit():
            close("")
            value = _digits(token)
            if value.denominator == 1:  # "30 thousand" goes on
                running, open_ = int(value), True
            else:
                decimal = value
        elif token in small:
            if not _fits(running, small[token]):
                close("")
            running, open_ = running + small[token], True
        elif token in hundreds:
            running = max(running, 1) * 100 if language == "en" else running + hundreds[token]
            open_ = True
        elif token in thousands and open_:
            total, running = total + max(running, 1) * thousands[token], 0
        elif not (open_ and running >= 20 and token in _JOINING[language]):
            close(token)
    close("")
    return frozenset(found)


def _measure(word: str, language: str) -> tuple[str, int]:
    known = _MEASURES[language]
    return known.get(word) or known.get(_PLURAL[language].sub("", word)) or ("", 1)


def _fits(running: int, value: int) -> bool:
    """May this word go on with the number so far? "Twenty five" is one number, "two four" are two."""
    if running == 0 or running % 100 == 0:
        return True
    return value < 10 and running % 10 == 0


def _digits(token: str) -> Fraction:
    """ "1,500" and "1.500" are fifteen hundred, "2.5" and "2,5" two and a half."""
    if _GROUPED.fullmatch(token):
        return Fraction(re.sub("[.,]", "", token))
    whole, _point, rest = token.replace(",", ".").partition(".")
    return Fraction(f"{whole}.{rest.replace('.', '')}") if rest else Fraction(whole)
