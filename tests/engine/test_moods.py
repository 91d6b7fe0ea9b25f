"""Moods: within bounds, harsher for hard buyers, and kindness that wears off."""

from __future__ import annotations

from itertools import product

import pytest

from calls.engine import moods
from calls.engine.wording import wording
from scenarios.briefs import DIFFICULTIES, MODES, PERSONALITIES


@pytest.mark.parametrize(("personality", "difficulty", "mode"), product(PERSONALITIES, DIFFICULTIES, MODES))
def test_everybody_starts_inside_the_scale(personality: str, difficulty: str, mode: str):
    assert all(5 <= value <= 95 for value in moods.at_first(personality, difficulty, mode))


def test_a_hard_buyer_takes_a_pitch_worse_than_an_easy_one():
    def change(difficulty: str) -> moods.Mood:
        return moods.change("pitch_again", personality="skeptical", difficulty=difficulty, times_before=0)

    assert change("hard").patience < change("medium").patience < change("easy").patience < 0


def test_empathy_wears_off():
    gains = [
        moods.change("empathy", personality="skeptical", difficulty="medium", times_before=times).trust
        for times in range(7)
    ]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > gains[3] > gains[6] == 0


def test_a_mood_near_the_top_hardly_rises():
    assert moods.damped(10, 40) == 10
    assert moods.damped(10, 90) == 2
    assert moods.damped(-10, 90) == -10


def test_a_busy_buyer_hates_small_talk_that_a_friendly_one_enjoys():
    busy = moods.change("small_talk", personality="busy", difficulty="medium", times_before=0)
    friendly = moods.change("small_talk", personality="friendly", difficulty="medium", times_before=0)
    assert busy.patience < 0 < friendly.patience


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_rule_is_explained(language: str):
    assert set(moods.RULES) <= set(wording(language).traces)


def test_both_languages_have_the_same_pools_and_explanations():
    english, spanish = wording("en"), wording("es")
    assert set(english.pools) == set(spanish.pools)
    assert set(english.traces) == set(spanish.traces)
    assert set(english.reasons) == set(spanish.reasons)
    assert set(english.topics) == set(spanish.topics)
