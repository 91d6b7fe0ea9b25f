"""`manage.py check_models`: does every configured language model still answer? Vendors retire models."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.errors import ModelRetired, ProviderError
from integrations.llm.registry import MODELS, configured, language_model, model_name
from integrations.llm.trial import QUESTION


class Command(BaseCommand):
    help = "Ask every language model that has a key one short question. Ends with 1 where one does not answer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--timeout", type=float, default=20.0, metavar="SECONDS")

    def handle(self, *args: Any, timeout: float, **options: Any) -> None:
        failed: list[str] = []
        for slug in MODELS:
            if slug not in configured():
                self.stdout.write(f"{slug}: no key; the embedded engine does its work")
                continue
            name = f"{slug} {model_name(slug)}"
            began = time.monotonic()
            try:
                language_model(slug).answer(QUESTION, timeout=timeout)
            except ModelRetired:
                failed.append(slug)
                self.stdout.write(f"{name}: this model is retired; set {slug.upper()}_MODEL to another one")
            except ProviderError as error:
                failed.append(slug)
                self.stdout.write(f"{name}: {error.message} ({error.code})")
            else:
                self.stdout.write(f"{name}: answers ({(time.monotonic() - began) * 1000:.0f} ms)")
        if failed:
            raise CommandError(f"Not usable: {', '.join(failed)}.")
