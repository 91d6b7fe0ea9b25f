"""Work for one's own data that need not hold up a request: exports, and forgetting people when their time has come."""

from __future__ import annotations

from functools import partial
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django_tenants.utils import schema_context

from tenants.schemas import current_schema
from tenants.tasks import TenantTask, for_each_organization

from . import erasure
from .people import exports, mail
from .people.models import DataExport, ErasureRequest


@shared_task(base=TenantTask)
def make_export(export_id: str) -> None:
    if exports.make(export_id=UUID(export_id)):
        tell_export_is_ready.delay(export_id)


@shared_task(base=TenantTask, autoretry_for=(SMTPException, OSError), retry_backoff=10, max_retries=5)
def tell_export_is_ready(export_id: str) -> None:
    mail.send_export_mail(export_id)


@shared_task(base=TenantTask, autoretry_for=(SMTPException, OSError), retry_backoff=10, max_retries=5)
def tell_of_erasure(request_id: int) -> None:
    mail.send_erasure_mail(request_id)


@shared_task(ignore_result=True)
def sweep_all() -> None:
    """Every quarter of an hour, by the scheduler: one sweep per organisation."""
    for_each_organization(sweep)


@shared_task(base=TenantTask)
def sweep() -> None:
    """Exports that wait or are too old, and people whose time to change their mind is over."""
    for export_id in exports.tidy_up():
        make_export.delay(str(export_id))
    erasure.erase_due()


def make_soon(export: DataExport) -> None:
    _after_commit(make_export, str(export.pk))


def tell_soon(request: ErasureRequest) -> None:
    _after_commit(tell_of_erasure, request.pk)


def _after_commit(task: Any, argument: Any) -> None:
    # A queue that is down is logged and costs time or a mail, not what was asked for: the sweep starts exports, too.
    transaction.on_commit(partial(_send, task, current_schema(), argument), robust=True)


def _send(task: Any, schema_name: str, argument: Any) -> None:
    with schema_context(schema_name):
        task.delay(argument)
