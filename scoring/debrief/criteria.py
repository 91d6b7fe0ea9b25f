"""Each criterion as the debrief shows it: what it earned, by which rule, on which words, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from calls.models import Turn
from scenarios.briefs import CriterionSpec, RubricSpec
from scoring.aggregate import BLOCKER_FLOOR
from scoring.cases import turn_of
from scoring.models import CriterionResult, ScoreRun
from scoring.wording import wording

from .contributions import Contribution
from .refusals import RefusedQuote, answers_of, refused_quotes


@dataclass(frozen=True, slots=True)
class Quote:
    """The trainee's own words, and where they are."""

    text: str
    at_ms: int
    turn_id: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a call of that score sounds like, in the rubric's words. `is_reached`: this call got at least as far."""

    score: int
    text: str
    is_reached: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """Something the embedded judge counted for a criterion: 0–100, None where the call gave no occasion."""

    label: str
    value: int | None


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One part of a criterion that asks for several things."""

    text: str
    score: int
    applicable: bool


@dataclass(frozen=True, slots=True)
class ShownCriterion:
    """`anchors` from the lowest to the highest. `readings`: what each of several readings gave, None where it did not
    apply. `refused`: quotes that the judge named and the trainee did not say. `was`: what the judge had given before a
    person changed it (`by_person`), None where it had not applied."""

    key: str
    name: str
    kind: str
    weight: int
    score: int
    applicable: bool
    verified: bool
    rationale: str
    quotes: tuple[Quote, ...]
    contribution: Contribution
    definition: str = ""
    source: str = ""
    partial: int = 0
    anchors: tuple[Anchor, ...] = ()
    counted: tuple[Counted, ...] = ()
    parts: tuple[ShownPart, ...] = ()
    readings: tuple[int | None, ...] = ()
    refused: tuple[RefusedQuote, ...] = ()
    is_unsure: bool = False
    by_person: bool = False
    was: int | None = None

    @property
    def nearest(self) -> Anchor | None:
        """The highest anchor that this call reached. The lowest describes whatever lies below it, too."""
        return next((anchor for anchor in reversed(self.anchors) if anchor.is_reached), next(iter(self.anchors), None))

    @property
    def next_anchor(self) -> Anchor | None:
        """The lowest anchor above that one; None at the top."""
        return next((anchor for anchor in self.anchors[1:] if not anchor.is_reached), None)

    @property
    def has_no_credit(self) -> bool:
        """Does it apply, and nothing that was said proves it? Not so where our own judge saw what must not happen: that
        counted, and the rationale says what it was."""
        seen = self.kind == "blocker" and any(item.value is not None for item in self.counted)
        return self.applicable and not self.verified and not self.score and not seen

    @property
    def has_failed(self) -> bool:
        """Must it not fail, and did? Nobody passes with that, whatever the sum."""
        return self.kind == "blocker" and self.applicable and self.score < BLOCKER_FLOOR

    @property
    def is_half_met(self) -> bool:
        """Is the mark the one that the rubric gives for half of it?"""
        return self.kind == "binary" and self.applicable and 0 < self.partial == self.score

    @property
    def is_confirmed(self) -> bool:
        """Did a person look at it and leave it as it was?"""
        return self.by_person and self.was == (self.score if self.applicable else None)

    @property
    def differs(self) -> bool:
        """Did several readings give different marks?"""
        return len(set(self.readings)) > 1


def shown_criteria(
    run: ScoreRun,
    rows: Sequence[CriterionResult],
    lines: Iterable[Contribution],
    *,
    rubric: RubricSpec | None,
    turns: Sequence[Turn],
) -> list[ShownCriterion]:
    """The criteria of a run in the rubric's order, each with its line of the breakdown. `rubric` is the version that the run
    was judged by, None where it can no longer be read. Runs of every age are kept, so nothing in `result` is taken for
    granted."""
    starts = {turn.pk: turn.timestamp_ms for turn in turns}
    specs = {item.key: item for item in rubric.criteria} if rubric else {}
    kept = {str(item.get("key")): item for item in run.result.get("criteria") or [] if isinstance(item, Mapping)}
    signals = _signals(run)
    refused = _refused(run, rows, turns)
    return [
        ShownCriterion(
            key=row.key,
            name=row.name,
            kind=row.kind,
            weight=row.weight,
            score=row.score,
            applicable=row.applicable,
            verified=row.verified,
            rationale=row.rationale,
            quotes=tuple(
                Quote(one.quote, starts[one.turn_id], str(one.turn_id))
                for one in row.evidence.all()
                if one.turn_id in starts
            ),
            contribution=line,
            refused=refused.get(row.key, ()),
            **_of_rule(specs.get(row.key), row, signals),
            **_of_result(kept.get(row.key, {})),
        )
        for row, line in zip(rows, lines, strict=True)
    ]


def _of_rule(spec: CriterionSpec | None, row: CriterionResult, signals: Mapping[str, Any]) -> dict[str, Any]:
    if spec is None:
        return {}
    return {
        "definition": spec.definition,
        "source": spec.source,
        "partial": spec.partial,
        "anchors": anchors_of(spec.anchors, row.score) if row.applicable else (),
        "counted": counted_for(spec.signals, signals),
    }


def _of_result(item: Mapping[str, Any]) -> dict[str, Any]:
    was = item.get("was")
    return {
        "parts": tuple(
            ShownPart(str(part.get("text") or ""), int(part.get("score") or 0), bool(part.get("applicable", True)))
            for part in item.get("parts") or []
        ),
        "readings": tuple(None if value is None else int(value) for value in item.get("readings") or []),
        "is_unsure": item.get("confidence") == "low",
        "by_person": bool(item.get("by_person")),
        "was": None if was is None else int(was),
    }


def _refused(
    run: ScoreRun, rows: Iterable[CriterionResult], turns: Sequence[Turn]
) -> dict[str, tuple[RefusedQuote, ...]]:
    """Looked up only for what earned no credit: the other criteria have quotes that hold."""
    keys = {row.key for row in rows if row.applicable and not row.verified and not row.score}
    if not keys or _signals(run):
        return {}
    flags = run.result.get("flags") or []
    return refused_quotes(answers_of(run), keys, [turn_of(turn) for turn in turns], flags=flags)


def anchors_of(anchors: Mapping[str, str], score: int) -> tuple[Anchor, ...]:
    """The rubric's anchors from the lowest to the highest; keys that name no score are left out."""
    numbered = sorted((int(key), text) for key, text in anchors.items() if key.isdecimal())
    return tuple(Anchor(at, text, is_reached=score >= at) for at, text in numbered)


def counted_for(names: Iterable[str], signals: Mapping[str, Any]) -> tuple[Counted, ...]:
    """What the embedded judge counted for a criterion, named in the reader's language."""
    labels = wording(get_language() or "en").signals
    return tuple(
        Counted(labels[name].label, None if signals[name] is None else int(signals[name]))
        for name in dict.fromkeys(names)
        if name in signals and name in labels
    )


def _signals(run: ScoreRun) -> Mapping[str, Any]:
    """A person's run counts nothing anew; what had been counted is in the run that it corrects."""
    raw = (run.base_run or run).manifest.get("raw") or {}
    found = raw.get("signals") if isinstance(raw, Mapping) else None
    return found if isinstance(found, Mapping) else {}
