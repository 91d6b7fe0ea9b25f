"""Are two series of paired numbers the same, within a margin? Two one-sided t tests (TOST) on the differences.

Schuirmann (1987), as in Lakens (2017), *Equivalence Tests: A Practical Primer*: the difference is within ±margin when it is
significantly above −margin and significantly below +margin. With n pairs, mean difference d and standard deviation s:

    t_lower = (d + margin) / (s / √n)        t_upper = (d − margin) / (s / √n)        n − 1 degrees of freedom

A plain test that "finds no difference" proves nothing; this one has to find that there is none of any size that matters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

from scipy.special import stdtr, stdtrit

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Equivalence:
    """`mean` of the differences; `low` and `high`: its 90 % interval (1 − 2α); `p`: the larger of the two one-sided ones.
    `equivalent` exactly when the interval lies within ±`margin`, which is when `p` < α."""

    pairs: int
    mean: float
    sd: float
    low: float
    high: float
    t_lower: float
    t_upper: float
    p_lower: float
    p_upper: float
    margin: float
    equivalent: bool

    @property
    def p(self) -> float:
        return max(self.p_lower, self.p_upper)

    def to_json(self) -> dict[str, Any]:
        return {**{key: _finite(value) for key, value in asdict(self).items()}, "p": self.p}


def paired(differences: Sequence[float], *, margin: float, alpha: float = ALPHA) -> Equivalence:
    """The test on the differences themselves, in the unit of `margin`. Raises ValueError for fewer than two."""
    if len(differences) < 2:
        raise ValueError("an equivalence test needs at least two pairs")
    return from_summary(
        pairs=len(differences), mean=fmean(differences), sd=stdev(differences), margin=margin, alpha=alpha
    )


def from_summary(*, pairs: int, mean: float, sd: float, margin: float, alpha: float = ALPHA) -> Equivalence:
    """The same from n, mean and standard deviation of the differences, as papers report them."""
    freedom = pairs - 1
    error = sd / math.sqrt(pairs)
    if error == 0:  # every pair differs by the same: nothing is left to chance
        inside = abs(mean) < margin
        t_lower, t_upper = math.copysign(math.inf, mean + margin), math.copysign(math.inf, mean - margin)
        p_lower, p_upper = (0.0 if mean > -margin else 1.0), (0.0 if mean < margin else 1.0)
        return Equivalence(pairs, mean, sd, mean, mean, t_lower, t_upper, p_lower, p_upper, margin, inside)
    t_lower, t_upper = (mean + margin) / error, (mean - margin) / error
    p_lower, p_upper = float(stdtr(freedom, -t_lower)), float(stdtr(freedom, t_upper))
    reach = float(stdtrit(freedom, 1 - alpha)) * error
    return Equivalence(
        pairs=pairs,
        mean=mean,
        sd=sd,
        low=mean - reach,
        high=mean + reach,
        t_lower=t_lower,
        t_upper=t_upper,
        p_lower=p_lower,
        p_upper=p_upper,
        margin=margin,
        equivalent=max(p_lower, p_upper) < alpha,
    )


def _finite(value: float) -> float | None:
    """JSON knows no infinity."""
    return None if isinstance(value, float) and math.isinf(value) else value
