"""Guards: what must not get worse while an experiment runs. Looked at with every call; the first that trips ends it.

They compare a variant with the control and ask for more than chance: a gap that matters, and an interval that leaves out zero
at a confidence so high that looking after every call does not add up to false alarms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .statistics import welch

FEWEST_CALLS = 10  # on each side
SURE = 0.9995
SLOWER_MS = 400
MORE_FAULTS = 10.0  # points of a hundred calls
LESS_FAIR = 10.0  # points of score by which one language may lose against the other
Outcome = Mapping[str, Any]


def tripped(control: Sequence[tuple[str, Outcome]], variant: Sequence[tuple[str, Outcome]]) -> str:
    """The code of the first guard that trips: "latency", "faults", "fairness"; "" for none. `(language, outcome)` a call."""
    if _worse(_values(control, _latency), _values(variant, _latency), SLOWER_MS):
        return "latency"
    if _worse(_values(control, _fault), _values(variant, _fault), MORE_FAULTS):
        return "faults"
    return "fairness" if _unfair(control, variant) else ""


def _worse(control: list[float], variant: list[float], tolerated: float) -> bool:
    """Is the variant worse by more than is tolerated, and surely worse at all?"""
    if min(len(control), len(variant)) < FEWEST_CALLS:
        return False
    found = welch(control, variant, confidence=SURE)
    return found is not None and found.difference > tolerated and found.low > 0


def _unfair(control: Sequence[tuple[str, Outcome]], variant: Sequence[tuple[str, Outcome]]) -> bool:
    """Does the variant cost people of one language more points than those of the other?"""
    losses = {}
    for language in ("en", "es"):
        before = _values([row for row in control if row[0] == language], _score)
        after = _values([row for row in variant if row[0] == language], _score)
        if min(len(before), len(after)) < FEWEST_CALLS:
            return False
        losses[language] = welch(after, before, confidence=SURE)
    one, other = losses["en"], losses["es"]
    if one is None or other is None:
        return False
    apart = abs(one.difference - other.difference)
    reach = max(one.high - one.difference, 0.0) + max(other.high - other.difference, 0.0)
    return apart > LESS_FAIR and apart > reach


def _values(rows: Sequence[tuple[str, Outcome]], of: Callable[[Outcome], float | None]) -> list[float]:
    return [value for _language, outcome in rows if (value := of(outcome)) is not None]


def _latency(outcome: Outcome) -> float | None:
    value = outcome.get("latency_ms")
    return None if value is None else float(value)


def _fault(outcome: Outcome) -> float | None:
    value = outcome.get("fault")
    return None if value is None else 100.0 * bool(value)


def _score(outcome: Outcome) -> float | None:
    value = outcome.get("score")
    return None if value is None else float(value)
