"""Background work of the knowledge base. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError

from tenants.tasks import RETRY, TenantTask, for_each_organization

from . import ingestion, reembedding

logger = structlog.get_logger(__name__)


@shared_task(base=TenantTask, name="scenarios.knowledge.tasks.ingest", **RETRY)
def ingest(document_id: str) -> None:
    ingestion.ingest(UUID(document_id))


@shared_task(base=TenantTask, name="scenarios.knowledge.tasks.reembed", **RETRY)
def reembed() -> None:
    """A slice of it; the rest in another task, since others wait for this worker too."""
    if reembedding.go_on():
        reembed.delay()


@shared_task(name="scenarios.knowledge.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Every half minute, by the scheduler: one sweep per organisation."""
    for_each_organization(sweep)


@shared_task(base=TenantTask, name="scenarios.knowledge.tasks.sweep")
def sweep() -> None:
    """Take up what a worker left behind, or what no message arrived for."""
    for document_id in ingestion.due():
        ingest.delay(str(document_id))
    if reembedding.is_due():
        reembed.delay()


def enqueue_ingest(document_id: UUID) -> None:
    """Have a document read; without a broker the sweeper finds it."""
    try:
        ingest.delay(str(document_id))
    except (RedisError, OSError, BrokerAway) as error:
        logger.warning("a document waits for the sweeper", error_type=type(error).__name__)


def enqueue_reembed() -> None:
    try:
        reembed.delay()
    except (RedisError, OSError, BrokerAway) as error:
        logger.warning("a change of the encoder waits for the sweeper", error_type=type(error).__name__)
