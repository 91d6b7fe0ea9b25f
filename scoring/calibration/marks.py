"""What there is to compare: people's blind marks, and the marks of each judge for the same calls."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from scoring.models import HUMAN, CriterionResult, Review, ScoreRun, Track

from .agreement import Pair

# Only what people said lately: a judge that drifted is not saved by the marks of long ago.
LOOK_BACK = timedelta(days=365)
LATEST_CALLS = 100


class JudgeKey(NamedTuple):
    """A judge as it is calibrated: on one rubric version, in one language, with one model and prompt."""

    rubric_version_id: UUID
    judged_by: str
    model: str
    prompt_version: str
    language: str


@dataclass(slots=True)
class Marks:
    """Everything that one judge is compared on. `pairs` by criterion."""

    pairs: dict[str, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    calls: set[UUID] = field(default_factory=set)
    reviews: int = 0

    @property
    def inputs(self) -> str:
        """One hash over all marks: the same marks need no second count."""
        rows = [
            [key, *sorted([pair.call, sorted(pair.people), pair.judge] for pair in pairs)]
            for key, pairs in sorted(self.pairs.items())
        ]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


@dataclass(slots=True)
class _Marked:
    """One call that people marked blind."""

    language: str
    rubric_version_id: UUID
    marks: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    reviews: int = 0


def gather() -> dict[JudgeKey, Marks]:
    """The marks of all judges in the organisation at hand. Three queries, whatever there is."""
    marked = _marked_calls()
    runs = _newest_runs(marked)
    scores: dict[UUID, dict[str, int]] = defaultdict(dict)
    rows = CriterionResult.objects.filter(run__in=runs.values(), applicable=True).values_list("run_id", "key", "score")
    for run_id, key, score in rows:
        scores[run_id][key] = score
    found: dict[JudgeKey, Marks] = defaultdict(Marks)
    for (call_id, judge), run_id in runs.items():
        call, marks = marked[call_id, judge.rubric_version_id], found[judge]
        marks.calls.add(call_id)
        marks.reviews += call.reviews
        for key, people in call.marks.items():
            if key in scores[run_id]:
                marks.pairs[key].append(Pair(str(call_id), tuple(people), scores[run_id][key]))
    return dict(found)


def _marked_calls() -> dict[tuple[UUID, UUID], _Marked]:
    """The calls that people marked last, at most `LATEST_CALLS` of each rubric version and language."""
    rows = (
        Review.objects.blind()
        .filter(submitted_at__gte=timezone.now() - LOOK_BACK)
        .order_by("-submitted_at", "pk")
        .values_list("call_id", "rubric_version_id", "call__language", "marks")
    )
    found: dict[tuple[UUID, UUID], _Marked] = {}
    full: dict[tuple[UUID, str], int] = defaultdict(int)
    for call_id, rubric_version_id, said_in, marks in rows:
        language = said_in.split("-")[0]
        if (call_id, rubric_version_id) not in found:
            if full[rubric_version_id, language] >= LATEST_CALLS:
                continue
            full[rubric_version_id, language] += 1
            found[call_id, rubric_version_id] = _Marked(language, rubric_version_id)
        call = found[call_id, rubric_version_id]
        call.reviews += 1
        for key, mark in marks.items():
            call.marks[key].append(mark)
    return found


def _newest_runs(marked: Mapping[tuple[UUID, UUID], _Marked]) -> dict[tuple[UUID, JudgeKey], UUID]:
    """The newest debrief of each call by each judge, on the rubric version that people used."""
    runs = (
        ScoreRun.objects.standing()
        .filter(track=Track.DEEP, call_id__in={call_id for call_id, _rubric in marked})
        .exclude(judged_by=HUMAN)
        .order_by("created_at", "pk")
        .values_list("pk", "call_id", "rubric_version_id", "judged_by", "model", "prompt_version")
    )
    found: dict[tuple[UUID, JudgeKey], UUID] = {}
    for run_id, call_id, rubric_version_id, judged_by, model, prompt_version in runs:
        if call := marked.get((call_id, rubric_version_id)):
            key = JudgeKey(rubric_version_id, judged_by, model, prompt_version, call.language)
            found[call_id, key] = run_id
    return found
