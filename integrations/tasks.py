"""Background work on what vendors tell us. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from integrations.inbound import ledger
from tenants.tasks import TenantTask, for_each_organization


@shared_task(base=TenantTask, name="integrations.tasks.process_inbound")
def process_inbound(event_id: str) -> None:
    """Second attempts are the sweep's: an event that fails waits on its row, not in the queue."""
    ledger.process(event_id=UUID(event_id))


@shared_task(name="integrations.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Twice a minute, by the scheduler: one sweep per organisation."""
    for_each_organization(sweep)


@shared_task(base=TenantTask, name="integrations.tasks.sweep")
def sweep() -> None:
    """Events that wait for another attempt, or whose task was lost; and contents that are too old to keep."""
    for event_id in ledger.due():
        ledger.process(event_id=event_id)
    ledger.empty_old()
