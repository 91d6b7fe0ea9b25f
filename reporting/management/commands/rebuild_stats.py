"""`manage.py rebuild_stats [--organization SLUG]`"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User
from coaching.goals import medals
from coaching.goals.models import Medal
from scoring.counted import counted_calls
from tenants.context import organization_context
from tenants.models import Organization


class Command(BaseCommand):
    help = (
        "Make what is kept about people's calls again from the calls themselves: medals. Everything else is computed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="Only there.")

    def handle(self, *args: Any, **options: Any) -> None:
        organizations = Organization.objects.active()
        if options["organization"]:
            organizations = organizations.filter(slug=options["organization"])
        for organization in organizations:
            with organization_context(organization):
                had = set(Medal.objects.values_list("user_id", flat=True))
                people = had | set(counted_calls().order_by().values_list("trainee_id", flat=True).distinct())
                known = User.objects.filter(pk__in=people).values_list("pk", flat=True)
                total = sum(medals.refresh(user_id=user_id) for user_id in known)
            self.stdout.write(f"{organization.slug}: {len(people)} people, {total} medals")
