"""How far a score can be trusted: the interval beside the number.

Three honest sources; `source` in the result says which, and `docs/scoring.md` explains them.

* `one_sentence` (embedded judge): the judge gives the same number every time, so what is uncertain is the transcript. Each
  sentence that counted is left out in turn, as if it had been misheard; low and high are the extremes of those scores.
* `scale_step` (language models): a model rates on a scale with steps. The half-width is the standard error that the step
  alone gives to the weighted mean, a rating lying anywhere within its step.
* `readings` (language models, graded calls): the call was read several times. A criterion is uncertain by the spread of its
  readings, never by less than its step; and no reading's own overall score lies outside.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median

from .aggregate import Weighted, clamp

TO_DEVIATION = 1.4826  # from a median absolute deviation, of normally spread values


def extremes(score: float, others: Iterable[float]) -> tuple[float, float]:
    """The lowest and the highest of a score and what it might have been."""
    values = [score, *others]
    return min(values), max(values)


def step_error(parts: Sequence[Weighted], *, step: int) -> float:
    """Standard error of the weighted mean when each rating is uniform within its step: √Σ(wᵢ·step)²/12 ∕ Σwᵢ."""
    counted = [part for part in parts if part.applicable and part.weight > 0]
    total = sum(part.weight for part in counted)
    return math.sqrt(sum((part.weight * step) ** 2 for part in counted) / 12) / total if total else 0.0


def spread(values: Sequence[int]) -> float:
    """The median absolute deviation; 0 for fewer than two values."""
    if len(values) < 2:
        return 0.0
    middle = median(values)
    return float(median(abs(value - middle) for value in values))


def readings_error(parts: Sequence[Weighted], spreads: Sequence[float], *, step: int) -> float:
    """Standard error of the weighted mean when each criterion is uncertain by its spread (scaled to a standard deviation) or
    by its step, whichever is more: √Σ(wᵢ·eᵢ)² ∕ Σwᵢ. `spreads` in the order of `parts`."""
    counted = [
        (part.weight, max(TO_DEVIATION * one, step / math.sqrt(12)))
        for part, one in zip(parts, spreads, strict=True)
        if part.applicable and part.weight > 0
    ]
    total = sum(weight for weight, _error in counted)
    return math.sqrt(sum((weight * error) ** 2 for weight, error in counted)) / total if total else 0.0


def interval(low: float, high: float, *, source: str) -> dict[str, int | str]:
    """`{low, high, source}` within 0–100, in whole points."""
    return {"low": clamp(low), "high": clamp(high), "source": source}
