"""`manage.py rebuild_learning --organization SLUG`"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coaching.learning import following
from tenants.context import organization_context
from tenants.models import Organization


class Command(BaseCommand):
    help = "Count everybody's progress anew from calls, scores and answers. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.active().filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organisation “{options['organization']}”.")
        with organization_context(organization):
            following.catch_up()
            count = following.rebuild()
        self.stdout.write(f"{count} rounds counted.")
