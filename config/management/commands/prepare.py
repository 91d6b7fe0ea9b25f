"""`manage.py prepare`: check the settings, migrate where something changed, make the demo organisations where allowed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader


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
        if wanted != applied_fingerprint():
            call_command("migrate_schemas", interactive=False, verbosity=options["verbosity"])
            remember_fingerprint(wanted)
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


def applied_fingerprint() -> str:
    """What `remember_fingerprint` wrote; empty for a new database. It is kept in the database, so it is never another's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass('public.django_migrations'), 'pg_class')")
        row = cursor.fetchone()
    return str(row[0] or "") if row else ""


def remember_fingerprint(value: str) -> None:
    """Write the hash as a comment on the table of applied migrations."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('COMMENT ON TABLE public.django_migrations IS %%L', %s::text)", [value])
        cursor.execute(cursor.fetchone()[0])
