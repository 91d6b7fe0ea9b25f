"""From criteria to the number: weights, blockers, pass mark. Only code computes scores.

All scores are whole numbers from 0 to 100. Halves round up and the arithmetic is exact (fractions), so that a reader with a
pocket calculator gets the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

BLOCKER_FLOOR = 50  # a must-not-fail criterion below this has failed


@dataclass(frozen=True, slots=True)
class Weighted:
    """One criterion's contribution. A criterion that had no occasion to show (`applicable=False`) weighs nothing."""

    score: int
    weight: int
    applicable: bool = True
    blocker: bool = False

    @property
    def blocks(self) -> bool:
        return self.blocker and self.applicable and self.score < BLOCKER_FLOOR


def clamp(value: Fraction | float) -> int:
    """The nearest whole number from 0 to 100; halves round up."""
    return max(0, min(100, int((Fraction(value) + Fraction(1, 2)) // 1)))


def weighted_mean(parts: Sequence[Weighted]) -> Fraction:
    """Σ score·weight ∕ Σ weight over the applicable criteria; 0 when none applies or all weights are 0."""
    counted = [part for part in parts if part.applicable and part.weight > 0]
    total = sum(part.weight for part in counted)
    return Fraction(sum(part.score * part.weight for part in counted), total) if total else Fraction(0)


def overall(parts: Sequence[Weighted]) -> int:
    """The rounded weighted mean. A failed blocker does not change it: it only forbids passing."""
    return clamp(weighted_mean(parts))


def passed(parts: Sequence[Weighted], *, pass_mark: int) -> bool:
    """At or above the pass mark, with no failed blocker."""
    return overall(parts) >= pass_mark and not any(part.blocks for part in parts)
