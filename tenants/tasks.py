"""Tasks that know whose they are.

The schema travels in the message's headers (tenant-schemas-celery). A task of an organisation that arrives without one is
refused: in `public` it would read nothing or, worse, the wrong thing. One whose organisation is gone by then is dropped.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery.exceptions import Ignore
from django.db import OperationalError
from django_tenants.utils import get_public_schema_name, schema_context
from tenant_schemas_celery.app import get_schema_name_from_task
from tenant_schemas_celery.task import TenantTask as SchemaTask

from .models import Organization
from .schemas import in_public

logger = structlog.get_logger(__name__)

# For `@shared_task(base=TenantTask, **RETRY)`: work that may be done twice waits for a database that is away.
RETRY: dict[str, Any] = {
    "autoretry_for": (OperationalError,),
    "retry_backoff": 1,
    "retry_backoff_max": 30,
    "retry_jitter": True,
    "max_retries": 5,
}


class TaskWithoutOrganization(RuntimeError):
    """An organisation's task was sent from outside of one."""


class TenantTask(SchemaTask):
    """Base of every task that touches an organisation's data; the body is one service call, its arguments are ids."""

    abstract = True
    acks_late = True
    reject_on_worker_lost = True

    @classmethod
    def get_tenant_for_schema(cls, schema_name: str) -> Any:
        try:
            return super().get_tenant_for_schema(schema_name)
        except Organization.DoesNotExist:
            # Whoever asks would only write an error down, and run the task all the same.
            return Organization(schema_name=get_public_schema_name())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if in_public():
            # Called by hand it has no message, and called before it is anybody's not even a place for one.
            wanted = get_schema_name_from_task(self, kwargs) if self.request_stack else None
            if wanted in (None, get_public_schema_name()):
                raise TaskWithoutOrganization(self.name)
            logger.info("a task was dropped: its organisation is gone", schema=wanted)
            raise Ignore
        return super().__call__(*args, **kwargs)

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        if in_public():
            raise TaskWithoutOrganization(self.name)
        return super().apply_async(*args, **kwargs)


def for_each_organization(task: Any) -> int:
    """Send one task to every active organisation (never to the template or a half-made schema); returns how many."""
    schemas = list(Organization.objects.active().values_list("schema_name", flat=True))
    for schema_name in schemas:
        with schema_context(schema_name):
            task.delay()
    return len(schemas)
