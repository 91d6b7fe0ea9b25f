"""Doors into an organisation: for async code, for a block of sync code, and for links that point at one.

`with organization:` of django-tenants keeps its stack on the class and is not thread-safe, so it is not used here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from channels.db import database_sync_to_async
from django.conf import settings
from django.urls import get_script_prefix, reverse
from django_tenants.utils import schema_context, tenant_context

from .models import Organization
from .schemas import current_schema, current_tenant, in_public

P = ParamSpec("P")
T = TypeVar("T")


def in_schema(func: Callable[P, T]) -> Callable[Concatenate[str, P], Awaitable[T]]:
    """Await a sync ORM function with the named schema active for that hop only.

    Consumers of one process share a database thread, so the schema is set inside every hop. The function must return
    evaluated data: a queryset evaluated later would run in whatever schema is active then.
    """

    @wraps(func)
    def run(schema_name: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with schema_context(schema_name):
            return func(*args, **kwargs)

    return cast("Callable[Concatenate[str, P], Awaitable[T]]", database_sync_to_async(run))


@contextmanager
def inside(schema_name: str) -> Iterator[None]:
    """Run a block of sync code in the named schema. What follows a commit is mostly there already: then nothing is switched,
    which would cost two statements."""
    if current_schema() == schema_name:
        yield
        return
    with schema_context(schema_name):
        yield


@contextmanager
def organization_context(organization: Organization) -> Iterator[Organization]:
    """Run a block of sync code inside the organisation."""
    with tenant_context(organization):
        yield organization


def current_organization() -> Organization:
    """The organisation this thread is in. Raises `LookupError` outside of one."""
    tenant = current_tenant()
    if isinstance(tenant, Organization):
        return tenant
    if in_public():
        raise LookupError("No organisation is active here.")
    # Entered by schema name only (a task, an async hop): find the row it belongs to.
    return Organization.objects.get(schema_name=current_schema())


def org_path(organization: Organization, name: str, *args: object, **kwargs: object) -> str:
    """A path to an organisation's page from anywhere (a task, an e-mail, a platform page): `/org/<slug>/…`."""
    # `reverse` adds the script prefix of the request at hand, which may be another organisation's: name ours outright.
    resolver_path = reverse(name, urlconf=settings.ORG_URLCONF, args=args or None, kwargs=kwargs or None)
    return organization.path_prefix + strip_prefix(resolver_path)


def platform_path(name: str, *args: object, **kwargs: object) -> str:
    """The path of a platform page, free of the organisation's prefix."""
    return strip_prefix(reverse(name, urlconf=settings.ROOT_URLCONF, args=args or None, kwargs=kwargs or None))


def org_url(organization: Organization, name: str, *args: object, **kwargs: object) -> str:
    """The absolute form of `org_path`."""
    return settings.SITE_URL + org_path(organization, name, *args, **kwargs)


def strip_prefix(path: str) -> str:
    """A path as `reverse` gave it, less the script prefix of the request at hand."""
    prefix = get_script_prefix()
    return "/" + path.removeprefix(prefix) if prefix != "/" else path
