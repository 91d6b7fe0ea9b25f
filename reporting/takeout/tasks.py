"""Background work of take-outs. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django_tenants.utils import schema_context

from tenants.schemas import current_schema
from tenants.tasks import TenantTask, for_each_organization

from . import making
from .models import TakeOut


@shared_task(base=TenantTask, name="reporting.takeout.tasks.make")
def make(take_out_id: str) -> None:
    making.make(take_out_id=UUID(take_out_id))


@shared_task(name="reporting.takeout.tasks.sweep_all", ignore_result=True)
def sweep_all() -> None:
    """Every quarter of an hour, by the scheduler: one sweep per organisation."""
    for_each_organization(sweep)


@shared_task(base=TenantTask, name="reporting.takeout.tasks.sweep")
def sweep() -> None:
    for take_out_id in making.tidy_up():
        make.delay(str(take_out_id))


def make_soon(take_out: TakeOut) -> None:
    """After commit, in the organisation that is active now."""
    transaction.on_commit(partial(_make_in, current_schema(), str(take_out.pk)))


def _make_in(schema_name: str, take_out_id: str) -> None:
    with schema_context(schema_name):
        make.delay(take_out_id)
