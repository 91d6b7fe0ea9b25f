"""From marks to a verdict on a judge: how far it agrees with people on one criterion, and whether that is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from .statistics import Interval, Statistic, ac1s, bootstrap_interval, gwet_ac1, iccs, kappas

State = Literal["holds", "below", "insufficient"]

LEVELS = 5  # marks 0–100 are laid on the five levels of an anchored scale for the coefficients of levels
ENOUGH_CALLS = 20
ENOUGH_SHARED = 10  # one call that two people marked apart says nothing about how far people agree
# A judge may certify when kappa reaches the first and its whole interval the second…
LEAST_KAPPA, LEAST_LOW = 0.6, 0.4
# …or, where nearly all marks are alike and kappa says little, when this much of Gwet's coefficient is certain.
LEAST_CERTAIN_AC1 = 0.8
SEED = 1979
SAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Pair:
    """One criterion of one call: what each person gave, blind, and what the judge gave. All 0–100."""

    call: str
    people: tuple[int, ...]
    judge: int

    @property
    def consensus(self) -> int:
        """The people's mean, halves up."""
        return (2 * sum(self.people) + len(self.people)) // (2 * len(self.people))


@dataclass(frozen=True, slots=True)
class Coefficient:
    """`interval` is None where too few draws of the bootstrap had a value."""

    value: float
    interval: Interval | None

    def to_json(self) -> dict[str, float | None]:
        bounds = self.interval
        return {
            "value": round(self.value, 4),
            "low": round(bounds.low, 4) if bounds else None,
            "high": round(bounds.high, 4) if bounds else None,
        }


@dataclass(frozen=True, slots=True)
class Agreement:
    """One criterion. `apart`: the judge's mark less the people's, on average. `among_people`: AC1 of those who marked the
    same calls, which no judge can be asked to exceed by much; None where they shared fewer than `ENOUGH_SHARED`."""

    calls: int
    apart: float | None
    kappa: Coefficient | None
    icc: Coefficient | None
    ac1: Coefficient | None
    among_people: float | None

    @property
    def state(self) -> State:
        if self.calls < ENOUGH_CALLS:
            return "insufficient"
        return "holds" if _by_kappa(self.kappa) or _by_ac1(self.ac1) else "below"

    def to_json(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "apart": None if self.apart is None else round(self.apart, 2),
            "kappa": self.kappa.to_json() if self.kappa else None,
            "icc": self.icc.to_json() if self.icc else None,
            "ac1": self.ac1.to_json() if self.ac1 else None,
            "among_people": None if self.among_people is None else round(self.among_people, 4),
            "state": self.state,
        }


def level_of(mark: int) -> int:
    """The nearest of the five levels; halves go up."""
    return (2 * mark * (LEVELS - 1) + 100) // 200


def agreement_of(pairs: Sequence[Pair]) -> Agreement:
    """The judge beside the people. The same pairs give the same numbers: the bootstrap's seed is fixed."""
    rows = sorted(pairs, key=lambda pair: pair.call)
    levels = [(level_of(pair.consensus), level_of(pair.judge)) for pair in rows]
    shared = [[level_of(mark) for mark in pair.people] for pair in rows if len(pair.people) > 1]
    widest = max((len(row) for row in shared), default=0)
    return Agreement(
        calls=len(rows),
        apart=sum(pair.judge - pair.consensus for pair in rows) / len(rows) if rows else None,
        kappa=_coefficient(levels, kappas),
        icc=_coefficient([(pair.consensus, pair.judge) for pair in rows], iccs),
        ac1=_coefficient(levels, partial(ac1s, levels=LEVELS)),
        among_people=(
            gwet_ac1([row + [None] * (widest - len(row)) for row in shared], levels=LEVELS)
            if len(shared) >= ENOUGH_SHARED
            else None
        ),
    )


def _coefficient(rows: Sequence[tuple[int, int]], statistic: Statistic) -> Coefficient | None:
    if len(rows) < 2:
        return None
    value = float(statistic(np.array(rows, dtype=float)))
    if np.isnan(value):
        return None
    return Coefficient(value, bootstrap_interval(rows, statistic, seed=SEED, samples=SAMPLES))


def _by_kappa(found: Coefficient | None) -> bool:
    return bool(found and found.interval and found.value >= LEAST_KAPPA and found.interval.low >= LEAST_LOW)


def _by_ac1(found: Coefficient | None) -> bool:
    return bool(found and found.interval and found.interval.low >= LEAST_CERTAIN_AC1)
