"""`manage.py reproduce RUN_ID [--organization SLUG]`"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scoring.models import ScoreRun
from scoring.reproduction import reproduce
from tenants.context import organization_context
from tenants.models import Organization


class Command(BaseCommand):
    help = "Make a stored score run again and say whether every byte is the same."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run_id", type=UUID)
        parser.add_argument("--organization", metavar="SLUG", help="Look only there.")

    def handle(self, *args: Any, **options: Any) -> None:
        organizations = Organization.objects.active()
        if options["organization"]:
            organizations = organizations.filter(slug=options["organization"])
        for organization in organizations:
            with organization_context(organization):
                run = (
                    ScoreRun.objects.select_related(
                        "call__rubric_version", "rubric_version", "base_run__rubric_version"
                    )
                    .filter(pk=options["run_id"])
                    .first()
                )
                if run is None:
                    continue
                outcome = reproduce(run)
                where = f"{organization.slug} {run.track} {run.overall_score} by {run.judged_by}"
                if not outcome.same_input:
                    raise CommandError(f"{where}: the transcript or the rubric is not what it was.")
                if not outcome.same_result:
                    why = f" It was made by older rules ({outcome.other_rules})." if outcome.other_rules else ""
                    raise CommandError(f"{where}: differs in {', '.join(outcome.differences)}.{why}")
                self.stdout.write(f"{where}: reproduced, every byte the same.")
                return
        raise CommandError("No organisation has a run with this id.")
