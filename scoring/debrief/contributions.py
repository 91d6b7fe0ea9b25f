"""What each criterion adds to the overall score: lines that add up to the number on the page. Pure, no ORM.

Points are counted in tenths, because a line that is rounded by itself would not add up with the others. The sum is cut to
tenths, never rounded up: 64.46 shown as 64.5 would let a reader round to 65 where the score is 64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring.aggregate import Weighted, clamp, weighted_mean

from .transcript import percent

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Contribution:
    """One criterion's part. `tenths`: points times ten; `before`: the tenths of the lines above it. `lost`: the exact points
    that full marks would have added. A criterion that weighs nothing in this call has no points and loses none."""

    tenths: int
    before: int
    lost: Fraction
    weighs: bool

    @property
    def points(self) -> float:
        """With one decimal, as it is shown."""
        return self.tenths / TENTHS

    @property
    def lost_points(self) -> float:
        return float(self.lost)

    @property
    def start_percent(self) -> str:
        """Where its bar begins on a line of 100 points: where the line above it ended."""
        return percent(self.before, 100 * TENTHS)

    @property
    def width_percent(self) -> str:
        return percent(self.tenths, 100 * TENTHS)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """`lines` in the order of the parts; their tenths sum up to `tenths`. `weight`: the sum of the weights that applied."""

    lines: tuple[Contribution, ...]
    tenths: int
    weight: int

    @property
    def points(self) -> float:
        """The sum before it is rounded to a whole score."""
        return self.tenths / TENTHS

    @property
    def rounded(self) -> int:
        """The whole score that the sum gives; halves round up."""
        return clamp(Fraction(self.tenths, TENTHS))

    @property
    def heaviest(self) -> int | None:
        """The place of the line that brought most; the first of equals, None where nothing was earned."""
        return _largest([line.tenths for line in self.lines])

    @property
    def costliest(self) -> int | None:
        """The place of the line that full marks would have helped most; None where nothing was lost."""
        return _largest([line.lost for line in self.lines])


def breakdown(parts: Sequence[Weighted]) -> Breakdown:
    """The weighted mean of the parts as lines that add up to it."""
    counted = [part.applicable and part.weight > 0 for part in parts]
    weight = sum(part.weight for part, counts in zip(parts, counted, strict=True) if counts)
    exact = [
        Fraction(part.score * part.weight * TENTHS, weight) if counts else Fraction(0)
        for part, counts in zip(parts, counted, strict=True)
    ]
    total = int(weighted_mean(parts) * TENTHS)
    tenths = _dealt(exact, total)
    return Breakdown(
        lines=tuple(
            Contribution(
                tenths=mine,
                before=sum(tenths[:place]),
                lost=Fraction((100 - part.score) * part.weight, weight) if counts else Fraction(0),
                weighs=counts,
            )
            for place, (part, mine, counts) in enumerate(zip(parts, tenths, counted, strict=True))
        ),
        tenths=total,
        weight=weight,
    )


def _dealt(exact: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers next to the exact ones that sum up to `total`: what is over goes to the largest remainders."""
    whole = [int(value) for value in exact]
    over = total - sum(whole)
    ranked = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], place))
    for place in ranked[:over]:
        whole[place] += 1
    return whole


def _largest(values: Sequence[Fraction | int]) -> int | None:
    best = max(values, default=0)
    return values.index(best) if best > 0 else None
