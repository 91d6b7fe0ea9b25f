"""`manage.py rescore --organization SLUG [--call ID] [--since DATE] [--missing]`"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from calls.models import Call
from scoring import runs
from scoring.models import Score
from tenants.context import organization_context
from tenants.models import Organization


class Command(BaseCommand):
    help = "Score completed calls again, in new runs beside the old ones; or only those that have no score."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--call", type=UUID, help="Only this call.")
        parser.add_argument("--since", metavar="YYYY-MM-DD", help="Only calls that ended on this day or later.")
        parser.add_argument("--missing", action="store_true", help="Only calls without a debrief.")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.active().filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organisation “{options['organization']}”.")
        with organization_context(organization):
            calls = Call.objects.filter(status=Call.Status.COMPLETED).order_by("ended_at")
            if options["call"]:
                calls = calls.filter(pk=options["call"])
            if options["since"]:
                day = parse_date(options["since"])
                if day is None:
                    raise CommandError("--since takes a date such as 2026-11-01.")
                calls = calls.filter(ended_at__gte=timezone.make_aware(datetime.combine(day, time.min)))
            if options["missing"]:
                done = [Score.State.READY, Score.State.NEEDS_REVIEW, Score.State.NOT_GRADABLE]
                calls = calls.exclude(score__state__in=done)
            count = 0
            for call_id in calls.values_list("pk", flat=True):
                for track in ("quick", "deep"):
                    runs.score_call(call_id=call_id, track=track, again=not options["missing"])
                count += 1
        self.stdout.write(f"{count} calls scored.")
