"""Ears and a voice for single turns: the best service that can be had, and our own behind it.

Only OpenAI and the embedded engine work turn by turn; the other voice services hold whole conversations. Our own ears and
voice stand in whatever the allow-list says: nothing leaves the installation by them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from calls.errors import NoVoiceService
from integrations.errors import ProviderError
from integrations.llm.registry import chat_accounts
from integrations.speech.base import SpeechToText, TextToSpeech, Transcript
from integrations.speech.engine import default_engine, embedded_stt
from integrations.speech.openai_stt import OpenAISpeechToText
from integrations.speech.openai_tts import OpenAITextToSpeech
from integrations.speech.vad import contains_speech
from integrations.vendors import VendorKeys, keys_of
from integrations.voice.routing import candidates
from tenants.models import Organization

logger = structlog.get_logger(__name__)
T = TypeVar("T")

RATE = 16000  # of what is heard
# Recordings begin and end in the middle of speech, and recognisers lose words there.
QUIET = bytes(RATE * 2 // 5)
HEARD_WITHIN = 20.0  # seconds, all attempts of a vendor together: somebody waits
OURS, THEIRS = "embedded", "openai"


@dataclass(slots=True)
class TurnVoice:
    """`provider`: who hears and speaks. `chat`: the accounts that may word replies. `faults`: what failed so far, part and
    code, and was done by ourselves."""

    provider: str
    keys: VendorKeys | None = None
    chat: tuple[VendorKeys, ...] = ()
    faults: list[tuple[str, str]] = field(default_factory=list)

    def hear(self, pcm: bytes, *, language: str) -> Transcript:
        """Empty where nobody speaks. Raises a `ProviderError` when our own ears fail, too."""
        if not contains_speech(pcm):
            return Transcript("", 0.0, 0)

        def with_ears(ears: SpeechToText) -> Transcript:
            return ears.transcribe(QUIET + pcm + QUIET, rate=RATE, language=language)

        return self._first(
            "stt",
            lambda keys: with_ears(OpenAISpeechToText(keys, seconds=HEARD_WITHIN)),
            lambda: with_ears(embedded_stt()),
        )

    def say(self, text: str, *, voice_id: str, language: str) -> tuple[bytes, int]:
        """The text as PCM, and its rate. Raises a `ProviderError` when our own voice fails, too."""

        def with_voice(voice: TextToSpeech) -> tuple[bytes, int]:
            return b"".join(voice.stream(text, voice_id=voice_id, language=language)), voice.rate

        return self._first(
            "tts", lambda keys: with_voice(OpenAITextToSpeech(keys)), lambda: with_voice(default_engine().tts)
        )

    def _first(self, part: str, theirs: Callable[[VendorKeys], T], ours: Callable[[], T]) -> T:
        if self.keys is not None:
            try:
                return theirs(self.keys)
            except ProviderError as error:
                logger.warning("a vendor's speech failed; ours takes over", part=part, code=error.code)
                self.faults.append((part, error.code))
        return ours()


def voice_for_turns(organization: Organization) -> TurnVoice:
    """Raises `NoVoiceService` where the organisation allows neither of the two."""
    for name in candidates(organization):
        if name == OURS:
            return TurnVoice(OURS)
        if name == THEIRS:
            return TurnVoice(THEIRS, keys_of(THEIRS), chat_accounts(organization))
    raise NoVoiceService(details={"reason": "no_voice_service"})
