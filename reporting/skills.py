"""Skills over time: what somebody scored lately, and what that says about what they can do.

Two numbers for each criterion, over the debriefs in which it came up and that count:

*Performance* is the plain mean of the last five marks: how it went.

*Proficiency* estimates the level behind the marks, with its spread. It is a weighted mean m = Σwx ∕ Σw, where a mark's weight
w = 2^(−age ∕ 5) · d halves with every five newer marks (an exponentially weighted moving average, Hunter 1986, Journal of
Quality Technology 18) and grows with the buyer's difficulty, d = 0.8, 1 or 1.25: a mark earned with a hard buyer says more.
With such weights the marks are worth n' = (Σw)² ∕ Σw² equal ones (Kish 1965, Survey Sampling), their variance is
s² = Σw(x − m)² ∕ (Σw − Σw² ∕ Σw), and the error of the mean is e = √(s² ∕ n'). Low and high are m ∓ t·e, where t leaves a
tenth on either side of Student's distribution with n' − 1 degrees of freedom: the level lies between them in eight cases of
ten. Marks that happen to be all alike would promise certainty, so s is never taken below five points.

With fewer than four marks there is no estimate: "not enough yet" is the honest answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone
from scipy.special import stdtrit

from scoring.counted import debriefed, marks_of

MOST_DEBRIEFS = 60
LATELY = 5
HALF_LIFE = 5
FEWEST = 4
LEAST_SPREAD = 5.0
TAIL = 0.9  # a tenth above; and, both sides being alike, a tenth below
DIFFICULTY = {"easy": 0.8, "medium": 1.0, "hard": 1.25}


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of one debrief."""

    call_id: UUID
    at: datetime
    title: str
    score: int
    difficulty: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A level from 0 to 100, and between what it lies in eight cases of ten."""

    value: float
    low: float
    high: float

    @property
    def margin(self) -> float:
        """Half of the way from low to high."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Skill:
    """One criterion over time. `marks` oldest first, `levels` the proficiency after each of them."""

    key: str
    name: str
    marks: tuple[Mark, ...]
    levels: tuple[Estimate | None, ...]

    @property
    def performance(self) -> float:
        lately = self.marks[-LATELY:]
        return sum(mark.score for mark in lately) / len(lately)

    @property
    def proficiency(self) -> Estimate | None:
        return self.levels[-1]

    @property
    def lacking(self) -> int:
        """Marks that are still needed for an estimate."""
        return max(FEWEST - len(self.marks), 0)

    @property
    def rows(self) -> list[tuple[Mark, Estimate | None]]:
        """For the table: newest first."""
        return list(zip(reversed(self.marks), reversed(self.levels), strict=True))

    @property
    def data_id(self) -> str:
        """The id of the element in which the page carries `points`."""
        return f"skill-data-{self.key}"

    @property
    def points(self) -> list[dict[str, Any]]:
        """As the chart reads it, oldest first; days are those of the reader's time zone, not of the browser's."""
        return [
            {
                "on": timezone.localdate(mark.at).isoformat(),
                "score": mark.score,
                "title": mark.title,
                "level": None if level is None else round(level.value, 1),
                "low": None if level is None else round(level.low, 1),
                "high": None if level is None else round(level.high, 1),
            }
            for mark, level in zip(self.marks, self.levels, strict=True)
        ]


def skills_of(*, user_id: UUID) -> list[Skill]:
    """One person's skills, by name, over the newest sixty debriefs; one query."""
    newest = debriefed(user_ids=[user_id]).order_by("-call__ended_at", "-call_id").values("run")[:MOST_DEBRIEFS]
    rows: Any = (
        marks_of(user_id=user_id)
        .filter(run_id__in=newest)
        .annotate(difficulty=KeyTextTransform("difficulty", "run__call__brief"))
        .values_list("key", "name", "run__call_id", "run__call__ended_at", "run__call__title", "score", "difficulty")
    )
    marks: dict[str, list[Mark]] = {}
    names: dict[str, str] = {}
    for key, name, *mark in rows:
        marks.setdefault(key, []).append(Mark(*mark))
        names.setdefault(key, name)  # as the newest rubric calls it
    found = [skill_of(key, names[key], list(reversed(own))) for key, own in marks.items()]
    return sorted(found, key=lambda skill: (skill.name, skill.key))


def skill_of(key: str, name: str, marks: Sequence[Mark]) -> Skill:
    levels = tuple(estimate(marks[: number + 1]) for number in range(len(marks)))
    return Skill(key=key, name=name, marks=tuple(marks), levels=levels)


def estimate(marks: Sequence[Mark]) -> Estimate | None:
    """The proficiency that these marks (oldest first) speak of; None with fewer than four."""
    if len(marks) < FEWEST:
        return None
    weights = [
        2 ** (-age / HALF_LIFE) * DIFFICULTY.get(mark.difficulty, 1.0) for age, mark in enumerate(reversed(marks))
    ]
    scores = [mark.score for mark in reversed(marks)]
    total = sum(weights)
    squares = sum(weight * weight for weight in weights)
    mean = sum(weight * score for weight, score in zip(weights, scores, strict=True)) / total
    worth = total * total / squares
    variance = sum(weight * (score - mean) ** 2 for weight, score in zip(weights, scores, strict=True)) / (
        total - squares / total
    )
    error = math.sqrt(max(variance, LEAST_SPREAD**2) / worth)
    reach = float(stdtrit(worth - 1, TAIL)) * error
    return Estimate(mean, max(mean - reach, 0.0), min(mean + reach, 100.0))
