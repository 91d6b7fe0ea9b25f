"""Quiet hours and digests by somebody's own clock, also on the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from accounts.notices.quiet import after_quiet, last_digest_time

MADRID = ZoneInfo("Europe/Madrid")
LIMA = ZoneInfo("America/Lima")
NIGHT = (time(21), time(7))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-06-10T10:00", "2026-06-10T10:00"),  # noon
        ("2026-06-10T18:59", "2026-06-10T18:59"),  # 20:59
        ("2026-06-10T19:00", "2026-06-11T05:00"),  # 21:00: until 7:00
        ("2026-06-10T22:30", "2026-06-11T05:00"),  # 00:30
        ("2026-06-11T04:59", "2026-06-11T05:00"),
        ("2026-06-11T05:00", "2026-06-11T05:00"),  # 7:00
        ("2026-03-28T21:00", "2026-03-29T05:00"),  # the night in which clocks go forward: one hour shorter
        ("2026-10-24T20:00", "2026-10-25T06:00"),  # the night in which they go back: one hour longer
    ],
    ids=["noon", "before", "begins", "midnight", "last-minute", "over", "spring", "autumn"],
)
def test_a_night_in_madrid(now: str, expected: str) -> None:
    assert after_quiet(utc(now), MADRID, *NIGHT) == utc(expected)


def test_the_same_moment_is_day_elsewhere() -> None:
    assert after_quiet(utc("2026-06-10T19:00"), LIMA, *NIGHT) == utc("2026-06-10T19:00")


def test_hours_within_a_day() -> None:
    siesta = (time(14), time(16))
    assert after_quiet(utc("2026-06-10T12:30"), MADRID, *siesta) == utc("2026-06-10T14:00")
    assert after_quiet(utc("2026-06-10T19:30"), MADRID, *siesta) == utc("2026-06-10T19:30")


def test_an_end_that_the_clock_jumps_over_comes_when_it_would_have_been() -> None:
    """On 29 March 2026 there is no 2:30 in Madrid: after 1:59 comes 3:00."""
    assert after_quiet(utc("2026-03-29T00:30"), MADRID, time(0), time(2, 30)) == utc("2026-03-29T01:30")


def test_an_end_that_comes_twice_holds_once() -> None:
    """On 25 October 2026 it is 2:30 twice in Madrid, at 0:30 and at 1:30 UTC."""
    quiet = (time(0), time(2, 30))
    assert after_quiet(utc("2026-10-24T23:00"), MADRID, *quiet) == utc("2026-10-25T00:30")
    assert after_quiet(utc("2026-10-25T01:15"), MADRID, *quiet) == utc("2026-10-25T01:30"), "the second 2:15"


def test_without_quiet_hours_nothing_waits() -> None:
    assert after_quiet(utc("2026-06-10T01:00"), MADRID, None, None) == utc("2026-06-10T01:00")


@pytest.mark.parametrize(
    ("now", "weekly", "day", "moment"),
    [
        ("2026-06-10T05:59", False, date(2026, 6, 9), "2026-06-09T06:00"),
        ("2026-06-10T06:00", False, date(2026, 6, 10), "2026-06-10T06:00"),
        ("2026-06-10T23:00", False, date(2026, 6, 10), "2026-06-10T06:00"),  # 1:00 of the 11th
        ("2026-06-10T12:00", True, date(2026, 6, 8), "2026-06-08T06:00"),  # a Wednesday
        ("2026-06-08T05:00", True, date(2026, 6, 1), "2026-06-01T06:00"),  # a Monday, before eight
        ("2026-03-29T12:00", False, date(2026, 3, 29), "2026-03-29T06:00"),  # summer time since this morning
        ("2026-03-28T12:00", False, date(2026, 3, 28), "2026-03-28T07:00"),  # the day before
    ],
    ids=["before-eight", "at-eight", "past-midnight", "wednesday", "monday-early", "summer", "winter"],
)
def test_the_newest_digest(now: str, weekly: bool, day: date, moment: str) -> None:
    assert last_digest_time(utc(now), MADRID, weekly=weekly, hour=8) == (day, utc(moment))
