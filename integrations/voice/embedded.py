"""A voice call without any vendor: local recognition, a local buyer, a local voice."""

from __future__ import annotations

from collections.abc import Callable

from integrations.embeddings.embedded import default_encoder
from integrations.speech.engine import Speech, SpeechEngine, default_engine
from integrations.vendors import VendorKeys
from integrations.voice.base import Responder, VoiceBrief, VoiceProvider, VoiceSession
from integrations.voice.conversation import ConversationSession


class EmbeddedProvider(VoiceProvider):
    name = "embedded"

    def __init__(self, speech: Speech | None = None) -> None:
        self._speech = speech

    @property
    def speech(self) -> Speech:
        return self._speech or default_engine()

    async def open(
        self, brief: VoiceBrief, *, keys: VendorKeys, responder: Responder, clock: Callable[[], int]
    ) -> VoiceSession:
        return ConversationSession(brief, responder=responder, clock=clock, speech=self.speech, prefix="emb")

    def warm(self) -> None:
        if isinstance(self.speech, SpeechEngine):
            # The buyer understands by the encoder: a second's loading that the first answer would wait for.
            self.speech.warm(first=lambda: default_encoder().encode(["Hello?"]))
