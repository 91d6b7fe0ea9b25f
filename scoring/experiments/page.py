"""The intervals of a finished experiment as a drawing: one line for each comparison, zero in the middle."""

from __future__ import annotations

from typing import Any

from scenarios.experiments.models import Experiment

MIDDLE, HALF = 345, 300  # in units of the drawing's own view box


def charts_of(experiment: Experiment) -> list[dict[str, Any]]:
    """Each comparison with its place on the axis; empty before the end, and where the sample was not reached."""
    comparisons = (experiment.result or {}).get("comparisons", [])
    variants = {variant.position: variant for variant in experiment.variants.all()}
    reach = max((abs(value) for row in comparisons for value in (row["low"], row["high"])), default=0) * 1.1 or 1.0
    return [
        {
            **row,
            "name": variants[row["variant"]].name,
            "low_x": _at(row["low"], reach),
            "high_x": _at(row["high"], reach),
            "point_x": _at(row["difference"], reach),
            "middle": MIDDLE,
            "percent": round(100 * experiment.result["confidence"], 1) if experiment.result else 95,
        }
        for row in comparisons
    ]


def _at(value: float, reach: float) -> int:
    return MIDDLE + round(value / reach * HALF)
