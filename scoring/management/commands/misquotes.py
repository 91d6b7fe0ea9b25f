"""`manage.py misquotes [--organization SLUG] [--days N]`"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from scoring.quotes import ModelQuotes, by_model
from tenants.context import organization_context
from tenants.models import Organization


class Command(BaseCommand):
    help = (
        "How faithfully each model quotes: quotes given, found in the trainee's words, and why the others were refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="Look only there.")
        parser.add_argument("--days", type=int, default=30, help="How far back, today included (30).")

    def handle(self, *args: Any, **options: Any) -> None:
        organizations = Organization.objects.active().order_by("slug")
        if options["organization"]:
            organizations = organizations.filter(slug=options["organization"])
            if not organizations:
                raise CommandError(f"There is no organisation “{options['organization']}”.")
        since = timezone.now().date() - timedelta(days=max(options["days"], 1) - 1)
        found = False
        for organization in organizations:
            with organization_context(organization):
                for item in by_model(since=since):
                    found = True
                    self.stdout.write(f"{organization.slug}: {_line(item)}")
        if not found:
            self.stdout.write("No language model has quoted anything since then.")


def _line(item: ModelQuotes) -> str:
    why = ", ".join(f"{reason} {count}" for reason, count in item.refused) or "none refused"
    return (
        f"{item.judged_by} {item.model}: {item.claimed} quotes in {item.readings} readings, {item.verified} found, "
        f"{item.misquoted_percent} % misquoted ({why})"
    )
