"""The lines under the score: they add up, whatever the weights."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scoring.aggregate import Weighted, overall, weighted_mean
from scoring.debrief.contributions import breakdown

PARTS = st.lists(
    st.builds(Weighted, score=st.integers(0, 100), weight=st.integers(0, 100), applicable=st.booleans()),
    max_size=12,
)


@given(PARTS)
def test_lines_add_up_to_the_sum_and_the_sum_rounds_to_the_score(parts: list[Weighted]) -> None:
    found = breakdown(parts)
    assert sum(line.tenths for line in found.lines) == found.tenths
    assert found.rounded == overall(parts)
    assert 0 <= weighted_mean(parts) - Fraction(found.tenths, 10) < Fraction(1, 10)


@given(PARTS)
def test_no_line_is_a_tenth_away_from_what_its_criterion_earned(parts: list[Weighted]) -> None:
    found = breakdown(parts)
    for part, line in zip(parts, found.lines, strict=True):
        exact = Fraction(part.score * part.weight, found.weight) if line.weighs else Fraction(0)
        assert abs(exact - Fraction(line.tenths, 10)) < Fraction(1, 10)


@given(PARTS)
def test_what_is_earned_and_what_is_lost_are_a_hundred(parts: list[Weighted]) -> None:
    found = breakdown(parts)
    if found.weight:
        assert weighted_mean(parts) + sum(line.lost for line in found.lines) == 100


@given(PARTS)
def test_each_line_begins_where_the_one_above_ended(parts: list[Weighted]) -> None:
    at = 0
    for line in breakdown(parts).lines:
        assert line.before == at
        at += line.tenths


def test_a_sum_just_below_a_half_is_not_rounded_up_twice() -> None:
    """Exactly 64.47: as 64.5 a reader would make 65 of it."""
    found = breakdown([Weighted(64, 53), Weighted(65, 47)])
    assert (found.tenths, found.rounded) == (644, 64)


def test_what_did_not_come_up_weighs_nothing() -> None:
    found = breakdown([Weighted(80, 25), Weighted(0, 50, applicable=False), Weighted(40, 25)])
    assert [line.tenths for line in found.lines] == [400, 0, 200]
    assert found.weight == 50
    assert not found.lines[1].weighs
    assert found.lines[1].lost == 0


def test_the_heaviest_and_the_costliest_are_named_by_what_they_move() -> None:
    found = breakdown([Weighted(100, 10), Weighted(50, 60), Weighted(0, 20), Weighted(90, 10)])
    assert (found.heaviest, found.costliest) == (1, 1)
    found = breakdown([Weighted(90, 50), Weighted(20, 50)])
    assert (found.heaviest, found.costliest) == (0, 1)
    assert found.lines[1].lost_points == 40.0


def test_nothing_earned_nothing_lost() -> None:
    assert (breakdown([Weighted(0, 100)]).heaviest, breakdown([Weighted(100, 100)]).costliest) == (None, None)
    assert breakdown([]).rounded == 0
