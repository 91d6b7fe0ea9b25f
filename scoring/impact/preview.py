"""What publishing a rubric would change: its draft, tried on the last calls that were scored by it. Nothing is scored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from scenarios.briefs import BriefInvalid, RubricSpec
from scenarios.contents import rubric_content
from scenarios.models import Rubric
from scenarios.models.versions import hash_content
from scenarios.validation import check_rubric, refuse_unless_ready
from scoring import grading
from scoring.criteria import criteria_of
from scoring.models import ImpactOutcome, Job, RubricImpact, Score
from scoring.results import result_of

from . import candidates, projection, work

LAST = 50
CHOICES = (20, 50, 100, 250)


@transaction.atomic
def begin(*, rubric: Rubric, by: Any, last: int = LAST) -> RubricImpact:
    """Fix the draft and the calls it is tried on: the last `last` ones. Who enqueues the work is the caller.

    The same draft on the same number of calls that is being tried already is not tried twice at once. Raises `NotReady`
    where the draft could not be published.
    """
    refuse_unless_ready(check_rubric(rubric))
    content = rubric_content(rubric)
    digest = hash_content(content)
    Rubric.objects.select_for_update(of=("self",)).get(pk=rubric.pk)
    under_way = RubricImpact.objects.filter(rubric=rubric, content_hash=digest).exclude(state=Job.State.DONE).first()
    if under_way is not None:
        return under_way
    scores = list(candidates.scores_of(rubric, most=last))
    impact = RubricImpact.objects.create(
        rubric=rubric, requested_by=by, content=content, content_hash=digest, total=len(scores)
    )
    ImpactOutcome.objects.bulk_create(ImpactOutcome(impact=impact, **candidates.before(score)) for score in scores)
    return impact


def newest_of(rubric: Rubric) -> RubricImpact | None:
    """The newest preview of the draft as it stands; one of an earlier draft says nothing about this one."""
    digest = hash_content(rubric_content(rubric))
    return RubricImpact.objects.filter(rubric=rubric, content_hash=digest).order_by("-created_at").first()


def is_current(impact: RubricImpact) -> bool:
    """Is the rubric's draft still the one that was tried?"""
    try:
        return hash_content(rubric_content(impact.rubric)) == impact.content_hash
    except BriefInvalid:
        return False


def go_on(impact_id: UUID, *, seconds: float = work.SECONDS) -> bool:
    """Try the draft on more of the calls; True when all are through, or the preview is gone."""
    impact = RubricImpact.objects.filter(pk=impact_id).first()
    if impact is None:
        return True
    rubric = RubricSpec.from_json(impact.content)
    return work.go_on(impact, lambda outcome: _try(outcome, rubric), seconds=seconds)


def _try(outcome: ImpactOutcome, rubric: RubricSpec) -> None:
    """Fill in what the call would get."""
    score = Score.objects.select_related("deep_run__rubric_version", "deep_run__call", "human_run").get(
        call_id=outcome.call_id
    )
    if outcome.set_by_person:
        outcome.criteria = candidates.kept_by(score)
        outcome.after_score, outcome.after_passed = outcome.before_score, outcome.before_passed
        return
    run = score.deep_run
    assert run is not None  # only such calls are tried, and runs stay
    case = projection.case_by(run, rubric)
    judgement = projection.judged(run, case).judgement
    result = result_of(
        case,
        judgement,
        flags=[],
        graded=grading.is_graded(run.call, "deep"),
        too_few=grading.was_too_few(run.manifest),
    )
    outcome.criteria = candidates.compared(criteria_of(run), result["criteria"])
    outcome.after_score, outcome.after_passed = result["overall_score"], result["passed"]


@dataclass(frozen=True, slots=True)
class Summary:
    """A job in numbers. `passes`, `fails`, `undecided`: the calls that would change to that; `before` and `after`: means,
    None where no call is through; `criteria`: `[{name, before, after}]`, means over the calls where it applied."""

    finished: int
    passes: int
    fails: int
    undecided: int
    set_by_person: int
    problems: int
    before: int | None
    after: int | None
    criteria: tuple[dict[str, Any], ...]

    @property
    def flips(self) -> int:
        return self.passes + self.fails + self.undecided


def summary_of(outcomes: Any) -> Summary:
    """In one query, whatever the number of calls."""
    rows = list(outcomes.filter(finished_at__isnull=False).defer("call"))
    good = [row for row in rows if not row.problem]
    turned = Counter(row.after_passed for row in good if row.flips)
    return Summary(
        finished=len(rows),
        passes=turned[True],
        fails=turned[False],
        undecided=turned[None],
        set_by_person=sum(1 for row in good if row.set_by_person),
        problems=len(rows) - len(good),
        before=_mean([row.before_score for row in good]),
        after=_mean([row.after_score for row in good]),
        criteria=_criteria(good),
    )


def flipped(outcomes: Any) -> Any:
    """The calls whose passing changes, newest first."""
    changed = ~Q(before_passed=True, after_passed=True) & ~Q(before_passed=False, after_passed=False)
    changed &= ~Q(before_passed__isnull=True, after_passed__isnull=True)
    return (
        outcomes.filter(changed, finished_at__isnull=False, problem="").select_related("call__trainee").order_by("pk")
    )


def _mean(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return (2 * sum(known) + len(known)) // (2 * len(known)) if known else None


def _criteria(rows: list[Any]) -> tuple[dict[str, Any], ...]:
    names: dict[str, str] = {}
    marks: dict[tuple[str, str], list[int | None]] = {}
    for row in rows:
        for item in row.criteria:
            names.setdefault(item["key"], item["name"])
            for side in ("before", "after"):
                marks.setdefault((item["key"], side), []).append(item[side])
    return tuple(
        {"name": name, "before": _mean(marks[key, "before"]), "after": _mean(marks[key, "after"])}
        for key, name in names.items()
    )
