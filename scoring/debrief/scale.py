"""The score on a scale from 0 to 100, with its interval, the pass mark and the bands. Pure, no ORM: every place is the
number itself, a percentage of the scale's length."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.bands import BANDS, band_label

TOP = 100


@dataclass(frozen=True, slots=True)
class Zone:
    """One band: from `start`, `width` wide."""

    band: str
    label: str
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Scale:
    """`low` and `high` are the score itself where it has no interval. `pass_mark` is None where the rubric names none."""

    score: int
    low: int
    high: int
    pass_mark: int | None

    @property
    def has_interval(self) -> bool:
        return self.low < self.high

    @property
    def width(self) -> int:
        """Of the interval."""
        return self.high - self.low

    @property
    def is_undecided(self) -> bool:
        """Does the pass mark lie within the interval, so that the score alone cannot say?"""
        return self.has_interval and self.pass_mark is not None and self.low < self.pass_mark <= self.high


def zones() -> tuple[Zone, ...]:
    """The bands from the lowest to the highest, in the reader's language; together they are the whole scale."""
    starts = sorted((floor, name) for floor, name in BANDS)
    ends = [floor for floor, _name in starts[1:]] + [TOP]
    return tuple(
        Zone(name, band_label(name), floor, end - floor) for (floor, name), end in zip(starts, ends, strict=True)
    )
