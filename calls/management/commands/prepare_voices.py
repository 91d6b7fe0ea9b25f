"""`manage.py prepare_voices [--organization SLUG]`: synthesise ahead what the buyers of published scenarios say."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import tenant_context

from calls.voice.responder import BuyerResponder
from integrations.errors import ProviderError
from integrations.speech.engine import default_engine
from integrations.speech.sentences import pieces
from integrations.speech.voices import Voice, voice_for
from scenarios.briefs import PersonaBrief
from scenarios.models import Scenario
from tenants.models import Organization


class Command(BaseCommand):
    help = (
        "Without this, a buyer's lines are synthesised during the first calls with it, whose answers then come later. "
        "Takes some minutes a buyer; what is there already is skipped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only this one")

    def handle(self, *args: Any, organization: str | None, **options: Any) -> None:
        chosen = Organization.objects.active()
        if organization:
            chosen = chosen.filter(slug=organization)
            if not chosen.exists():
                raise CommandError(f"There is no open organisation {organization!r}.")
        for org in chosen.order_by("slug"):
            with tenant_context(org):
                briefs = [
                    version.persona_brief()
                    for scenario in Scenario.objects.all()
                    if (version := scenario.published_version) is not None
                ]
            for brief in briefs:
                made = self._prepare(brief)
                self.stdout.write(f"{org.slug}: {brief.name}, {brief.mode}: {made} lines made")

    def _prepare(self, brief: PersonaBrief) -> int:
        """Everybody in the call, each in their own voice."""
        made = 0
        for voice_id, lines in BuyerResponder(brief, state=None).lines_by_voice().items():
            voice = voice_for(voice_id, language=brief.language)
            made += sum(self._made(piece.text, voice) for line in lines for piece in pieces(line))
        return made

    def _made(self, text: str, voice: Voice) -> bool:
        tts = default_engine().tts
        if not tts.worth_preparing(text, voice):
            return False
        try:
            tts.say(text, voice, ahead=True)
        except ProviderError as error:
            raise CommandError(str(error)) from error
        return True
