"""How near the embedded judge comes to the reference marks of the corpus.

`python -m tests.corpus` prints it: rank correlation overall and quadratic-weighted kappa for each criterion, for the
calls that the rules may learn from and for those that are held out. `--calls` adds a line for each
open call; of the held-out ones nobody should see more than the sums.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import spearmanr

from integrations.embeddings.embedded import default_encoder
from scoring.calibration.statistics import quadratic_weighted_kappa
from scoring.judges.base import Track
from scoring.judges.embedded import EmbeddedJudge
from scoring.results import result_of

from . import HIGHEST_MARK, Sample, marked


@dataclass(frozen=True, slots=True)
class Judged:
    """One call, as the rules judge it. `levels`: 0–4 by criterion, None where the judge saw no occasion."""

    sample: Sample
    overall: int
    levels: dict[str, int | None]


@functools.cache
def judged(sample: Sample, track: Track = "quick") -> Judged:
    case = sample.case()
    result = result_of(case, EmbeddedJudge(default_encoder()).judge(case, track=track), flags=[])
    levels = {item["key"]: level_of(item["score"]) if item["applicable"] else None for item in result["criteria"]}
    return Judged(sample, result["overall_score"], levels)


def level_of(score: int) -> int:
    """The nearest of the five marks; halves go up."""
    return (2 * score * HIGHEST_MARK + 100) // 200


def agreement(samples: Sequence[Sample]) -> tuple[float, dict[str, float | None]]:
    """(Spearman of the overall score with the reference, kappa by criterion over the calls where both saw an occasion)."""
    rows = [judged(sample) for sample in samples]
    rank = spearmanr([row.overall for row in rows], [row.sample.reference for row in rows]).statistic
    kappas: dict[str, float | None] = {}
    for key in samples[0].marks:
        both = [
            (row.levels[key], row.sample.marks[key].mark)
            for row in rows
            if row.levels[key] is not None and row.sample.marks[key].mark is not None
        ]
        kappas[key] = quadratic_weighted_kappa(*zip(*both, strict=True)) if both else None
    return float(rank), kappas


def parts() -> dict[str, list[Sample]]:
    """The corpus as it is reported: all, seen and held out, and each language."""
    samples = marked()
    return {
        "all": samples,
        "open": [sample for sample in samples if not sample.held_out],
        "held out": [sample for sample in samples if sample.held_out],
        "English": [sample for sample in samples if sample.language == "en"],
        "Spanish": [sample for sample in samples if sample.language == "es"],
    }


def main() -> None:
    for name, samples in parts().items():
        rank, kappas = agreement(samples)
        told = "  ".join(f"{key} {value:.2f}" for key, value in kappas.items() if value is not None)
        print(f"{name:9} n={len(samples):2}  rank correlation {rank:.3f}   kappa: {told}")
    if "--calls" in sys.argv:
        for row in sorted(map(judged, parts()["open"]), key=lambda item: item.sample.reference):
            marks = " ".join(
                f"{key[:4]} {_shown(mark.mark)}:{_shown(row.levels[key])}" for key, mark in row.sample.marks.items()
            )
            print(f"{row.sample.id:28} reference {row.sample.reference:5.1f}  judge {row.overall:3}   {marks}")


def _shown(level: int | None) -> str:
    return "-" if level is None else str(level)
