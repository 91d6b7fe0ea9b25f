"""What words of the buyer's side tell of them, where somebody else than our engine put them: read by meaning, not by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calls.engine.buyer import Buyer
from calls.engine.text import sentences
from scenarios.branching.graph import When

LIKELY = 0.4  # how near words come to what was expected of them, as `matching` measures it
CLEARLY = 0.62  # … and to what nobody expected
AGREES = 0.38
RAISED = ("raised", "explored", "hardened")
YES = ("accept", "accept_time", "accept_no_time", "after_accept")
NO = (
    *("close_open_objection", "close_first_objection", "close_no_pain", "close_low_trust", "close_low_interest"),
    "soft_yes",
)
THROUGH = ("door.through", "handover", "door.before")


@dataclass(frozen=True, slots=True)
class Expected:
    """What our buyer would have answered to the seller's last turn: the pains told, and whether they agree."""

    pains: frozenset[str] = frozenset()
    agreed: bool = False

    def holds(self, when: When) -> bool:
        """Does this condition hold only if they answer as expected?"""
        return when.value in self.pains if when.kind == "pain_revealed" else self.agreed


def expected_of(person: Buyer) -> Expected:
    """Take out of a buyer's memory what this turn would have made them tell or agree to: that is so when it was said."""
    standing = person.standing
    told = frozenset(key for key, turn in standing.pains.items() if turn == standing.turn)
    agreed = bool(standing.committed_turn) and standing.committed_turn == standing.turn
    for key in told:
        del standing.pains[key]
    if agreed:
        standing.committed_turn = 0
    return Expected(told, agreed)


def take_in(person: Buyer, text: str, expected: Expected) -> None:
    """Let a buyer remember what was said in their name."""
    pieces = sentences(text)
    if not pieces:
        return
    standing, matcher = person.standing, person.matcher
    for pain in person.brief.hidden_pains:
        least = LIKELY if pain.key in expected.pains else CLEARLY
        if pain.key not in standing.pains and matcher.best(pieces, (pain.pain, pain.reveal_text)).score >= least:
            standing.pains[pain.key] = standing.turn
    _raise(person, pieces)
    if not standing.committed_turn and (expected.agreed or person.heard.did("next_step")):
        yes, no = (matcher.best(pieces, _lines(person, pools)).score for pools in (YES, NO))
        if yes >= AGREES and yes > no:
            standing.committed_turn = standing.turn
    standing.line_before, standing.last_line = standing.last_line, text


def _raise(person: Buyer, pieces: Sequence[str]) -> None:
    """The objection that was said is on the table, whatever our buyer would have brought up."""
    standing = person.standing
    near = [(person.matcher.best(pieces, (one.text,)).score, one.key) for one in person.brief.objections]
    score, key = max(near, default=(0.0, ""))
    own = standing.objections.get(key)
    if score < CLEARLY or own is None or own.status != "waiting":
        return
    for other in standing.objections.values():
        if other.status == "raised" and other.raised_turn == standing.turn:
            other.status, other.raised_turn = "waiting", 0
    own.status, own.raised_turn = "raised", standing.turn
    standing.active = key


def sounds_like(person: Buyer, text: str, greetings: Sequence[str], *, least: float) -> bool:
    """Is one of the sentences a greeting of theirs, and no announcement of them?"""
    announced = tuple(line.replace("{next}", person.brief.name) for line in _lines(person, THROUGH))
    for piece in sentences(text):
        near = person.matcher.best((piece,), tuple(greetings)).score
        if near >= least and near > person.matcher.best((piece,), announced).score:
            return True
    return False


def _lines(person: Buyer, pools: Sequence[str]) -> tuple[str, ...]:
    return tuple(line for pool in pools for line in person.every(pool))
