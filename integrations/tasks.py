"""Background work on what vendors tell us. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from integrations.budgets import governor
from integrations.budgets import telling as budget_telling
from integrations.catalogue import served
from integrations.inbound import ledger
from integrations.llm import costs
from integrations.models import ModelCall
from integrations.own_calls.models import OwnCall
from tenants.tasks import TenantTask, for_each_organization


@shared_task(base=TenantTask, name="integrations.tasks.process_inbound")
def process_inbound(event_id: str) -> None:
    """Second attempts are the sweep's: an event that fails waits on its row, not in the queue."""
    ledger.process(event_id=UUID(event_id))


@shared_task(name="integrations.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Twice a minute, by the scheduler: one sweep per organisation, and the installation's own entries that are too old."""
    for_each_organization(sweep)
    costs.forget_old(OwnCall)


@shared_task(base=TenantTask, name="integrations.tasks.sweep")
def sweep() -> None:
    """Events that wait for another attempt, or whose task was lost; contents that are too old to keep; money put aside by
    workers that died, and a word to who decides where a budget runs out; entries about requests that are too old."""
    for event_id in ledger.due():
        ledger.process(event_id=event_id)
    ledger.empty_old()
    governor.clear_expired()
    budget_telling.of_low_budgets()
    costs.forget_old(ModelCall)


@shared_task(name="integrations.tasks.tell_operators", ignore_result=True)
def tell_operators(vendor: str, name: str) -> None:
    """A vendor serves a model no more."""
    served.tell_operators(vendor=vendor, name=name)
