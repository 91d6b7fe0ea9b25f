"""A branching call that somebody else plays: the same conditions lead on, and the words of the buyer's side are read."""

from __future__ import annotations

from typing import Any

import pytest

from calls.engine import Ensemble
from calls.engine.follower import Follower, followed
from integrations.embeddings.embedded import default_encoder
from tests.engine.branching import HELLO, OPENING, QUESTION, REASON, branching, edge, graph
from tests.engine.briefs import brief

GAIL = "Northgate Freight, Gail speaking."
ASKS = "She gets so many calls. What exactly is this about, please?"
THROUGH = "Right, one moment, I'll put you through to Dana Whitfield."
DANA = "Hello, this is Dana Whitfield."


def picked_up(data: dict[str, Any] | None = None) -> Follower:
    """A call in which the front desk has said its name."""
    made = Follower(branching(data), encoder=default_encoder())
    first = made.said(GAIL, at_ms=0)
    assert (first.speaker, [note.subject for note in first.trace]) == ("Gail Frost", ["door"])
    return made


def at_dana(data: dict[str, Any] | None = None) -> Follower:
    made = picked_up(data)
    made.heard(HELLO, at_ms=8_000)
    made.said(ASKS, at_ms=9_000)
    made.heard(REASON, at_ms=16_000)
    made.said(THROUGH, at_ms=17_000)
    made.said(DANA, at_ms=20_000)
    return made


def test_what_the_seller_does_leads_on_at_once() -> None:
    made = picked_up()
    assert made.heard(HELLO, at_ms=8_000) is None
    assert made.said(ASKS, at_ms=9_000).trace == ()
    entered = made.heard(REASON, at_ms=16_000)
    assert entered is not None
    assert entered.id == "talk"
    handed = made.said(THROUGH, at_ms=17_000)
    assert handed.speaker == "Gail Frost"
    assert [(note.rule, note.subject) for note in handed.trace] == [
        ("branch_taken", "door-talk-objection_met"),
        ("stage_entered", "talk"),
    ]
    assert "was settled, so the call went on to “Talk”" in handed.trace[0].detail
    taken_over = made.said(DANA, at_ms=20_000)
    assert (taken_over.speaker, taken_over.trace) == ("Dana Whitfield", ())


def test_whoever_greets_in_the_same_breath_has_the_turn() -> None:
    made = picked_up()
    made.heard(HELLO, at_ms=8_000)
    made.said(ASKS, at_ms=9_000)
    made.heard(REASON, at_ms=16_000)
    assert made.said("Dana Whitfield speaking.", at_ms=17_000).speaker == "Dana Whitfield"


def test_the_embedded_buyer_goes_on_where_the_other_one_stopped() -> None:
    made = at_dana()
    own = Ensemble(branching(), encoder=default_encoder(), state=made.state())
    assert own.node.id == "talk"
    assert own.hear(OPENING, at_ms=30_000).speaker == ""
    again = Follower(branching(), encoder=default_encoder(), state=made.state())
    again.heard(OPENING, at_ms=30_000)
    assert again.said("Go on.", at_ms=31_000).trace == ()


PAIN = brief().hidden_pains[0]


def with_pain() -> dict[str, Any]:
    return graph(edges=(edge("talk", "price", "pain_revealed", pain=PAIN.key),))


@pytest.mark.parametrize(
    ("answer", "node"),
    [(PAIN.reveal_text, "price"), (PAIN.pain, "price"), ("I would rather not say. Who gave you my number?", "talk")],
    ids=["their line", "in other words", "not told"],
)
def test_a_pain_counts_when_it_is_told(answer: str, node: str) -> None:
    made = at_dana(with_pain())
    made.heard(OPENING, at_ms=30_000)
    made.said("All right, what do you want to know?", at_ms=31_000)
    assert made.heard(PAIN.reveal_hints[0], at_ms=40_000) is None
    told = made.said(answer, at_ms=41_000)
    assert made.node.id == node
    assert (told.entered is not None) == (node == "price")
    if told.entered:
        assert [note.rule for note in told.trace] == ["branch_taken", "stage_entered"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("Sounds good. Tuesday at ten works for me.", "won"),
        ("No, I'm not ready for that yet. Just send me an email.", ""),
    ],
    ids=["yes", "no"],
)
def test_an_agreement_counts_when_it_is_given(answer: str, outcome: str) -> None:
    made = at_dana()
    made.heard("Shall we book a meeting on Tuesday at ten?", at_ms=30_000)
    made.said(answer, at_ms=31_000)
    assert made.outcome == outcome
    if outcome:
        assert made.heard("Great, thank you, goodbye.", at_ms=35_000) is None
        assert made.said("Goodbye.", at_ms=36_000).trace == ()


def test_whoever_goes_ahead_by_themselves_is_followed() -> None:
    made = picked_up()
    made.heard("Hello, is Dana there?", at_ms=8_000)
    there = made.said("Dana Whitfield speaking.", at_ms=9_000)
    assert (there.speaker, made.node.id) == ("Dana Whitfield", "talk")
    assert [note.rule for note in there.trace] == ["stage_entered"]


def test_an_announcement_is_no_greeting() -> None:
    made = picked_up()
    made.heard("Hello, is Dana there?", at_ms=8_000)
    made.said("She is in a meeting. What shall I tell Dana Whitfield?", at_ms=9_000)
    assert made.node.id == "door"


def test_a_turn_leads_at_most_one_edge_on() -> None:
    made = at_dana(graph(edges=(edge("talk", "price", "questions", count=1), edge("price", "lost", "always"))))
    entered = made.heard(QUESTION, at_ms=30_000)
    assert entered is not None
    assert entered.id == "price"
    made.said("It costs us dearly.", at_ms=31_000)
    made.said("Very dearly.", at_ms=33_000)
    assert made.node.id == "price"
    assert made.heard("I see.", at_ms=40_000) is not None
    assert made.outcome == "lost"


def test_the_first_edge_that_holds_is_taken_even_if_it_is_known_last() -> None:
    made = at_dana(graph(edges=(edge("talk", "won", "agreed"), edge("talk", "lost", "turns", count=1))))
    assert made.heard("Shall we book a meeting on Tuesday at ten?", at_ms=30_000) is not None  # nothing would be agreed
    assert made.outcome == "lost"


def test_a_call_that_does_not_branch_is_not_followed() -> None:
    assert followed(brief(), encoder=default_encoder()) is None
