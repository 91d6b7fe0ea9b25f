"""Test flights in the background."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenants.tasks import RETRY, TenantTask

from . import work


@shared_task(base=TenantTask, name="scoring.flights.tasks.fly", **RETRY)
def fly(flight_id: str) -> None:
    """A slice of a flight; sends itself again while calls are left."""
    if not work.go_on(UUID(flight_id)):
        fly.delay(flight_id)
