"""Scoring past calls again by a version of their rubric, in new runs beside the old ones."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notices.services import place
from accounts.notices.work import tell_ready
from scenarios.models import Rubric, RubricVersion
from scoring import runs
from scoring.criteria import criteria_of
from scoring.models import Job, RescoredCall, Rescoring, Score
from tenants.errors import Conflict, InvalidInput

from . import candidates, projection, work


class NothingPublished(Conflict):
    default_message = gettext_lazy("Publish the rubric first: calls are scored by versions that never change.")


class UnderWay(Conflict):
    default_message = gettext_lazy("Calls of this rubric are being scored again already. Wait until that is done.")


@transaction.atomic
def begin(
    *,
    rubric: Rubric,
    by: Any,
    reason: str,
    mode: str = Rescoring.Mode.KEEP,
    last: int | None = None,
    since: date | None = None,
) -> Rescoring:
    """Fix the version and the calls. Who enqueues the work is the caller.

    Raises `NothingPublished`, `UnderWay`, and `InvalidInput` without a reason.
    """
    if not reason.strip():
        raise InvalidInput(_("Say why the calls are scored again; the people see it."), details={"field": "reason"})
    version: RubricVersion | None = rubric.newest_published()
    if version is None:
        raise NothingPublished
    Rubric.objects.select_for_update(of=("self",)).get(pk=rubric.pk)
    if Rescoring.objects.filter(rubric=rubric).exclude(state=Job.State.DONE).exists():
        raise UnderWay
    scores = list(candidates.scores_of(rubric, most=last, since=since))
    job = Rescoring.objects.create(
        rubric=rubric,
        rubric_version=version,
        requested_by=by,
        mode=mode,
        reason=" ".join(reason.split())[:300],
        total=len(scores),
    )
    RescoredCall.objects.bulk_create(RescoredCall(rescoring=job, **candidates.before(score)) for score in scores)
    return job


def go_on(job_id: UUID, *, seconds: float = work.SECONDS) -> bool:
    """Score more of the calls; True when all are through, or the job is gone."""
    job = Rescoring.objects.select_related("rubric_version", "rubric", "requested_by").filter(pk=job_id).first()
    if job is None:
        return True
    through = work.go_on(job, lambda outcome: _score(outcome, job), seconds=seconds)
    if through:
        tell_ready(
            user=job.requested_by,
            title=job.rubric.name,
            rescored=job.outcomes.count(),
            url=place("judging:rescoring", job.pk),
            key=f"rescoring:{job.pk}",
        )
    return through


def _score(outcome: RescoredCall, job: Rescoring) -> None:
    old = (
        Score.objects.select_related("deep_run__rubric_version", "deep_run__call").get(call_id=outcome.call_id).deep_run
    )
    assert old is not None  # only such calls are chosen, and runs stay
    marks = criteria_of(old)
    version, reason = job.rubric_version, job.reason
    if job.mode == Rescoring.Mode.ANEW:
        run = runs.score_call(call_id=outcome.call_id, track="deep", again=True, rubric_version=version, reason=reason)
    else:
        call = runs.call_to_score(outcome.call_id)
        call.rubric_version = version  # for this judgement only; the row keeps its own
        case = projection.case_by(old, version.spec())
        run = runs.keep(call, case, "deep", projection.judged(old, case), again=True, reason=reason)
    score = Score.objects.get(call_id=outcome.call_id)
    outcome.after_score, outcome.after_passed = score.overall_score, score.passed
    outcome.run = run
    if outcome.set_by_person:
        outcome.criteria = candidates.kept_by(score)
    elif run is not None:
        outcome.criteria = candidates.compared(marks, run.result["criteria"])
