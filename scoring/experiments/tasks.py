"""Measuring calls of experiments in the background."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenants.tasks import RETRY, TenantTask, for_each_organization

from . import outcomes


@shared_task(base=TenantTask, name="scoring.experiments.tasks.measure", **RETRY)
def measure(call_id: str) -> None:
    outcomes.measure(call_id=UUID(call_id))


@shared_task(name="scoring.experiments.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Every few minutes, by the scheduler."""
    for_each_organization(sweep)


@shared_task(base=TenantTask, name="scoring.experiments.tasks.sweep")
def sweep() -> None:
    """Measure what was missed, and end what is over."""
    for call_id in outcomes.overdue():
        measure.delay(str(call_id))
    outcomes.end_what_is_over()
