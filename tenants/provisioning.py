"""Opening an organisation in under a second, in steps that can be taken up again.

The schema is cloned from an empty, migrated template, its migration rows with it, so nothing is migrated at opening. What
cloning does not do atomically is made resumable: each finished step is written on the organisation's row, and running
`open_organization` again for the same slug goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django_tenants.utils import quote_schema_name, schema_exists, tenant_context

from .cloning import clone_schema
from .errors import Conflict
from .models import Organization
from .schemas import enter_public
from .signals import organization_opened, owner_named

logger = structlog.get_logger(__name__)


def ensure_template() -> Organization:
    """The template's row and schema. Never active, so nobody enters it; `migrate_schemas` migrates it like any other."""
    name = settings.TENANT_TEMPLATE_SCHEMA
    template, _created = Organization.objects.get_or_create(
        schema_name=name, defaults={"slug": "template", "name": "Template", "status": Organization.Status.TEMPLATE}
    )
    if not schema_exists(name):
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {quote_schema_name(name)}")
    return template


def _clone_schema(organization: Organization) -> None:
    """Clone the template; what a killed attempt left behind is dropped first."""
    name = organization.schema_name
    with connection.cursor() as cursor:
        if schema_exists(name):
            cursor.execute(f"DROP SCHEMA {quote_schema_name(name)} CASCADE")
    clone_schema(settings.TENANT_TEMPLATE_SCHEMA, name)


def _announce(organization: Organization) -> None:
    """Let the apps above fill the new schema (presets, templates). A receiver that fails leaves the step open."""
    with tenant_context(organization):
        organization_opened.send(sender=Organization, organization=organization)


STEPS: tuple[tuple[str, Callable[[Organization], Any]], ...] = (("schema", _clone_schema), ("content", _announce))


def open_organization(*, slug: str, name: str, language: str = "en", owner: str | None = None) -> Organization:
    """Open an organisation, or finish opening one that was interrupted. `owner`: the checked e-mail address of its owner.

    Raises `Conflict` where the slug belongs to an organisation that is not being opened, and Django's `ValidationError` for
    a slug that cannot be an address.
    """
    enter_public()
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        organization = Organization(slug=slug, name=name, language=language)
        organization.full_clean(exclude=["schema_name"])
        organization.save()
    elif organization.status != Organization.Status.PROVISIONING:
        raise Conflict("This address is taken.", details={"field": "slug"})
    for step, run in STEPS:
        if step in organization.provisioned_steps:
            continue
        run(organization)
        organization.provisioned_steps = [*organization.provisioned_steps, step]
        organization.save(update_fields=["provisioned_steps"])
    # Together: nobody could enter an organisation that is open without an owner, nor finish opening it.
    with transaction.atomic():
        organization.status = Organization.Status.ACTIVE
        organization.save(update_fields=["status"])
        if owner:
            owner_named.send(sender=Organization, organization=organization, email=owner)
    logger.info("organisation opened", schema=organization.schema_name)
    return organization
