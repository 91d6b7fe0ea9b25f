"""Background work of scoring. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task
from django.db import OperationalError

from tenants.tasks import TenantTask, for_each_organization

from . import runs, sweeps

logger = structlog.get_logger(__name__)

RETRY = {
    "autoretry_for": (OperationalError,),
    "retry_backoff": 1,
    "retry_backoff_max": 30,
    "retry_jitter": True,
    "max_retries": 5,
}


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
