"""The schema this thread reads: the one typed door to django-tenants' connection."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection

_connection: Any = connection


def current_schema() -> str:
    """`public` outside of any organisation."""
    return str(_connection.schema_name)


def in_public() -> bool:
    return current_schema() == settings.PUBLIC_SCHEMA_NAME


def enter_public() -> None:
    _connection.set_schema_to_public()


def enter_organization(organization: Any) -> None:
    _connection.set_tenant(organization)


def current_tenant() -> Any:
    """The tenant object that was entered: an Organization, or a stand-in that knows its schema name only."""
    return _connection.tenant
