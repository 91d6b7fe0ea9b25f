"""Is something told that has to be found out? Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

SHARE = 0.6  # of a pain's telling words in one sentence give it away
LEAST_WORDS = 3  # telling words that a sentence must share with it
_WORD = re.compile(r"\w{4,}")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
# Long words that every sentence may have.
_COMMON = frozenset(
    (
        *("with", "that", "this", "from", "have", "they", "them", "their", "what", "when", "which", "every", "about"),
        *(
            "para",
            "porque",
            "cuando",
            "como",
            "esto",
            "esta",
            "este",
            "pero",
            "todo",
            "todos",
            "cada",
            "desde",
            "sobre",
        ),
    )
)


def words_of(text: str) -> frozenset[str]:
    """The longer words, less their endings, so that singular and plural are one."""
    return frozenset(word[:6] for word in _WORD.findall(text.casefold()) if word not in _COMMON)


def leaked(pain: str, told: str) -> str:
    """The sentence of `told` that gives the pain away; ""."""
    telling = words_of(pain)
    if not telling:
        return ""
    for sentence in _SENTENCE.split(told):
        shared = words_of(sentence) & telling
        if len(shared) >= LEAST_WORDS and len(shared) >= SHARE * len(telling):
            return sentence.strip()
    return ""


def leaks(buyer: Mapping[str, Any], told: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(path, sentence) of everything in `told` ((path, text) pairs) that gives away a hidden pain."""
    pains = [text for pain in buyer.get("hidden_pains", ()) for text in (pain["pain"], pain["reveal_text"])]
    return [(path, found) for path, text in told for pain in pains if (found := leaked(pain, text))]


def told_of(scenario: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the trainee hears or reads before asking anything."""
    names = ("title", "summary", "trainee_brief", "product", "goal", "next_step", "first_message")
    return [(name, str(scenario.get(name, ""))) for name in names]
