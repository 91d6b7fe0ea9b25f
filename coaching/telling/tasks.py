"""Background work of telling. Bodies are one service call; arguments are ids. Repeating any of it is harmless."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenants.tasks import TenantTask, for_each_organization

from . import services


@shared_task(base=TenantTask, name="coaching.telling.tasks.tell_of_rounds")
def tell_of_rounds() -> None:
    services.of_rounds()


@shared_task(base=TenantTask, name="coaching.telling.tasks.tell_of_completion")
def tell_of_completion(enrolment_id: str) -> None:
    services.of_completion(UUID(enrolment_id))


@shared_task(base=TenantTask, name="coaching.telling.tasks.tell_of_certificate")
def tell_of_certificate(certificate_id: str) -> None:
    services.of_certificate(UUID(certificate_id))


@shared_task(name="coaching.telling.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Every few minutes, by the scheduler: one sweep per organisation."""
    for_each_organization(sweep)


@shared_task(base=TenantTask, name="coaching.telling.tasks.sweep")
def sweep() -> None:
    services.of_rounds()
    services.of_expiring_certificates()
