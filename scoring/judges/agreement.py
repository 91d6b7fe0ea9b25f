"""Do two statements of one subject agree? In figures with what they count, in how often, and in yes and no.

Yes and no are held word by word: in "no funciona sin conexión" it does not work, and it does not do without a connection.
"""

from __future__ import annotations

import re
from functools import lru_cache

from scoring.lexicon import STEM, Lexicon, lexicon
from scoring.transcripts import REMEMBERED, words_of

from .figures import measured_in

REACH = 3  # words behind "without" that it takes away
_NO = {
    "en": re.compile(r"\b(?:no|not(?! (?:only|just))|never|none|cannot|\w+n't)\b"),
    "es": re.compile(r"\b(?:no(?! (?:sol[oa]|solamente))|nunca|jamas|ningun[oa]?|tampoco)\b"),
}
_WITHOUT = {"en": "without", "es": "sin"}
_SEGMENT = re.compile(r"[,;:]+")
_HOW_OFTEN = {
    "en": re.compile(r"\b(?:per|an?|each|every)\s+(?:\w+\s+and\s+)?(minute|hour|day|week|month|quarter|year)\b"),
    "es": re.compile(r"\b(?:al|por|cada|a la)\s+(?:\w+\s+y\s+)?(minuto|hora|dia|semana|mes|trimestre|ano)\b"),
}


def agrees(said: str, written: str, rules: Lexicon) -> bool:
    """`said` claims nothing that `written` says otherwise; both folded. A figure that only one of them has is no
    contradiction, one that differs is."""
    if _contradicts(_signs(said, rules.language), _signs(written, rules.language)):
        return False
    mine, theirs = measured_in(said, rules.language), measured_in(written, rules.language)
    if not theirs or not mine:
        return True
    how_often = [set(_HOW_OFTEN[rules.language].findall(text)) for text in (said, written)]
    if all(how_often) and not how_often[0] & how_often[1]:
        return False
    return all(any(one.same_as(other) for other in theirs) for one in mine)


def _contradicts(mine: dict[str, tuple[bool, bool]], theirs: dict[str, tuple[bool, bool]]) -> bool:
    """Of the words that both have: what one does without and the other does not decides; else the most of them."""
    shared = mine.keys() & theirs.keys()
    differing = {word for word in shared if mine[word][0] != theirs[word][0]}
    if any(mine[word][1] or theirs[word][1] for word in differing):
        return True
    return len(differing) > len(shared) - len(differing)


@lru_cache(maxsize=REMEMBERED)
def _signs(folded: str, language: str) -> dict[str, tuple[bool, bool]]:
    """Of each word of the subject, by its stem: is it denied, and does it stand behind a "without"?

    A "no" holds for what stands between the same commas, and for all of it where nothing else stands there ("it is not so:
    …", "we don't, as of today, …"); a bare "No," answers somebody and denies nothing."""
    rules = lexicon(language)
    denials = {stem for no in _NO[language].findall(folded) for stem in rules.topics(no)}
    segments = [(text, words_of(text), rules.topics(text) - denials) for text in _SEGMENT.split(folded)]
    no = _NO[language].search
    all_of_it = any(no(text) and not topics and len(words) > 1 for text, words, topics in segments)
    found: dict[str, tuple[bool, bool]] = {}
    for text, words, topics in segments:
        denied = all_of_it or no(text) is not None
        taken = {
            word[:STEM]
            for place, one in enumerate(words)
            if one == _WITHOUT[language]
            for word in words[place + 1 : place + 1 + REACH]
        }
        for stem in topics:
            found.setdefault(stem, (denied != (stem in taken), stem in taken))
    return found
