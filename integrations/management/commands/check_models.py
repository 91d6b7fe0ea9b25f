"""`manage.py check_models`: does every language model in line still answer? Vendors retire models."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integrations import openai_sdk
from integrations.catalogue import served
from integrations.errors import ModelRetired, ProviderError
from integrations.llm import gateway
from integrations.llm.registry import MODELS, configured, language_model, model_name
from integrations.llm.tasks import NAMES
from integrations.llm.trial import QUESTION
from integrations.vendors import VendorKeys, platform_keys

SOON_DAYS = 60


class Command(BaseCommand):
    help = (
        "Ask every language model that has a key one short question. Ends with 1 where a vendor has none that answers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--timeout", type=float, default=20.0, metavar="SECONDS")

    def handle(self, *args: Any, timeout: float, **options: Any) -> None:
        failed: list[str] = []
        for slug in MODELS:
            if slug not in configured():
                self.stdout.write(f"{slug}: no key; the embedded engine does its work")
            elif not self._answers(platform_keys(slug), timeout):
                failed.append(slug)
        self._say_which_go(timeout)
        if failed:
            raise CommandError(f"Not usable: {', '.join(failed)}.")

    def _answers(self, keys: VendorKeys, timeout: float) -> bool:
        """Ask each of the vendor's models in line. False where none answers, or where the first has other trouble than being
        retired."""
        slug, usable = keys.vendor, False
        line = dict.fromkeys(name for task in NAMES for name in served.models_for(keys, task=task))
        for name in line:
            began = time.monotonic()
            model = language_model(slug, keys=keys, name=name)
            try:
                model.answer(QUESTION, timeout=timeout)
            except ModelRetired:
                gateway.note_gone(model)
                self.stdout.write(f"{slug} {name}: this model is retired; {self._instead(slug, name)}")
            except ProviderError as error:
                self.stdout.write(f"{slug} {name}: {error.message} ({error.code})")
                return usable
            else:
                self.stdout.write(f"{slug} {name}: answers ({(time.monotonic() - began) * 1000:.0f} ms)")
                served.note_served(slug, name)
                usable = True
        return usable

    def _instead(self, slug: str, name: str) -> str:
        """What to do about a retired model: the setting names it, or the line in the admin does."""
        if name == model_name(slug):
            return f"set {slug.upper()}_MODEL to another one"
        return "it stood in line as a spare, take it out at /admin/catalogue/providermodel/"

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
            served_here = openai_sdk.goes_on(keys, seconds=timeout)
        except ProviderError:
            return  # said above
        for setting, name in named.items():
            day = served_here.get(name)
            if name not in served_here:
                self.stdout.write(f"openai {name}: not served to this account; set {setting} to another one")
            elif day is not None and (day - timezone.now().date()).days <= SOON_DAYS:
                self.stdout.write(f"openai {name}: goes on {day.isoformat()}; set {setting} to another one before")
