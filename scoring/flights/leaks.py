"""Is anything told that has to be earned, or that nobody may hear? Hidden pains, and what only the buyer is told."""

from __future__ import annotations

from typing import Any

from calls.engine.lexicon import lexicon
from calls.engine.matching import Matcher
from calls.engine.text import content_words, plain, sentences
from integrations.embeddings.base import Encoder
from scenarios.briefs import HiddenPain

from .findings import Finding
from .plans import Plan
from .simulator import Flown
from .trainees import ADVERSARIES

GIVES_AWAY = 0.72  # how near a sentence comes to a pain that was not told, as `calls.engine.matching` measures it
NEARER = 0.08  # what the trainee has just said themselves gives nothing away
MOST_OF_IT = 0.6  # share of the words of a pain that is as good as telling it
FEW_WORDS = 5
WORDS_IN_A_ROW = 8  # of what nobody may hear
QUOTED = 160


def leaks(plan: Plan, flown: Flown, *, encoder: Encoder) -> list[Finding]:
    """At most one finding for each pain, and one for instructions."""
    matcher = Matcher(encoder, lexicon(plan.language).stopwords)
    found: list[Finding] = []
    untold = {pain.key: pain for person in plan.people.values() for pain in person.hidden_pains}
    hidden = _hidden_runs(plan)
    heard: list[str] = []
    earns_nothing = flown.trainee == "poor" or flown.trainee in ADVERSARIES
    for turn in flown.turns:
        if turn.by_trainee:
            heard.append(turn.content)
            continue
        about: dict[str, Any] = {"trainee": flown.trainee, "seed": flown.seed, "seq": turn.seq}
        for entry in turn.trace:
            if entry["rule"] != "pain_revealed":
                continue
            pain = untold.pop(entry["subject"], None)
            if pain is not None and earns_nothing:
                asked = heard[-1][:QUOTED] if heard else ""
                found.append(Finding("pain_unearned", values={"pain": pain.pain, "asked": asked}, **about))
        for key, pain in list(untold.items()):
            if said := _gives_away(turn.content, pain, heard, matcher, lexicon(plan.language).stopwords):
                found.append(Finding("pain_leaked", values={"pain": pain.pain}, quote=said[:QUOTED], **about))
                del untold[key]
        if hidden and (said := _reads_out(turn.content, hidden)):
            found.append(Finding("instructions_leaked", quote=said[:QUOTED], **about))
            hidden = set()
    return found


def _gives_away(text: str, pain: HiddenPain, heard: list[str], matcher: Matcher, stopwords: frozenset[str]) -> str:
    secret = (pain.pain, pain.reveal_text)
    for piece in sentences(text):
        words = content_words(piece, stopwords)
        if len(words) < 2:
            continue
        for written in secret:
            wanted = content_words(written, stopwords)
            if len(wanted) >= FEW_WORDS and len(words & wanted) / len(wanted) >= MOST_OF_IT:
                return piece
        near = matcher.best((piece,), secret).score
        if near >= GIVES_AWAY and near > matcher.best(tuple(heard[-2:]), secret).score + NEARER:
            return piece
    return ""


def _hidden_runs(plan: Plan) -> set[str]:
    """Every run of words of what is written about the buyer and never said: the backstory, the goal, the instructions."""
    runs: set[str] = set()
    backstories = [person.backstory for person in plan.people.values()]
    for text in (plan.instructions, plan.brief.goal, *backstories):
        runs |= _runs(text)
    return runs


def _runs(text: str) -> set[str]:
    words = plain(text).split()
    return {" ".join(words[place : place + WORDS_IN_A_ROW]) for place in range(len(words) - WORDS_IN_A_ROW + 1)}


def _reads_out(text: str, hidden: set[str]) -> str:
    return text if _runs(text) & hidden else ""
