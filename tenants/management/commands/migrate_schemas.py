"""`migrate_schemas`, with the template schema always among the migrated ones."""

from __future__ import annotations

from typing import Any

from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand

from tenants.provisioning import ensure_template


class Command(MigrateSchemasCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        everything = not (options.get("schema_name") or options.get("tenant") or options.get("shared"))
        if not everything:
            super().handle(*args, **options)
            return
        super().handle(*args, **{**options, "shared": True})
        ensure_template()
        super().handle(*args, **{**options, "tenant": True})
