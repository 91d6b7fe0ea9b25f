"""Background work of scoring. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task

from tenants.tasks import RETRY, TenantTask, for_each_organization

from . import appeals, runs, sweeps, telling
from .calibration.counting import recount
from .flights import tasks as flight_tasks
from .flights import work as flights
from .impact import preview, rescoring, work
from .models import Rescoring, RubricImpact

logger = structlog.get_logger(__name__)


@shared_task(base=TenantTask, name="scoring.tasks.score_quick", **RETRY)
def score_quick(call_id: str) -> None:
    runs.score_call(call_id=UUID(call_id), track="quick")


@shared_task(base=TenantTask, name="scoring.tasks.score_deep", **RETRY)
def score_deep(call_id: str) -> None:
    runs.score_call(call_id=UUID(call_id), track="deep")


@shared_task(base=TenantTask, name="scoring.tasks.rescore", **RETRY)
def rescore(call_id: str) -> None:
    """Both tracks once more, in new runs."""
    runs.score_call(call_id=UUID(call_id), track="quick", again=True)
    runs.score_call(call_id=UUID(call_id), track="deep", again=True)


def send_both(call_id: UUID) -> None:
    """Start both tracks together; each fails and succeeds on its own."""
    runs.note_attempt(call_id=call_id)
    score_quick.delay(str(call_id))
    score_deep.delay(str(call_id))


@shared_task(base=TenantTask, name="scoring.tasks.preview_impact", **RETRY)
def preview_impact(impact_id: str) -> None:
    """Try a rubric's draft on some calls, then go on in another task: others wait for this worker too."""
    if not preview.go_on(UUID(impact_id)):
        preview_impact.delay(impact_id)


@shared_task(base=TenantTask, name="scoring.tasks.rescore_calls", **RETRY)
def rescore_calls(job_id: str) -> None:
    if not rescoring.go_on(UUID(job_id)):
        rescore_calls.delay(job_id)


@shared_task(base=TenantTask, name="scoring.tasks.tell_of_appeal", **RETRY)
def tell_of_appeal(appeal_id: str) -> None:
    """To who can decide on a contested mark; to the trainee once somebody did."""
    telling.of_appeal(UUID(appeal_id))


@shared_task(base=TenantTask, name="scoring.tasks.tell_of_score", **RETRY)
def tell_of_score(call_id: str) -> None:
    """To the trainee, and to who coaches where a person is to decide."""
    telling.of_score(UUID(call_id))


@shared_task(name="scoring.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Every few seconds, by the scheduler: one sweep per organisation."""
    for_each_organization(sweep)


@shared_task(base=TenantTask, name="scoring.tasks.sweep")
def sweep() -> None:
    """Send what is overdue once more; scoring twice is harmless."""
    overdue = sweeps.unscored_calls()
    for call_id in overdue:
        send_both(call_id)
    if overdue:
        logger.info("overdue scores sent again", calls=len(overdue))
    for appeal_id in appeals.note_overdue():
        tell_of_appeal.delay(str(appeal_id))
    for impact_id in work.standing_still(RubricImpact.objects.all()):
        preview_impact.delay(str(impact_id))
    for job_id in work.standing_still(Rescoring.objects.all()):
        rescore_calls.delay(str(job_id))
    for flight_id in flights.standing_still():
        flight_tasks.fly.delay(str(flight_id))


@shared_task(name="scoring.tasks.calibrate_all", ignore_result=True)
def calibrate_all() -> None:
    """Every few minutes, by the scheduler: one count per organisation; where no mark is new, nothing is counted."""
    for_each_organization(calibrate)


@shared_task(base=TenantTask, name="scoring.tasks.calibrate", **RETRY)
def calibrate() -> None:
    """Count anew how judges agree with people."""
    recount()
