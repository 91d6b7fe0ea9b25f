"""How well raters agree, as numbers that textbooks know. Pure arithmetic: no model, no database, no clock.

Every coefficient is 1 for perfect agreement and about 0 for what chance would give; None where it is not defined (nothing
was rated, or nothing varies). Ratings are whole levels from 0, or plain numbers for `icc_2_1`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Table = Any  # a numpy array of numbers: subjects down, raters across
Statistic = Callable[[Table], Table]  # many tables in, one number for each out, NaN where it is not defined

SAMPLES = 2000
CONFIDENCE = 0.95
# An interval from fewer resamples than this share of them would describe the lucky ones.
USABLE_SHARE = 0.5
# Sums of squares that only rounding keeps from zero.
NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """The percentile bounds of a bootstrap; `usable`: in how many of the resamples the statistic was defined."""

    low: float
    high: float
    usable: int


def quadratic_weighted_kappa(first: Sequence[int], second: Sequence[int]) -> float | None:
    """Cohen's kappa of two raters, disagreements weighed by the square of their distance.

    Cohen (1968); that squared weights make it an intraclass correlation is shown by Fleiss & Cohen (1973). It needs no
    number of levels: with m the means and v the variances (both over n), κ = 2·cov ∕ (v₁ + v₂ + (m₁ − m₂)²).
    """
    if len(first) != len(second):
        raise ValueError("both raters must have rated the same subjects")
    return _single(kappas(np.array([first, second], dtype=float).T)) if len(first) else None


def kappas(tables: Table) -> Table:
    """`quadratic_weighted_kappa` of many tables at once: the last two axes are subjects and the two raters."""
    one, two = tables[..., 0], tables[..., 1]
    expected = one.var(axis=-1) + two.var(axis=-1) + (one.mean(axis=-1) - two.mean(axis=-1)) ** 2
    return 1 - _divided(((one - two) ** 2).mean(axis=-1), expected)


def icc_2_1(ratings: Sequence[Sequence[float]] | Table) -> float | None:
    """Absolute agreement of single raters who are a sample of all raters: case 2 of Shrout & Fleiss (1979).

    `ratings`: subjects down, raters across, none missing. (BMS − EMS) ∕ (BMS + (k−1)·EMS + k·(JMS − EMS)∕n).
    """
    table = np.asarray(ratings, dtype=float)
    return _single(iccs(table)) if table.ndim == 2 and min(table.shape) >= 2 else None


def iccs(tables: Table) -> Table:
    """`icc_2_1` of many tables at once: the last two axes are subjects and raters, at least two of each."""
    n, k = tables.shape[-2:]
    grand = tables.mean(axis=(-2, -1), keepdims=True)
    between = k * ((tables.mean(axis=-1, keepdims=True) - grand) ** 2).sum(axis=(-2, -1))
    judges = n * ((tables.mean(axis=-2, keepdims=True) - grand) ** 2).sum(axis=(-2, -1))
    error = np.maximum(((tables - grand) ** 2).sum(axis=(-2, -1)) - between - judges, 0.0)
    bms, jms, ems = between / (n - 1), judges / (k - 1), error / ((n - 1) * (k - 1))
    return _divided(bms - ems, bms + (k - 1) * ems + k * (jms - ems) / n)


def gwet_ac1(ratings: Sequence[Sequence[int | None]] | Table, *, levels: int) -> float | None:
    """Gwet's first-order agreement coefficient, which stays sensible where nearly all ratings are the same.

    Gwet (2008), and his handbook (2014) for ratings that are missing (None or NaN). `ratings`: subjects down, raters
    across; `levels`: how many there are to choose from, used or not. A subject that one rater alone has seen counts for how
    frequent the levels are, not for agreement.
    """
    table = np.array([[np.nan if cell is None else cell for cell in row] for row in ratings], dtype=float)
    return _single(ac1s(table, levels=levels)) if table.ndim == 2 and levels >= 2 else None


def ac1s(tables: Table, *, levels: int) -> Table:
    """`gwet_ac1` of many tables at once: the last two axes are subjects and raters, NaN where a rating is missing."""
    counts = np.stack([(tables == level).sum(axis=-1) for level in range(levels)], axis=-1).astype(float)
    seen = counts.sum(axis=-1)
    rated, several = (seen > 0).sum(axis=-1), (seen >= 2).sum(axis=-1)
    shares = _divided((counts / np.maximum(seen, 1)[..., None]).sum(axis=-2), rated[..., None])
    by_chance = (shares * (1 - shares)).sum(axis=-1) / (levels - 1)
    agreeing = (counts * (counts - 1)).sum(axis=-1) / np.maximum(seen * (seen - 1), 1)
    return _divided(_divided(agreeing.sum(axis=-1), several) - by_chance, 1 - by_chance)


def bootstrap_interval(
    rows: Sequence[Any] | Table,
    statistic: Statistic,
    *,
    seed: int,
    samples: int = SAMPLES,
    confidence: float = CONFIDENCE,
) -> Interval | None:
    """Percentile interval (Efron 1979): the statistic of many draws of the rows, with replacement.

    `statistic` is asked for all draws at once (`kappas`, `iccs`, `ac1s`). The same rows and seed give the same bounds. Draws
    in which it is not defined are left out; None when they are most of them.
    """
    table = np.asarray(rows, dtype=float)
    if len(table) < 2:
        return None
    draws = np.random.default_rng(seed).integers(0, len(table), (samples, len(table)))
    found = statistic(table[draws])
    found = found[~np.isnan(found)]
    if len(found) < samples * USABLE_SHARE:
        return None
    low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(low=float(low), high=float(high), usable=len(found))


def _divided(part: Table, whole: Table) -> Table:
    """`part ∕ whole`, NaN where there is nothing to divide by."""
    whole = np.asarray(whole, dtype=float)
    nothing = np.abs(whole) <= NOTHING
    return np.where(nothing, np.nan, part / np.where(nothing, 1.0, whole))


def _single(value: Table) -> float | None:
    return None if np.isnan(value) else float(value)
