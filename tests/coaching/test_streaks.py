"""Days in a row: one free day a week, weekends off for who wants it, today not missed before it is over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from coaching.goals.streaks import streak_of

MONDAY = date(2026, 3, 9)


def day(number: int) -> date:
    """Days after a Monday."""
    return MONDAY + timedelta(days=number)


def lengths(*practised: int, today: int, weekends_off: bool = False) -> tuple[int, int]:
    found = streak_of([day(number) for number in practised], today=day(today), weekends_off=weekends_off)
    return found.days, found.longest


def test_no_day_is_no_row() -> None:
    assert lengths(today=0) == (0, 0)


@pytest.mark.parametrize(
    ("practised", "today", "expected"),
    [
        pytest.param((0,), 0, (1, 1), id="today"),
        pytest.param((0,), 1, (1, 1), id="yesterday"),
        pytest.param((0,), 2, (1, 1), id="one free day"),
        pytest.param((0,), 3, (0, 1), id="two missed days"),
        pytest.param((0, 2, 4), 4, (1, 2), id="the free day of this week is used"),
        pytest.param((0, 1, 2, 3, 4, 5, 7), 7, (7, 7), id="a free Sunday"),
        pytest.param((0, 1, 2, 3, 4, 5, 8), 8, (7, 7), id="Sunday and Monday are of two weeks"),
        pytest.param((0, 1, 2, 3, 4, 7), 7, (1, 5), id="a whole weekend missed"),
        pytest.param((0, 1, 10, 11, 12), 12, (3, 3), id="a new row"),
    ],
)
def test_a_row_forgives_one_day_a_week(practised: tuple[int, ...], today: int, expected: tuple[int, int]) -> None:
    assert lengths(*practised, today=today) == expected


@pytest.mark.parametrize(
    ("practised", "today", "expected"),
    [
        pytest.param((0, 1, 2, 3, 4, 7), 7, (6, 6), id="the weekend is no missed day"),
        pytest.param((0, 1, 2, 3, 8), 8, (5, 5), id="Friday and Monday free around it"),
        pytest.param((0, 1, 2, 3, 5, 7), 7, (6, 6), id="a call on Saturday counts"),
        pytest.param((0, 1, 2, 3, 9), 9, (1, 4), id="Friday, Monday and Tuesday are too many"),
    ],
)
def test_weekends_may_be_days_of_rest(practised: tuple[int, ...], today: int, expected: tuple[int, int]) -> None:
    assert lengths(*practised, today=today, weekends_off=True) == expected


def test_it_says_until_when_a_call_must_come() -> None:
    fresh = streak_of([day(0)], today=day(0))
    assert (fresh.today_done, fresh.at_risk, fresh.ends_on) == (True, False, day(2))
    free_day = streak_of([day(0)], today=day(1))
    assert (free_day.today_done, free_day.at_risk, free_day.ends_on) == (False, False, day(2))
    last_chance = streak_of([day(0)], today=day(2))
    assert (last_chance.days, last_chance.free_days, last_chance.at_risk) == (1, 1, True)
    friday = streak_of([day(4)], today=day(5), weekends_off=True)
    assert (friday.at_risk, friday.ends_on) == (False, day(8))


def test_a_call_made_tomorrow_elsewhere_breaks_nothing() -> None:
    """Somebody flew west: the newest day lies after today."""
    assert lengths(0, 1, today=0) == (2, 2)
