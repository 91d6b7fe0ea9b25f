"""When a judge agrees with people well enough, when it does not, and when nobody can say."""

from __future__ import annotations

import random

import pytest

from scoring.calibration.agreement import ENOUGH_CALLS, ENOUGH_SHARED, LEVELS, Pair, agreement_of, level_of

MARKS = (0, 25, 50, 75, 100)


def pairs(number: int, judge: dict[int, int] | None = None) -> list[Pair]:
    """Calls of all qualities in turn; `judge` says what the judge makes of a mark, the mark itself unless said."""
    given = [MARKS[index % 5] for index in range(number)]
    return [Pair(f"call{index}", (mark,), (judge or {}).get(mark, mark)) for index, mark in enumerate(given)]


def test_levels_are_the_nearest_and_halves_go_up() -> None:
    assert [level_of(mark) for mark in (0, 12, 13, 37, 38, 62, 63, 87, 88, 100)] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert {level_of(mark) for mark in range(101)} == set(range(LEVELS))


def test_the_consensus_of_several_people_is_their_mean() -> None:
    assert Pair("call", (50,), 0).consensus == 50
    assert Pair("call", (50, 75), 0).consensus == 63
    assert Pair("call", (0, 50, 100), 0).consensus == 50


def test_a_judge_that_gives_what_people_give_holds() -> None:
    found = agreement_of(pairs(ENOUGH_CALLS))
    assert found.state == "holds"
    assert found.apart == 0
    for coefficient in (found.kappa, found.icc, found.ac1):
        assert coefficient is not None
        assert coefficient.value == pytest.approx(1)


def test_too_few_calls_are_insufficient_whatever_they_say_but_have_their_numbers() -> None:
    found = agreement_of(pairs(ENOUGH_CALLS - 1))
    assert found.state == "insufficient"
    assert found.kappa is not None
    assert found.kappa.interval is not None
    empty = agreement_of([])
    assert (empty.state, empty.calls, empty.apart, empty.kappa) == ("insufficient", 0, None, None)


def test_a_judge_that_turns_the_scale_round_does_not_hold() -> None:
    found = agreement_of(pairs(40, {0: 100, 25: 75, 75: 25, 100: 0}))
    assert found.state == "below"
    assert found.kappa is not None
    assert found.kappa.value < 0


def test_a_lenient_judge_is_told_by_how_much_it_is_apart() -> None:
    found = agreement_of(pairs(40, {0: 50, 25: 75, 50: 100, 75: 100}))
    assert found.state == "below"
    assert found.apart == pytest.approx(35)


def test_a_good_value_with_a_wide_interval_is_not_enough() -> None:
    """Two calls of forty carry all the variation: kappa looks fine, its interval does not."""
    alike = [Pair(f"call{index}", (75,), 100 if index % 4 == 0 else 75) for index in range(38)]
    found = agreement_of([*alike, Pair("x", (0,), 0), Pair("y", (0,), 0)])
    assert found.kappa is not None
    assert found.kappa.value > 0.6
    assert found.kappa.interval is not None
    assert found.kappa.interval.low < 0.4
    assert found.state == "below"


def test_where_nearly_all_is_alike_gwets_coefficient_decides() -> None:
    found = agreement_of([Pair(f"call{index}", (100,), 100) for index in range(40)])
    assert found.kappa is None
    assert found.state == "holds"


def test_people_among_themselves_are_measured_where_they_shared_enough_calls() -> None:
    shared = [Pair(f"call{index}", (MARKS[index % 5],) * 2, MARKS[index % 5]) for index in range(ENOUGH_SHARED)]
    assert agreement_of(shared).among_people == pytest.approx(1)
    assert agreement_of([*pairs(30), *shared[:-1]]).among_people is None
    assert agreement_of(pairs(10)).among_people is None


def test_the_order_of_calls_does_not_matter() -> None:
    some = pairs(30, {25: 50, 75: 50})
    mixed = random.Random(3).sample(some, len(some))
    assert agreement_of(some).to_json() == agreement_of(mixed).to_json()
