"""Sending what waits. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenants.tasks import TenantTask, for_each_organization

from . import digests, outbox


@shared_task(base=TenantTask, name="accounts.notices.tasks.send_mail")
def send_mail(mail_id: str) -> None:
    outbox.send(mail_id=UUID(mail_id))


@shared_task(name="accounts.notices.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Every minute, by the scheduler: one sweep per organisation."""
    for_each_organization(sweep)


@shared_task(base=TenantTask, name="accounts.notices.tasks.sweep")
def sweep() -> None:
    """Digests whose time has come, and mails that waited for the morning, for a worker or for another attempt."""
    digests.write_due()
    for mail_id in outbox.due():
        send_mail.delay(str(mail_id))


@shared_task(name="accounts.notices.tasks.tidy_all", ignore_result=True)
def tidy_all() -> None:
    """Once a day, by the scheduler."""
    for_each_organization(tidy)


@shared_task(base=TenantTask, name="accounts.notices.tasks.tidy")
def tidy() -> None:
    outbox.tidy_up()
