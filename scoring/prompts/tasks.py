"""Trials in the background. They belong to the platform: no organisation's words are in the corpus."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from . import trials

logger = structlog.get_logger(__name__)


@shared_task(name="scoring.prompts.tasks.work_on", acks_late=True, ignore_result=True)
def work_on(trial_id: str) -> None:
    """One slice of a trial; sends itself again while cases are left."""
    if not trials.work(trial_id=UUID(trial_id)):
        start(UUID(trial_id))


@shared_task(name="scoring.prompts.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """By the scheduler: take up what a killed worker, or a broker that was away, left behind."""
    for trial_id in trials.left_behind():
        start(trial_id)


def start(trial_id: UUID) -> None:
    """Have it worked on; without a broker the sweeper finds it."""
    try:
        work_on.delay(str(trial_id))
    except (RedisError, OSError, OperationalError) as error:
        logger.warning("a trial waits for the sweeper", error_type=type(error).__name__)
