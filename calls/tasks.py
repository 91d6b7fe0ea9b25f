"""Background work on calls. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from calls import observers, reconcile, recordings, sweeps
from calls.uploads import tidying
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
    for upload_id in tidying.due():
        enqueue_upload(upload_id)
    tidying.clear_abandoned()


def enqueue_recording(call_id: UUID) -> None:
    """Have the recording made; without a broker the sweeper finds what lies in the spool."""
    try:
        finish_recording.delay(str(call_id))
    except (RedisError, OSError, OperationalError) as error:
        logger.warning("a recording waits for the sweeper", error_type=type(error).__name__)


@shared_task(base=TenantTask, name="calls.tasks.finish_recording")
def finish_recording(call_id: str) -> None:
    recordings.finish(call_id=UUID(call_id))


@shared_task(name="calls.tasks.reconcile_all", ignore_result=True)
def reconcile_all() -> None:
    """Every minute, by the scheduler: one round per organisation."""
    for_each_organization(reconcile_records)


@shared_task(base=TenantTask, name="calls.tasks.reconcile_records")
def reconcile_records() -> None:
    """Fetch what vendors should have told us by now."""
    for conversation_id in reconcile.due():
        pull_record.delay(conversation_id)
    reconcile.close_lost()
    reconcile.give_up_silent()
    reconcile.fetch_recordings()


@shared_task(base=TenantTask, name="calls.tasks.pull_record")
def pull_record(conversation_id: int) -> None:
    reconcile.pull(conversation_id)


def enqueue_upload(upload_id: UUID) -> None:
    """Have an uploaded call worked on; without a broker the sweeper finds it."""
    try:
        advance_upload.delay(str(upload_id))
    except (RedisError, OSError, OperationalError) as error:
        logger.warning("an upload waits for the sweeper", error_type=type(error).__name__)


@shared_task(base=TenantTask, name="calls.tasks.advance_upload")
def advance_upload(upload_id: str) -> None:
    """A slice of the work; the rest goes to the end of the queue, so that nothing else waits for a long recording."""
    # With it comes the speech engine: 140 MB that no other task, and no process that only sends tasks, needs.
    from calls.uploads import work  # noqa: PLC0415

    seconds = work.advance(UUID(upload_id))
    if seconds is not None:
        advance_upload.apply_async(args=[upload_id], countdown=seconds)
