"""All judgements of one call, and what lies between two of them: what went in, what came out, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from calls.models import Call

from .debrief.criteria import Quote
from .judgement import Judge, judge_of
from .models import CriterionResult, Score, ScoreRun


@dataclass(slots=True)
class ShownRun:
    """One run in the list. `readings`: the single readings that it combines, in their order."""

    run: ScoreRun
    judge: Judge
    counts: bool
    readings: list[ShownRun] = field(default_factory=list)

    @property
    def seed(self) -> int | None:
        seed = self.run.manifest.get("seed")
        return seed if isinstance(seed, int) else None

    @property
    def low(self) -> int | None:
        return _bound(self.run, "low")

    @property
    def high(self) -> int | None:
        return _bound(self.run, "high")

    @property
    def is_interval(self) -> bool:
        return self.low is not None and self.low != self.high


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that went into both runs and is not the same; in words."""

    label: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Side:
    """One criterion in one run. `was_asked`: the run's rubric had it. `score` is None where it did not, or where it did not
    apply. `only`: quotes that the other run does not have."""

    was_asked: bool
    score: int | None
    why: str
    only: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class CriterionChange:
    name: str
    weight: str
    first: Side
    second: Side
    shared: tuple[Quote, ...]

    @property
    def change(self) -> int | None:
        if self.first.score is None or self.second.score is None:
            return None
        return self.second.score - self.first.score

    @property
    def is_same(self) -> bool:
        return self.first.score == self.second.score and not self.first.only and not self.second.only


@dataclass(frozen=True, slots=True)
class RunsDiff:
    first: ShownRun
    second: ShownRun
    inputs: Sequence[Changed]
    criteria: Sequence[CriterionChange]

    @property
    def change(self) -> int:
        return self.second.run.overall_score - self.first.run.overall_score

    @property
    def is_same(self) -> bool:
        return not self.change and all(item.is_same for item in self.criteria)


def runs_of(call: Call) -> list[ShownRun]:
    """Every run of a call, newest first, its readings with it. Two queries, however many there are."""
    score = Score.objects.select_related("quick_run", "deep_run", "human_run").filter(call=call).first()
    counting = score.counting_run if score else None
    rows = call.score_runs.select_related("made_by", "rubric_version", "base_run").order_by("-created_at", "pk")
    shown = [ShownRun(run, judge_of(run), counting is not None and run.pk == counting.pk) for run in rows]
    by_id = {one.run.pk: one for one in shown}
    for one in shown:
        if one.run.group_id is not None:
            by_id[one.run.group_id].readings.append(one)
    for one in shown:
        one.readings.sort(key=lambda reading: int(reading.run.manifest.get("reading") or 0))
    return [one for one in shown if one.run.group_id is None]


def pair(history: Sequence[ShownRun], *, first: UUID | None, second: UUID | None) -> tuple[ShownRun, ShownRun] | None:
    """The two runs asked for, readings among them. For one that is not named: the run that counts, and the newest other that
    comes nearest to it (on the same track if there is one). None where there is nothing to compare."""
    known = {one.run.pk: one for run in history for one in (run, *run.readings)}
    if (first and first not in known) or (second and second not in known):
        return None
    after = known[second] if second else next((one for one in history if one.counts), None)
    if after is None:
        return None
    if first:
        return (known[first], after) if first != after.run.pk else None
    others = [one for one in history if one.run.pk != after.run.pk]
    corrected = [one for one in others if one.run.pk == after.run.base_run_id]
    alike = [one for one in others if one.run.track == after.run.track]
    before = next(iter([*corrected, *alike, *others]), None)
    return (before, after) if before else None


def diff(first: ShownRun, second: ShownRun) -> RunsDiff:
    """What is not the same in two runs of one call. Three queries."""
    rows = CriterionResult.objects.filter(run__in=[first.run, second.run]).prefetch_related("evidence__turn")
    found: dict[UUID, dict[str, CriterionResult]] = {first.run.pk: {}, second.run.pk: {}}
    for row in rows.order_by("position"):
        found[row.run_id][row.key] = row
    before, after = found[first.run.pk], found[second.run.pk]
    return RunsDiff(
        first=first,
        second=second,
        inputs=_inputs(first, second),
        criteria=[_criterion(before.get(key), after.get(key)) for key in dict.fromkeys([*after, *before])],
    )


def _criterion(before: CriterionResult | None, after: CriterionResult | None) -> CriterionChange:
    quotes = [_quotes(row) for row in (before, after)]
    shared = [place for place in quotes[0] if place in quotes[1]]
    sides = [
        Side(
            was_asked=row is not None,
            score=row.score if row is not None and row.applicable else None,
            why=row.rationale if row is not None else "",
            only=tuple(quote for place, quote in mine.items() if place not in shared),
        )
        for row, mine in zip((before, after), quotes, strict=True)
    ]
    named = after or before
    weights = dict.fromkeys(str(row.weight) for row in (before, after) if row is not None)
    return CriterionChange(
        name=named.name if named else "",
        weight=" → ".join(weights),
        first=sides[0],
        second=sides[1],
        shared=tuple(quotes[0][place] for place in shared),
    )


def _quotes(row: CriterionResult | None) -> dict[tuple[Any, ...], Quote]:
    """By place in the transcript, so that the same words found twice are the same evidence."""
    if row is None:
        return {}
    return {
        (one.turn_id, one.start, one.end): Quote(one.quote, one.turn.timestamp_ms, str(one.turn_id))
        for one in row.evidence.all()
    }


def _inputs(first: ShownRun, second: ShownRun) -> list[Changed]:
    """What went into the two runs, where it differs, in the order in which a reader would ask."""
    values = [_went_in(first), _went_in(second)]
    labels = {
        "judge": _("Judge"),
        "transcript": _("Transcript"),
        "rubric": _("Rubric"),
        "prompt": _("Prompt"),
        "readings": _("Readings"),
        "temperature": _("Temperature"),
        "seed": _("Seed"),
        "rules": _("Rules of the arithmetic"),
        "corrects": _("Reason"),
    }
    return [
        Changed(label, values[0][key] or "–", values[1][key] or "–")
        for key, label in labels.items()
        if values[0][key] != values[1][key]
    ]


def _went_in(one: ShownRun) -> dict[str, str]:
    run, manifest = one.run, one.run.manifest
    settings = manifest.get("settings") or {}
    readings = manifest.get("readings")
    had = int(readings.get("had") or 1) if isinstance(readings, Mapping) and run.group_id is None else 1
    return {
        "judge": one.judge.name,
        "transcript": run.transcript_hash[:12],
        "rubric": _("%(name)s, version %(number)s")
        % {"name": run.rubric_version.content.get("name", ""), "number": run.rubric_version.number},
        "prompt": run.prompt_version,
        "readings": str(had),
        "temperature": str(settings.get("temperature", "")),
        # Rules draw no lots: a seed says something about a language model only.
        "seed": "" if one.judge.is_embedded or one.seed is None else str(one.seed),
        "rules": str(manifest.get("code_version") or ""),
        "corrects": run.reason,
    }


def _bound(run: ScoreRun, name: str) -> int | None:
    interval = run.result.get("interval")
    value = interval.get(name) if isinstance(interval, Mapping) else None
    return value if isinstance(value, int) else None
