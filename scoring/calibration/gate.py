"""May a score certify somebody without a person? Only while people and this very judge are known to agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scoring.models import HUMAN, Calibration, ScoreRun


class Reason(StrEnum):
    PERSON = "person"  # a person set the score
    CALIBRATED = "calibrated"  # the judge agrees with people on every criterion
    UNDECIDED = "undecided"  # too near the pass mark
    NEVER_COUNTED = "never_counted"  # no person has marked this judge's calls blind
    INSUFFICIENT = "insufficient"  # too few calls on some criterion
    BELOW = "below"  # people and judge disagree too much on some criterion


@dataclass(frozen=True, slots=True)
class Gate:
    """`counted_at`: when agreement was counted; None where it never was, or a person decided."""

    open: bool
    reason: Reason
    counted_at: datetime | None = None

    def to_json(self) -> dict[str, str | bool | None]:
        return {
            "automatic": self.open,
            "reason": self.reason.value,
            "counted_at": self.counted_at.isoformat() if self.counted_at else None,
        }


def gate_of(run: ScoreRun, *, language: str) -> Gate:
    """The gate for what rests on this run. One query, none for a person's run.

    A new model, a new prompt, a new version of the rubric or another language starts behind a closed gate; new marks that
    show a drift close it again.
    """
    if run.judged_by == HUMAN:
        return Gate(True, Reason.PERSON)
    if run.passed is None:
        return Gate(False, Reason.UNDECIDED)
    counts = Calibration.objects.of_run(run, language=language.split("-", maxsplit=1)[0])
    return gate_by(counts.order_by("-counted_at").first())


def gate_by(latest: Calibration | None) -> Gate:
    """The gate as the newest count leaves it."""
    if latest is None:
        return Gate(False, Reason.NEVER_COUNTED)
    if latest.holds:
        return Gate(True, Reason.CALIBRATED, latest.counted_at)
    short = any(item["state"] == "insufficient" for item in latest.criteria)
    return Gate(False, Reason.INSUFFICIENT if short else Reason.BELOW, latest.counted_at)
