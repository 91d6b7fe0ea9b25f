"""What a buyer knows by heart, found by a question: for a vendor's agent that has a tool to look things up.

Only what may be told to anybody who asks: the facts and the backstory. What really hurts has to be earned, and is not here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from integrations.embeddings.base import Encoder
from scenarios.briefs import PersonaBrief

MOST_QUERY_CHARACTERS = 500
MOST_ANSWERS = 2
# Likeness alone has no clean border between "about this" and "about something else", so shared words count beside it.
ENOUGH = 0.45
NEARLY_AS_GOOD = 0.1
WORD_SHARE = 0.6
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and any are as at by can do does for from has have how i in is it much many of on or our that the their they "
        "this to us we what when where which who why with you your like tell know "
        "al algún alguna con cuál cuando cuánto cuántos cuántas cómo de del dónde el en es está hay la las lo los me mi no "
        "nos o para por porque que qué quién se su sus tiene tienen un una usted y",
    )
)


@dataclass(frozen=True, slots=True)
class Known:
    """`topic` helps to find it, `text` is what is told."""

    topic: str
    text: str


def known_to(brief: PersonaBrief) -> list[Known]:
    """Every fact and every sentence of the backstory."""
    found = [Known(topic, f"{topic}: {answer}") for topic, answer in brief.facts.items()]
    found += [Known("", sentence) for sentence in SENTENCE_END.split(" ".join(brief.backstory.split())) if sentence]
    return found


def look_up(brief: PersonaBrief, query: str, *, encoder: Encoder) -> str:
    """The facts that answer the question best, as one line; "" when none is about it."""
    query = " ".join(query.split())[:MOST_QUERY_CHARACTERS]
    known = known_to(brief)
    if not query or not known:
        return ""
    vectors = encoder.encode([query, *(item.text for item in known)])
    asked = words(query)
    rated = sorted(
        (
            (float(vectors[0] @ vector) + WORD_SHARE * _share(asked, words(item.text)), item.text)
            for item, vector in zip(known, vectors[1:], strict=True)
        ),
        reverse=True,
    )
    best = rated[0][0]
    if best < ENOUGH:
        return ""
    return " ".join(text for rating, text in rated[:MOST_ANSWERS] if rating >= max(ENOUGH, best - NEARLY_AS_GOOD))


def words(text: str) -> set[str]:
    """The words that carry meaning, without their endings: "budgets" is about the budget."""
    return {
        word.rstrip("s")[:7] for word in re.findall(r"\w+", text.lower()) if word not in SMALL_WORDS and len(word) > 2
    }


def _share(asked: set[str], known: set[str]) -> float:
    return len(asked & known) / len(asked) if asked else 0.0
