"""Weights, bands, passing, intervals: by hand and by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.aggregate import Weighted, overall, passed
from scoring.bands import BANDS, LABELS, band, band_label
from scoring.intervals import interval, step_error


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (100, "exceptional"),
        (90, "exceptional"),
        (89, "ready"),
        (80, "ready"),
        (79, "good"),
        (70, "good"),
        (69, "adequate"),
        (60, "adequate"),
        (59, "below_average"),
        (50, "below_average"),
        (49, "fundamental"),
        (0, "fundamental"),
    ],
)
def test_bands_at_their_boundaries(score: int, expected: str) -> None:
    assert band(score) == expected
    assert band_label(expected)


@pytest.mark.parametrize("score", [-1, 101])
def test_no_band_outside_the_scale(score: int) -> None:
    with pytest.raises(ValueError):
        band(score)


def test_every_band_has_a_label() -> None:
    assert {name for _floor, name in BANDS} == set(LABELS)


def test_the_overall_score_is_the_rounded_weighted_mean() -> None:
    parts = [Weighted(80, 20), Weighted(60, 25), Weighted(70, 25), Weighted(90, 15), Weighted(55, 15)]
    assert overall(parts) == 70  # 16 + 15 + 17.5 + 13.5 + 8.25 = 70.25
    assert overall([Weighted(1, 1), Weighted(2, 1)]) == 2  # halves round up


def test_what_had_no_occasion_weighs_nothing() -> None:
    assert overall([Weighted(80, 50), Weighted(0, 50, applicable=False)]) == 80
    assert overall([Weighted(0, 50, applicable=False)]) == 0
    assert overall([]) == 0


def test_a_failed_blocker_forbids_passing_but_changes_no_number() -> None:
    parts = [Weighted(100, 100), Weighted(0, 0, blocker=True)]
    assert overall(parts) == 100
    assert not passed(parts, pass_mark=70)
    assert passed([Weighted(100, 100), Weighted(0, 0, applicable=False, blocker=True)], pass_mark=70)
    assert passed([Weighted(70, 100)], pass_mark=70)
    assert not passed([Weighted(69, 100)], pass_mark=70)


PARTS = st.lists(
    st.builds(Weighted, score=st.integers(0, 100), weight=st.integers(0, 100), applicable=st.booleans()), max_size=8
)


@given(parts=PARTS)
def test_the_overall_score_lies_within_its_parts(parts: list[Weighted]) -> None:
    counted = [part.score for part in parts if part.applicable and part.weight]
    score = overall(parts)
    assert (min(counted) <= score <= max(counted)) if counted else score == 0


@given(parts=PARTS, step=st.integers(1, 100))
def test_intervals_stay_on_the_scale(parts: list[Weighted], step: int) -> None:
    half = step_error(parts, step=step)
    shown = interval(overall(parts) - half, overall(parts) + half, source="scale_step")
    assert 0 <= int(shown["low"]) <= overall(parts) <= int(shown["high"]) <= 100


def test_more_criteria_make_a_narrower_step_interval() -> None:
    assert step_error([Weighted(75, 100)], step=25) == pytest.approx(25 / 12**0.5)
    assert step_error([Weighted(75, 20)] * 5, step=25) == pytest.approx(25 / 12**0.5 / 5**0.5)
