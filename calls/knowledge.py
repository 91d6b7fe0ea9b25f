"""What a buyer knows, found by a question: for a vendor's agent that has a tool to look things up.

What it knows by heart comes first: the facts and the backstory, which may be told to anybody who asks. What really hurts has
to be earned, and is not here. Then the organisation's documents, as far as buyers may know them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, connection
from django_tenants.utils import schema_context

from integrations.embeddings.base import Encoder
from integrations.speech.sentences import sentences
from scenarios.briefs import PersonaBrief
from scenarios.knowledge import retrieval
from scenarios.knowledge.hostile import without_hostile

logger = structlog.get_logger(__name__)

MOST_QUERY_CHARACTERS = 500
MOST_ANSWERS = 2
MOST_FROM_DOCUMENTS = 320  # characters: it is spoken
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


def documents_say(query: str) -> str:
    """The beginning of the passage that answers best, in whole sentences; "" where no document is about it.

    Without what speaks to a model: it goes to a vendor's agent as the answer of a tool, and no fence stands around that.
    """
    found = retrieval.search(query[:MOST_QUERY_CHARACTERS], count=1, for_buyers=True)
    if not found:
        return ""
    told = ""
    for sentence in sentences(without_hostile(found[0].text)):
        if told and len(told) + len(sentence) > MOST_FROM_DOCUMENTS:
            break
        told = f"{told} {sentence}".strip()
    return told[: 2 * MOST_FROM_DOCUMENTS]


def documents_say_in(schema_name: str, query: str) -> str:
    """The same for a thread that is nobody's: with a connection of its own, which is given back. "" where the database is
    away: then a buyer knows only what it knows by heart."""
    try:
        with schema_context(schema_name):
            return documents_say(query)
    except DatabaseError as error:
        logger.warning("documents could not be asked", error_type=type(error).__name__)
        return ""
    finally:
        connection.close()


def words(text: str) -> set[str]:
    """The words that carry meaning, without their endings: "budgets" is about the budget."""
    return {
        word.rstrip("s")[:7] for word in re.findall(r"\w+", text.lower()) if word not in SMALL_WORDS and len(word) > 2
    }


def _share(asked: set[str], known: set[str]) -> float:
    return len(asked & known) / len(asked) if asked else 0.0
