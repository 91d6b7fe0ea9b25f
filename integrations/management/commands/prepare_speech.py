"""`manage.py prepare_speech`: put the speech models together ahead of the first call."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.errors import ProviderError
from integrations.speech.engine import default_engine, default_weights
from integrations.speech.weights import MODELS


class Command(BaseCommand):
    help = "Join and check the speech models' files in SPEECH_CACHE_DIR; with --try, also speak and hear a sentence."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--try", action="store_true", dest="attempt", help="run every model once")

    def handle(self, *args: Any, attempt: bool, **options: Any) -> None:
        weights = default_weights()
        try:
            for name in MODELS:
                self.stdout.write(f"{name}: {weights.model(name)}")
            absent = weights.keep_voices()
        except ProviderError as error:
            raise CommandError(str(error)) from error
        if absent:
            self.stderr.write(
                "Voices not found: " + ", ".join(absent) + ". They come with npm ci; until then one spare voice speaks."
            )
        else:
            self.stdout.write("voices: complete")
        if attempt:
            for language, voice_id, text in (("en", "ada", "Good morning."), ("es", "lucia", "Buenos días.")):
                engine = default_engine()
                pcm = b"".join(engine.tts.stream(text, voice_id=voice_id, language=language))
                heard = engine.stt.transcribe(pcm, rate=engine.rate, language=language)
                self.stdout.write(f"{voice_id} said {text!r}, heard was {heard.text!r} ({heard.elapsed_ms} ms)")
