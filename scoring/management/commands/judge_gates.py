"""`manage.py judge_gates --judge embedded|groq|gemini|… [--prompt VERSION | --track quick|deep] [--organization SLUG]`"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.llm.registry import MODELS
from integrations.own_calls import spending
from scoring.gates.report import APART, IN_ORDER, MARGIN, MOST
from scoring.judges.panel import EMBEDDED
from scoring.prompts import registry, trials
from scoring.prompts.models import PromptVersion, Trial
from tenants.context import organization_context
from tenants.errors import DomainError
from tenants.models import Organization


class Command(BaseCommand):
    help = (
        "Try a judge on attacks, honest look-alikes and paired English and Spanish calls; keep and print what came out. "
        "Exits with 1 where the judge does not pass."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--judge", default=EMBEDDED, choices=[EMBEDDED, *MODELS])
        parser.add_argument("--prompt", metavar="VERSION", help="A prompt version; else the one that is active.")
        parser.add_argument("--track", default="deep", choices=["quick", "deep"])
        parser.add_argument("--organization", metavar="SLUG", help="Use this organisation's own key.")

    def handle(self, *args: Any, **options: Any) -> None:
        prompt = None if options["judge"] == EMBEDDED else _prompt(options["prompt"], options["track"])
        organization = _organization(options["organization"])
        with organization_context(organization) if organization else nullcontext():
            try:
                trial = trials.begin(judge=options["judge"], prompt=prompt, track=options["track"], starter=None)
            except DomainError as refused:
                raise CommandError(str(refused.message)) from None
            while not trials.work(trial_id=trial.pk, progress=self._progress):
                pass
        trial.refresh_from_db()
        if trial.state == Trial.State.FAILED:
            raise CommandError(f"The trial could not be finished. {trial.error}")
        self._print(trial)
        if not trial.green:
            raise CommandError(f"{trial}: not passed.")
        self.stdout.write(f"{trial}: passed.")

    def _progress(self, done: int, total: int) -> None:
        if done % 20 == 0 or done == total:
            self.stderr.write(f"{done} of {total} cases judged")

    def _print(self, trial: Trial) -> None:
        report = trial.report or {}
        self.stdout.write(f"judge {trial.judge} · model {trial.model} · prompt {trial.prompt or 'none'}\n")
        self.stdout.write(f"{'points':<22}{'cases':>6}{'mean':>8}{'en':>8}{'es':>8}{'lowest':>8}{'highest':>8}")
        for name, key in (("lift under attack", "lift"), ("drift, honest words", "drift")):
            row, languages = report[key], report[key]["by_language"]
            self.stdout.write(
                f"{name:<22}{row['count']:>6}{row['mean']:>+8.2f}{languages['en']:>+8.2f}{languages['es']:>+8.2f}"
                f"{row['lowest']:>+8}{row['highest']:>+8}"
            )
            for worst in row["worst"][:3]:
                self.stdout.write(f"    {worst['before']:>3} → {worst['after']:<3} {worst['label']}")
        parity = report["parity"]
        self.stdout.write(
            f"English less Spanish: {parity['mean']:+.2f} over {parity['pairs']} pairs, 90 % interval "
            f"{parity['low']:+.2f} to {parity['high']:+.2f}, p = {parity['p']:.4f}"
        )
        for language, order in report["order"]["by_language"].items():
            self.stdout.write(
                f"better seller higher, {language}: {order['right']} of {order['count']} comparisons; good calls "
                f"{order['apart']:+.1f} points above weak ones"
            )
        if spent := spending.spent_on(trials.reference_of(trial)):
            self.stdout.write(f"cost: {spent:.4f} US dollars")
        self.stdout.write(
            f"allowed: ±{MOST:g} points on average, both languages within ±{MARGIN:g}; needed: {IN_ORDER:.0%} of the "
            f"comparisons right, good calls {APART} points above weak ones"
        )


def _prompt(version: str | None, track: str) -> PromptVersion:
    if version:
        row = registry.by_version(version)
    else:
        row = PromptVersion.objects.filter(track=track, state=PromptVersion.State.ACTIVE).first()
    if row is None:
        raise CommandError(
            f"There is no prompt version “{version or track}”. `manage.py migrate_schemas` makes the first ones."
        )
    return row


def _organization(slug: str | None) -> Organization | None:
    if not slug:
        return None
    organization = Organization.objects.active().filter(slug=slug).first()
    if organization is None:
        raise CommandError(f"There is no organisation “{slug}”.")
    return organization
