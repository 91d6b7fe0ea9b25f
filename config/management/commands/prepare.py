"""`manage.py prepare`: check the settings, migrate and deliver new presets where something changed, make the demo
organisations where allowed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import structlog
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from scenarios import presets
from scenarios.library import deliver_new_presets
from tenants.context import organization_context
from tenants.errors import DomainError
from tenants.models import Organization

logger = structlog.get_logger(__name__)
# Where the fingerprints of what was done are kept.
MIGRATIONS = "public.django_migrations"
PRESETS = "public.tenants_organization"


class Command(BaseCommand):
    help = "Bring the database up to date. Safe to run before every start: it does nothing where nothing changed."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--report", help="write what was found out to this file, as JSON: {demo}")

    def handle(self, *args: Any, report: str | None, **options: Any) -> None:
        # WhiteNoise warns where it is missing, though with DEBUG the files come from their sources.
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        call_command("check", databases=["default"])
        wanted = migrations_fingerprint()
        if wanted != applied_fingerprint(MIGRATIONS):
            call_command("migrate_schemas", interactive=False, verbosity=options["verbosity"])
            remember_fingerprint(MIGRATIONS, wanted)
        shipped = presets.fingerprint()
        if shipped != applied_fingerprint(PRESETS) and deliver_presets():
            remember_fingerprint(PRESETS, shipped)
        demo = bool(settings.DEMO or settings.DEBUG)
        if demo:
            call_command("seed_demo", verbosity=options["verbosity"])
        if report:
            with open(report, "w") as file:
                json.dump({"demo": demo}, file)


def migrations_fingerprint() -> str:
    """A hash of the names of all migrations that this code has."""
    names = sorted(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()


def deliver_presets() -> bool:
    """Bring every organisation what Parley ships since it was opened; False where one could not be served, for the next
    start to try again."""
    served = True
    for organization in Organization.objects.active():
        try:
            with organization_context(organization):
                brought = deliver_new_presets(organization=organization)
        except (DatabaseError, DomainError) as error:
            served = False
            logger.error("new presets did not arrive", schema=organization.schema_name, error_type=type(error).__name__)
        else:
            logger.info("presets are up to date", schema=organization.schema_name, new=len(brought))
    return served


def applied_fingerprint(table: str) -> str:
    """What `remember_fingerprint` wrote; empty for a new database. It is kept in the database, so it is never another's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [table])
        row = cursor.fetchone()
    return str(row[0] or "") if row else ""


def remember_fingerprint(table: str, value: str) -> None:
    """Write the hash as a comment on the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('COMMENT ON TABLE %%s IS %%L', %s::regclass, %s::text)", [table, value])
        cursor.execute(cursor.fetchone()[0])
