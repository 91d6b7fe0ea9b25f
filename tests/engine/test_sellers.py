"""Whole calls: a good seller wins every preset scenario, a bad one loses it, the mediocre one ends in between."""

from __future__ import annotations

from itertools import pairwise

import pytest

from calls.engine import Buyer
from integrations.embeddings.embedded import default_encoder
from scenarios import presets
from tests.sellers.play import QUALITIES, play, play_call, scenario_keys

EACH = pytest.mark.parametrize(("slug", "language"), scenario_keys())


@EACH
def test_the_good_seller_wins(slug: str, language: str):
    played = play_call(slug, language, "good")
    assert (played.outcome, played.reason) == ("won", "next_step_agreed")
    assert played.state["pains"]


@EACH
def test_the_bad_seller_finds_nothing_and_wins_nothing(slug: str, language: str):
    played = play_call(slug, language, "bad")
    assert played.outcome in {"lost", "undecided"}
    assert played.state["pains"] == {}
    assert not any(objection["status"] == "resolved" for objection in played.state["objections"].values())


@EACH
def test_the_mediocre_seller_ends_in_between(slug: str, language: str):
    good, mediocre, bad = (play_call(slug, language, quality).state for quality in QUALITIES)
    assert play_call(slug, language, "mediocre").outcome != "won"
    for mood in ("trust", "interest"):
        assert good[mood] > mediocre[mood] >= bad[mood]


@EACH
@pytest.mark.parametrize("quality", QUALITIES)
def test_the_buyer_stays_in_character(slug: str, language: str, quality: str):
    """No placeholder, no repeated reply, no hidden pain before its question, short enough to be spoken."""
    brief = presets.scenarios()[slug, language].brief()
    said, told = [], set()
    for reply in play_call(slug, language, quality).replies:
        assert "{" not in reply.text
        assert len(reply.text.split()) <= 75
        told |= {entry.subject for entry in reply.trace if entry.rule == "pain_revealed"}
        for pain in brief.hidden_pains:
            assert pain.key in told or pain.reveal_text not in reply.text
        said.append(reply.text)
    assert all(one != other for one, other in pairwise(said))


@EACH
def test_turns_are_in_order_and_do_not_overlap(slug: str, language: str):
    turns = play(slug, language, "good")
    assert [turn.seq for turn in turns] == list(range(1, len(turns) + 1))
    assert all(one.end_ms < other.start_ms for one, other in pairwise(turns))
    assert all(turn.trace for turn in turns if turn.role == "assistant")


@EACH
def test_most_of_what_is_said_was_known_beforehand(slug: str, language: str):
    """The lines worth synthesising ahead make up most of a call."""
    brief = presets.scenarios()[slug, language].brief()
    stock = Buyer(brief, encoder=default_encoder()).stock_lines()
    assert len(stock) == len(set(stock))
    assert not any("{" in line for line in stock)
    said = " ".join(reply.text for reply in play_call(slug, language, "good").replies)
    covered = sum(len(line) for line in stock if line in said)
    assert covered > 0.4 * len(said)
