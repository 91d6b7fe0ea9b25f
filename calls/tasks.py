"""Background work on calls. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task

from calls import observers, recordings, sweeps
from tenants.tasks import TenantTask, for_each_organization

logger = structlog.get_logger(__name__)


@shared_task(name="calls.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Every few seconds, by the scheduler: one sweep per organisation."""
    for_each_organization(sweep)


@shared_task(base=TenantTask, name="calls.tasks.sweep")
def sweep() -> None:
    """Close what was cut off, so that it is scored; make the recordings that are missing, delete those whose time is up."""
    closed = sweeps.close_abandoned()
    sweeps.give_up_never_started()
    observers.lapse()
    if closed:
        logger.info("calls closed by the sweeper", calls=closed)
    for call_id in sweeps.unfinished_recordings():
        recordings.finish(call_id=call_id)
    recordings.delete_expired()


@shared_task(base=TenantTask, name="calls.tasks.finish_recording")
def finish_recording(call_id: str) -> None:
    recordings.finish(call_id=UUID(call_id))
