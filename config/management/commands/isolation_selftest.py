"""`manage.py isolation_selftest`: prove on this installation that organisations do not see each other."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.selftest import CHECKS, two_organizations


class Command(BaseCommand):
    help = "Open two organisations for a moment, try to see one from the other in every way, and drop both again."

    def handle(self, *args: Any, **options: Any) -> None:
        failed: list[str] = []
        for name in ("django.request", "parley.requests"):  # every refusal would be a warning; here they are the aim
            logging.getLogger(name).setLevel(logging.ERROR)
        with two_organizations() as (one, other):
            for check in CHECKS:
                for mine, theirs in ((one, other), (other, one)):
                    result = check(mine, theirs)
                    if not result.held:
                        failed.append(result.name)
                        for leak in result.leaks or ("nothing was tried",):
                            self.stderr.write(f"  {result.name}: {leak}")
                self.stdout.write(
                    f"{'LEAK' if result.name in failed else 'held':5} {result.name} ({result.tried} tried)"
                )
        if failed:
            raise CommandError(f"Organisations are not kept apart: {', '.join(sorted(set(failed)))}.")
        self.stdout.write("Organisations are kept apart.")
