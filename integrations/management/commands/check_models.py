"""`manage.py check_models`: does every configured language model still answer? Vendors retire models."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integrations import openai_sdk
from integrations.errors import ModelRetired, ProviderError
from integrations.llm.registry import MODELS, configured, language_model, model_name
from integrations.llm.trial import QUESTION
from integrations.vendors import platform_keys

SOON_DAYS = 60


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
        self._say_which_go(timeout)
        if failed:
            raise CommandError(f"Not usable: {', '.join(failed)}.")

    def _say_which_go(self, timeout: float) -> None:
        """OpenAI says of its models when they go; the others do not."""
        keys = platform_keys("openai")
        if not keys.usable:
            return
        named = {
            "OPENAI_MODEL": model_name("openai"),
            **{f"OPENAI_{part}".upper(): name for part, name in keys.options.items()},
        }
        try:
            served = openai_sdk.goes_on(keys, seconds=timeout)
        except ProviderError:
            return  # said above
        for setting, name in named.items():
            day = served.get(name)
            if name not in served:
                self.stdout.write(f"openai {name}: not served to this account; set {setting} to another one")
            elif day is not None and (day - timezone.now().date()).days <= SOON_DAYS:
                self.stdout.write(f"openai {name}: goes on {day.isoformat()}; set {setting} to another one before")
