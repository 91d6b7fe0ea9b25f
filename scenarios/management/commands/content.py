"""`manage.py content export|import`: an organisation's authored content as a YAML file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scenarios import packages
from scenarios.models import Persona, Rubric, Scenario, Status
from tenants.context import organization_context
from tenants.errors import DomainError
from tenants.models import Organization


class Command(BaseCommand):
    help = "Write an organisation's personas, rubrics and scenarios to a file, or read them from one."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        export = verbs.add_parser("export", help="write everything that is not archived")
        export.add_argument("--organization", required=True, metavar="SLUG")
        export.add_argument("--output", type=Path, metavar="FILE", help="where to; standard output if left out")
        export.add_argument("--language", choices=["en", "es"])
        importing = verbs.add_parser("import", help="read a file; all or nothing")
        importing.add_argument("file", type=Path)
        importing.add_argument("--organization", required=True, metavar="SLUG")
        importing.add_argument("--dry-run", action="store_true", help="only say what would happen")
        importing.add_argument("--publish", action="store_true", help="publish what is new or changed")

    def handle(self, *args: Any, verb: str, organization: str, **options: Any) -> None:
        found = Organization.objects.active().filter(slug=organization).first()
        if found is None:
            raise CommandError(f"There is no organisation “{organization}”.")
        with organization_context(found):
            if verb == "export":
                self.export(options["output"], options["language"])
            else:
                self.read(options["file"], dry_run=options["dry_run"], publish=options["publish"])

    def export(self, output: Path | None, language: str | None) -> None:
        only = {"language": language} if language else {}
        package = packages.export_package(
            personas=Persona.objects.filter(**only).exclude(status=Status.ARCHIVED),
            rubrics=Rubric.objects.filter(**only).exclude(status=Status.ARCHIVED),
            scenarios=Scenario.objects.filter(**only).exclude(status=Status.ARCHIVED),
        )
        text = packages.dump(package)
        if output is None:
            self.stdout.write(text)
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from None
        counts = ", ".join(f"{len(package[kind])} {kind}" for kind in packages.KINDS)
        self.stdout.write(f"{output}: {counts}")

    def read(self, file: Path, *, dry_run: bool, publish: bool) -> None:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file}: this is not UTF-8 text") from None
        try:
            changes = packages.import_package(packages.parse(text), dry_run=dry_run, publish=publish)
        except packages.PackageRefused as refused:
            raise CommandError("Nothing was imported.\n" + "\n".join(refused.problems)) from None
        except DomainError as error:
            raise CommandError(str(error)) from None
        for change in changes:
            fields = f" ({', '.join(change.fields)})" if change.fields else ""
            self.stdout.write(f"{change.action:8} {change.kind[:-1]:9} {change.language} {change.title}{fields}")
        if dry_run:
            self.stdout.write("Nothing was written: this was a dry run.")
