"""Background work of generation. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenants.tasks import RETRY, TenantTask, for_each_organization

from . import services


@shared_task(base=TenantTask, name="scenarios.generation.tasks.make_drafts", **RETRY)
def make_drafts(generation_id: str) -> None:
    services.work(UUID(generation_id), tell=True)


@shared_task(name="scenarios.generation.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Every few minutes, by the scheduler: one sweep per organisation."""
    for_each_organization(sweep)


@shared_task(base=TenantTask, name="scenarios.generation.tasks.sweep")
def sweep() -> None:
    """Take up jobs whose message was lost or whose worker died."""
    for generation_id in services.standing_still():
        make_drafts.delay(str(generation_id))
