"""Two groups of people compared: difference of means with Welch's interval, and the guards' one-sided looks. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Difference:
    """`variant` less `control`, with its interval at `confidence`. `p`: two-sided."""

    control: float
    variant: float
    difference: float
    low: float
    high: float
    p: float
    confidence: float
    control_people: int
    variant_people: int

    @property
    def shows(self) -> bool:
        """Does the interval leave out zero?"""
        return self.low > 0 or self.high < 0


def welch(control: Sequence[float], variant: Sequence[float], *, confidence: float = CONFIDENCE) -> Difference | None:
    """One number a person. None with fewer than two people on a side.

    Welch (1947): the groups may spread differently; degrees of freedom after Satterthwaite. Where nobody differs from anybody
    within both groups, the interval is the difference alone.
    """
    if min(len(control), len(variant)) < 2:
        return None
    one, two = np.asarray(control, dtype=float), np.asarray(variant, dtype=float)
    difference = float(two.mean() - one.mean())
    parts = one.var(ddof=1) / len(one), two.var(ddof=1) / len(two)
    error = math.sqrt(float(parts[0] + parts[1]))
    if error == 0:
        reach, p = 0.0, 1.0 if difference == 0 else 0.0
    else:
        freedom = float((parts[0] + parts[1]) ** 2 / (parts[0] ** 2 / (len(one) - 1) + parts[1] ** 2 / (len(two) - 1)))
        reach = float(stdtrit(freedom, (1 + confidence) / 2)) * error
        p = float(2 * stdtr(freedom, -abs(difference) / error))
    return Difference(
        control=float(one.mean()),
        variant=float(two.mean()),
        difference=difference,
        low=difference - reach,
        high=difference + reach,
        p=p,
        confidence=confidence,
        control_people=len(one),
        variant_people=len(two),
    )


def corrected(confidence: float, comparisons: int) -> float:
    """The confidence of each of several comparisons with the same control, so that all hold together (Bonferroni)."""
    return 1 - (1 - confidence) / max(comparisons, 1)
