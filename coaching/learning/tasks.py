"""Background work of learning. Bodies are one service call; arguments are ids. Repeating any of it is harmless."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from tenants.tasks import RETRY, TenantTask, for_each_organization

from . import following

logger = structlog.get_logger(__name__)


@shared_task(base=TenantTask, name="coaching.learning.tasks.follow_call", **RETRY)
def follow_call(call_id: str) -> None:
    """A call ended, or what counts as its score changed."""
    following.follow_call(call_id=UUID(call_id))


@shared_task(base=TenantTask, name="coaching.learning.tasks.follow_assignment", **RETRY)
def follow_assignment(assignment_id: str) -> None:
    """Something was assigned, changed or withdrawn."""
    following.follow_assignment(assignment_id=UUID(assignment_id))


@shared_task(base=TenantTask, name="coaching.learning.tasks.follow_person", **RETRY)
def follow_person(user_id: str) -> None:
    """Somebody joined or left a team."""
    following.follow_person(user_id=UUID(user_id))


@shared_task(base=TenantTask, name="coaching.learning.tasks.follow_track", **RETRY)
def follow_track(track_id: str) -> None:
    """A track was published anew."""
    following.follow_track(track_id=UUID(track_id))


@shared_task(name="coaching.learning.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Every few minutes, by the scheduler: one sweep per organisation."""
    for_each_organization(sweep)


@shared_task(base=TenantTask, name="coaching.learning.tasks.sweep")
def sweep() -> None:
    """Open the rounds whose time has come, and put right what a lost message left behind."""
    following.catch_up()


def send(task: Any, what: object) -> None:
    """Without a broker the sweep does it a little later."""
    try:
        task.delay(str(what))
    except (RedisError, OSError, BrokerError) as error:
        logger.warning("learning waits for the sweep", error_type=type(error).__name__)
