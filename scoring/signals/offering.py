"""Signals of opening, offering and closing."""

from __future__ import annotations

import re

from scoring.transcripts import Sentence

from .base import Finding, Reading, share

OPENING_TURNS = 3
REASON_TURNS = 4
FIT_LIKENESS = 0.5  # cosine to an authored pain or concern; unrelated sales talk stays below 0.4


# In writing a name shows itself: "Nadia Frost, ClaimBack." or "I'm Lena Voss, I build migrations." Transcripts without
# capital letters are left to the phrase rules.
_NAME = r"[A-ZÁÉÍÓÚÑÜ][\w'’-]+"
_NAMED = re.compile(
    rf"\b(?:I['’]m|I am|[Ss]oy|[Mm]e llamo|[Ll]e habla) {_NAME} {_NAME}\b"
    rf"|(?:^|[,;:] ){_NAME} {_NAME},?(?: (?:from|of|with|at|de|del))? {_NAME}(?=[.,;:!?]|$)"
)


def _names_oneself(call: Reading, sentence: Sentence) -> bool:
    """A name with its company, or after "I'm", that is not the buyer's own."""
    buyer = set(call.brief.name.split()) if call.brief else set()
    return any(not buyer.intersection(match.group().split()) for match in _NAMED.finditer(sentence.text))


def introduced_clearly(call: Reading) -> Finding:
    """Who is calling, from where, in the first three turns: 80; asking whether it suits, or why this buyer: 20 more."""
    opening = call.opening(OPENING_TURNS)
    known = call.having("introduction", among=opening)
    found = [item for item in opening if item in known or _names_oneself(call, item)]
    first = call.mine[0] if call.mine else None
    if not found:
        return Finding("introduced_clearly", 0, at=first)
    manners = call.having("permission", "relevance", "courtesy", among=opening)
    return Finding("introduced_clearly", 100 if manners else 80, (*found, *manners))


def stated_reason(call: Reading) -> Finding:
    """Why this call: 70 for a reason in the first four turns, 30 for tying it to this buyer."""
    opening = call.opening(REASON_TURNS)
    reasons = call.having("reason", among=opening)
    relevant = call.having("relevance", among=opening)
    value = (70 if reasons else 0) + (30 if relevant else 0)
    sentences = tuple(dict.fromkeys([*reasons, *relevant]))
    return Finding("stated_reason", value, sentences, at=call.mine[0] if call.mine else None)


def _fits(call: Reading, sentence: Sentence) -> bool:
    """Does this statement meet something the buyer said or needs?"""
    if call.picks_up(sentence):
        return True
    needs = [pain.pain for pain in call.brief.hidden_pains] if call.brief else []
    needs += [item.concern for item in call.brief.objections] if call.brief else []
    return call.likeness(sentence.text, needs) >= FIT_LIKENESS


def _statements(call: Reading, *concepts: str) -> list[Sentence]:
    asked = {(item.sentence.turn.id, item.sentence.start) for item in call.metrics.questions}
    return [item for item in call.having(*concepts) if (item.turn.id, item.start) not in asked and item.words >= 5]


def tied_value_to_need(call: Reading) -> Finding:
    """Statements of benefit that take up what this buyer said; two are full marks, one without the link is worth 30."""
    benefits = _statements(call, "value")
    tied = [item for item in benefits if call.lexicon.has("need_link", item.folded) and _fits(call, item)]
    half = [item for item in benefits if item not in tied and _fits(call, item)]
    value = share(len(tied) + 0.6 * len(half), 2)
    if not value and benefits:
        return Finding("tied_value_to_need", 30, tuple(benefits[:1]), at=benefits[0].turn)
    return Finding("tied_value_to_need", value, (*tied, *half), at=call.mine[-1] if call.mine else None)


def gave_evidence(call: Reading) -> Finding:
    """Customers, references, a pilot, figures of an effect: two are full marks. "Ten minutes of your time" proves nothing."""
    figures = [item for item in _statements(call, "figure") if call.lexicon.has("value", item.folded)]
    found = list(dict.fromkeys([*_statements(call, "proof"), *figures]))
    target = 1 if call.mode == "cold_call" else 2
    return Finding("gave_evidence", share(len(found), target), tuple(found), facts={"count": len(found)})


def product_fit(call: Reading) -> Finding:
    """Of what was said about the product, how much meets this buyer. Pitching before the first question costs half."""
    offered = _statements(call, "pitch", "value", "proof")
    boasts = [item for item in call.sentences if call.lexicon.has("overpromise", item.folded)]
    if not offered and not boasts:
        return Finding("product_fit", 0, applicable=False)
    fitting = [item for item in offered if _fits(call, item)]
    value = share(len(fitting), max(2, 0.7 * (len(offered) + len(boasts))))
    first_question = min((item.sentence.turn.seq for item in call.questions), default=10**9)
    early = next((item for item in [*offered, *boasts] if item.turn.seq < first_question), None)
    if early is not None and call.mode != "objection_gauntlet":
        value //= 2
    return Finding("product_fit", value, tuple(fitting), at=early.turn if early else None)


def asked_next_step(call: Reading) -> Finding:
    """A next step was proposed: 60; with a day or an hour: 100."""
    proposal = call.proposal
    if proposal is None:
        return Finding("asked_next_step", 0, at=call.mine[-1] if call.mine else None)
    return Finding("asked_next_step", 100 if call.metrics.next_step.timed else 60, (proposal,), at=proposal.turn)


def agreed_next_step(call: Reading) -> Finding:
    """The buyer agreed to it: 80; to a day or an hour: 100. A proposal that was not taken up is worth 20."""
    step, proposal = call.metrics.next_step, call.proposal
    if proposal is None:
        return Finding("agreed_next_step", 0, at=call.mine[-1] if call.mine else None)
    value = (100 if step.timed else 80) if step.state == "agreed" else 20
    return Finding("agreed_next_step", value, (proposal,), at=proposal.turn)
