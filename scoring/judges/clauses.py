"""The statements that one sentence makes: "the pilot is free, and support answers in two hours" makes two.

No grammar is at hand, so a conjunction parts a sentence only where both sides are long enough to say something, and where the
first one's "no" could not be meant for the second as well ("we do not work with hotels and small restaurants").
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from scoring.transcripts import Sentence, count_words, words_of

from .figures import figures_in

SHORTEST = 3  # words of a clause
_JOINS = {
    "en": re.compile(r"\s*[,;–]\s*(?:and|but|while|whereas|yet)\s+|\s*;\s+|\s+(?:and|but|while|whereas)\s+"),
    "es": re.compile(
        r"\s*[,;–]\s*(?:y|e|pero|mientras que|aunque|sino que)\s+|\s*;\s+|\s+(?:y|e|pero|mientras que|aunque)\s+"
    ),
}
# Behind these, or in front of somebody who does something, a statement of its own begins.
_CONTRARY = re.compile(r"[,;–]|\b(?:but|while|whereas|yet|pero|mientras|aunque|sino)\b")
_SOMEBODY = {
    "en": re.compile(r"(?:i|we|you|he|she|it|they|there|this|that)\b"),
    "es": re.compile(r"(?:yo|nosotros|usted|ustedes|ellos|ellas|esto|eso|se|nos|les?)\b"),
}
# A "no" of a verb reaches over what is listed behind it; "without" and "none" do not.
_REACHING = {
    "en": re.compile(r"\b(?:no|not|never|cannot|\w+n't)\b"),
    "es": re.compile(r"\b(?:no|nunca|jamas|tampoco)\b"),
}


def clauses_of(sentence: Sentence, language: str) -> tuple[Sentence, ...]:
    """The sentence's statements, as stretches of the same turn, or the sentence itself where it makes one."""
    folded = sentence.folded
    cuts = [(0, 0)]
    for join in _JOINS[language].finditer(folded):
        if _parts(folded[cuts[-1][1] : join.start()], join.group(), folded[join.end() :], language):
            cuts.append(join.span())
    if len(cuts) == 1:
        return (sentence,)
    cuts.append((len(folded), len(folded)))
    return tuple(_stretch(sentence, one[1], two[0]) for one, two in pairwise(cuts))


def _parts(before: str, join: str, behind: str, language: str) -> bool:
    if min(count_words(before), count_words(behind)) < SHORTEST:
        return False
    if figures_in(words_of(before)[-1], language) and figures_in(words_of(behind)[0], language):
        return False  # "thirty and forty", "treinta y cinco"
    if not _REACHING[language].search(before) or _REACHING[language].search(behind):
        return True
    return bool(_CONTRARY.search(join) or _SOMEBODY[language].match(behind))


def _stretch(sentence: Sentence, start: int, end: int) -> Sentence:
    return replace(
        sentence,
        start=sentence.start + start,
        end=sentence.start + end,
        text=sentence.text[start:end],
        folded=sentence.folded[start:end],
    )
