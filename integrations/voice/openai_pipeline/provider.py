"""OpenAI as a voice service: the embedded conversation with other ears and another voice.

Turn taking, cutting in, silence and pacing are the same as without a vendor, and so is who decides what the buyer does. The
model that words the buyer's replies is the responder's business (`StreamingResponder`), not the voice's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from integrations import openai_sdk
from integrations.errors import ProviderError, ProviderInvalidAnswer, ProviderNotConfigured
from integrations.speech.engine import Speech, default_engine
from integrations.speech.openai_speech import OpenAISpeech, Part
from integrations.vendors import VendorKeys
from integrations.voice.base import Responder, VoiceBrief, VoiceProvider, VoiceSession
from integrations.voice.conversation import ConversationSession
from integrations.voice.embedded import EmbeddedProvider
from integrations.voice.events import Fault

CHECK_SECONDS = 10.0
# The protocol's words for it; the call itself goes on with the embedded part.
ERROR_TYPES: dict[Part, str] = {"stt": "asr_transcription_error", "tts": "tts_cascade_error"}


class OpenAIProvider(VoiceProvider):
    name = "openai"

    def __init__(self, fallback: Speech | None = None) -> None:
        """`fallback`: the ears and the voice where OpenAI's fail, and what tells speech from silence."""
        self._fallback = fallback

    @property
    def fallback(self) -> Speech:
        return self._fallback or default_engine()

    async def open(
        self, brief: VoiceBrief, *, keys: VendorKeys, responder: Responder, clock: Callable[[], int]
    ) -> VoiceSession:
        if not keys.usable:
            raise ProviderNotConfigured("no key is set", provider=self.name)
        # Making the client takes tens of milliseconds, which other people's calls would hear.
        speech = await asyncio.to_thread(OpenAISpeech, keys, fallback=self.fallback)
        return OpenAISession(brief, responder=responder, clock=clock, speech=speech)

    def warm(self) -> None:
        EmbeddedProvider(self._fallback).warm()

    def check(self, keys: VendorKeys) -> None:
        wanted = {openai_sdk.option(keys, name) for name in ("stt_model", "tts_model")}
        if missing := sorted(wanted - set(openai_sdk.goes_on(keys, seconds=CHECK_SECONDS))):
            raise ProviderInvalidAnswer(f"the account has no model {' or '.join(missing)}", provider=self.name)


class OpenAISession(ConversationSession):
    """Says when a part of the vendor failed, once for each part of a call."""

    def __init__(
        self, brief: VoiceBrief, *, responder: Responder, clock: Callable[[], int], speech: OpenAISpeech
    ) -> None:
        super().__init__(brief, responder=responder, clock=clock, speech=speech, prefix="oai")
        self._ours = speech
        self._told: set[Part] = set()
        speech.on_trouble = self._trouble

    def _trouble(self, part: Part, error: ProviderError) -> None:
        self.note_trouble({"rule": f"{part}_fallback", "effect": "", "detail": "", "subject": error.code})
        if part not in self._told:
            self._told.add(part)
            message = "The voice service did not answer; Parley went on by itself."
            self._emit(Fault(ERROR_TYPES[part], message, covered=True))

    async def close(self) -> None:
        await super().close()
        await self._ours.close()
