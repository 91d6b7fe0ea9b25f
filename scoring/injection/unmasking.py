"""Text as a reader takes it in, whatever it was disguised as, with the way back to the places it was found in.

Invisible characters are dropped, look-alikes of other alphabets become the Latin letter they look like, "1gn0re" becomes
"ignore", and "i-g-n-o-r-e" is read as one word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from confusable_homoglyphs import confusables

_DIGITS_AS_LETTERS = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
# A word with both: "1gn0re", "pr0mpt". Not "100points" or "b2b": figures before letters are a figure.
_MIXED = re.compile(r"(?<![^\W_])(?=[\w@$]*[a-z])(?=[\w@$]*[013457@$])(?!\d{2,}[a-z]+\b)[\w@$]{4,}")
# Four single letters or more with little between them: "i g n o r e", "I.G.N.O.R.E.", "r - u - b - r - i - c".
_SPELLED = re.compile(r"(?<![^\W_])[^\W\d_](?:[ \t]{0,3}[-.,_*·•/|]?[ \t]{0,3}[^\W\d_](?![^\W_])){3,}")
_SMALL_CAPITAL = "LATIN LETTER SMALL CAPITAL "
_MARKS = re.compile(r"[.,;:!?¡¿…\n\r\t\"“”«»()*_|/-]+")


@dataclass(frozen=True, slots=True)
class View:
    """One reading of a text: `text[i]` stands at `places[i]` of the original."""

    text: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` is in the original, as (start, end)."""
        return self.places[start], self.places[end - 1] + 1


def unmasked(text: str) -> View:
    """Lower case, Latin, nothing invisible; punctuation as it was."""
    if text.isascii():
        plain = View(text.lower(), range(len(text)))
    else:
        pairs = [(letter, place) for place, char in enumerate(text) for letter in _seen_as(char)]
        plain = _view(pairs)
    for match in list(_MIXED.finditer(plain.text)):
        word = match.group().translate(_DIGITS_AS_LETTERS)
        plain = View(plain.text[: match.start()] + word + plain.text[match.end() :], plain.places)
    return plain


def spelled_words(view: View) -> Iterable[View]:
    """Each stretch of single letters, read without what stands between them: "i g n o r e t h e" → "ignorethe"."""
    for match in _SPELLED.finditer(view.text):
        pairs = [(view.text[place], view.places[place]) for place in range(*match.span()) if view.text[place].isalpha()]
        yield _view(pairs)


def joined(view: View) -> View:
    """Without punctuation and line breaks: for what was cut in pieces so that no single sentence says it."""
    pairs: list[tuple[str, int]] = []
    for char, place in zip(_MARKS.sub(lambda found: " " * len(found.group()), view.text), view.places, strict=True):
        if char != " " or (pairs and pairs[-1][0] != " "):
            pairs.append((char, place))
    return _view(pairs)


def _view(pairs: Sequence[tuple[str, int]]) -> View:
    return View("".join(char for char, _place in pairs), [place for _char, place in pairs])


@cache
def _seen_as(char: str) -> str:
    """What the eye makes of a character: "" for an invisible one, a Latin letter for its look-alike."""
    category = unicodedata.category(char)
    if category in {"Cf", "Mn", "Me"} or char in "\u115f\u1160\u3164\uffa0\u034f":
        return ""
    if char in "’‘ʼ´`":
        return "'"
    base = unicodedata.normalize("NFKD", char)[:1]
    if base.isascii():
        return base.lower()
    name = unicodedata.name(base, "")
    if name.startswith(_SMALL_CAPITAL) and len(name) == len(_SMALL_CAPITAL) + 1:
        return name[-1].lower()
    found = confusables.is_confusable(base, greedy=True, preferred_aliases=["latin"]) or []
    twins = [twin["c"] for entry in found for twin in entry["homoglyphs"]]
    latin = next((twin for twin in twins if len(twin) == 1 and twin.isascii() and twin.isalpha()), "")
    return (latin or base).lower()
