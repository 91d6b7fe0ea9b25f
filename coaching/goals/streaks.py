"""Days of practice in a row, with rules that forgive a little. Pure: dates in, numbers out.

- A day is a day in the person's own time zone. It is *practised* when a call that counts ended on it.
- One missed day in each week (Monday to Sunday) is *free*: it does not break the row, and it does not count as practised.
- Who rests at weekends says so once; then Saturday and Sunday are nobody's missed days. Practice on them counts all the same.
- Today is not missed before it is over. So a row is still alive on a day without a call, as long as every day between the
  last practised one and today was free or a day of rest.
- The length of a row is the number of practised days in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
FREE_DAYS_A_WEEK = 1
# Between two practised days of one row lie at most two free days and two weekends; a longer gap need not be looked at.
LONGEST_GAP = timedelta(days=8)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Streak:
    """`days` practised in the row that is alive (0 when none is) and `longest` of all rows; `free_days` that the present row
    has used; whether `today` is practised already; and `ends_on`, the last day on which a call keeps the row alive."""

    today: date
    days: int = 0
    longest: int = 0
    free_days: int = 0
    today_done: bool = False
    ends_on: date | None = None

    @property
    def at_risk(self) -> bool:
        """Will the row end tonight unless there is a call today?"""
        return self.ends_on == self.today and not self.today_done


def streak_of(days: Sequence[date], *, today: date, weekends_off: bool = False) -> Streak:
    """`days` ascending and without repeats; days after `today` (a journey across time zones) are looked at like any other."""
    longest = length = 0
    used: dict[date, int] = {}
    previous: date | None = None
    for day in days:
        bridged = previous is not None and _excuse(_between(previous, day), used, weekends_off=weekends_off)
        if not bridged:
            length, used = 0, {}
        length += 1
        longest = max(longest, length)
        previous = day
    if previous is None or not _excuse(_between(previous, today), used, weekends_off=weekends_off):
        return Streak(today, longest=longest)
    today_done = previous >= today
    return Streak(
        today,
        days=length,
        longest=longest,
        free_days=sum(used.values()),
        today_done=today_done,
        ends_on=_ends_on(max(previous, today) + (DAY if today_done else timedelta()), used, weekends_off=weekends_off),
    )


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def _between(first: date, second: date) -> Iterator[date]:
    """The days after the first and before the second; at most a few more than can ever be excused."""
    day = first + DAY
    while day < min(second, first + LONGEST_GAP + DAY):
        yield day
        day += DAY


def _excuse(missed: Iterable[date], used: dict[date, int], *, weekends_off: bool) -> bool:
    """Can all of these be free or days of rest? Notes the free days that were used, by week, where they can."""
    needed: dict[date, int] = {}
    for day in missed:
        if weekends_off and day.weekday() >= SATURDAY:
            continue
        week = week_of(day)
        needed[week] = needed.get(week, 0) + 1
        if used.get(week, 0) + needed[week] > FREE_DAYS_A_WEEK:
            return False
    for week, count in needed.items():
        used[week] = used.get(week, 0) + count
    return True


def _ends_on(first: date, used: dict[date, int], *, weekends_off: bool) -> date:
    """The last day by which a call must come, if none comes from `first` on."""
    left, day = dict(used), first
    while _excuse([day], left, weekends_off=weekends_off):
        day += DAY
    return day
