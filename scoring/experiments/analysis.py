"""What an experiment shows, computed once: when the pre-set number of people was reached, from exactly those people.

Nobody can peek: before that there is no interval to look at, and afterwards it does not move. The unit is the person, since
people are drawn; who called several times counts once, with the mean of their calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scenarios.experiments import services
from scenarios.experiments.models import Experiment, Exposure

from .statistics import CONFIDENCE, corrected, welch

# Every metric is a mark or a share between 0 and 100. Welch's interval knows nothing of that and goes beyond it where few
# people differ a lot; what no difference can be is left out of it.
WIDEST = 100.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a variant is: people who count, of those that are needed; calls under it, and those measured."""

    variant: Any
    people: int
    needed: int
    calls: int
    measured: int

    @property
    def percent(self) -> int:
        return min(100, 100 * self.people // self.needed) if self.needed else 0


def value_of(metric: str, outcome: Mapping[str, Any]) -> float | None:
    """The metric of one call; shares in percent. None where the call has none."""
    value = outcome.get(metric)
    if value is None:
        return None
    return 100.0 * value if isinstance(value, bool) else float(value)


def first_people(experiment: Experiment, exposures: Iterable[Exposure]) -> dict[int, dict[Any, list[float]]]:
    """For each variant the values of its people, at most as many people as are needed, in the order in which they were
    first measured."""
    people: dict[int, dict[Any, list[float]]] = {}
    for exposure in sorted(exposures, key=lambda row: (row.measured_at is None, row.measured_at, row.pk)):
        value = None if exposure.outcome is None else value_of(experiment.metric, exposure.outcome)
        if value is None:
            continue
        own = people.setdefault(exposure.variant_id, {})
        if exposure.person_id in own or len(own) < experiment.minimum_sample:
            own.setdefault(exposure.person_id, []).append(value)
    return people


def progress(experiment: Experiment) -> list[Progress]:
    """Two queries."""
    exposures = list(experiment.exposures.all())
    people = first_people(experiment, exposures)
    return [
        Progress(
            variant=variant,
            people=len(people.get(variant.pk, {})),
            needed=experiment.minimum_sample,
            calls=sum(1 for row in exposures if row.variant_id == variant.pk),
            measured=sum(1 for row in exposures if row.variant_id == variant.pk and row.outcome is not None),
        )
        for variant in experiment.variants.all()
    ]


def conclude(experiment: Experiment, *, over: bool = False) -> bool:
    """Write the result and end the experiment, where every variant has its people or its time is `over`. True where so."""
    variants = list(experiment.variants.all())
    people = first_people(experiment, experiment.exposures.all())
    reached = all(len(people.get(variant.pk, {})) >= experiment.minimum_sample for variant in variants)
    if not reached and not over:
        return False
    return services.finish(experiment=experiment, result=result_of(experiment, variants, people, reached=reached))


def result_of(
    experiment: Experiment, variants: list[Any], people: Mapping[int, Mapping[Any, list[float]]], *, reached: bool
) -> dict[str, Any]:
    """`{reached, metric, confidence, control, comparisons: [{variant, …Difference}]}`; no comparison where the sample was not
    reached: an interval from fewer people than was decided beforehand would be a peek."""
    means = [[sum(own) / len(own) for own in people.get(variant.pk, {}).values()] for variant in variants]
    confidence = corrected(CONFIDENCE, len(variants) - 1)
    comparisons = []
    for place, variant in enumerate(variants[1:], start=1):
        found = welch(means[0], means[place], confidence=confidence) if reached else None
        if found is not None:
            comparisons.append(
                {
                    "variant": variant.position,
                    "control_mean": round(found.control, 2),
                    "variant_mean": round(found.variant, 2),
                    "difference": round(found.difference, 2),
                    "low": round(max(found.low, -WIDEST), 2),
                    "high": round(min(found.high, WIDEST), 2),
                    "p": round(found.p, 4),
                    "shows": found.shows,
                    "people": [found.control_people, found.variant_people],
                }
            )
    return {
        "reached": reached,
        "metric": experiment.metric,
        "confidence": round(confidence, 4),
        "people": [len(values) for values in means],
        "comparisons": comparisons,
    }
