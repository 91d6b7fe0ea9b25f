"""Ears and a voice for single turns: the best service that can be had, and our own behind it.

Only OpenAI and the embedded engine work turn by turn; the other voice services hold whole conversations. Our own ears and
voice stand in whatever the allow-list says: nothing leaves the installation by them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import structlog

from calls.errors import NoVoiceService
from calls.worded import accounts_for
from integrations.budgets import minutes
from integrations.errors import ProviderError
from integrations.openai_sdk import option
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
PADDED_SECONDS = 2 * len(QUIET) / (2 * RATE)  # of every utterance that is heard
HEARD_WITHIN = 20.0  # seconds, all attempts of a vendor together: somebody waits
OURS, THEIRS = "embedded", "openai"


@dataclass(slots=True)
class TurnVoice:
    """`provider`: who hears and speaks. `chat`: the accounts that may word replies. `faults`: what failed so far, part and
    code, and was done by ourselves. What a vendor did is to be paid for: `note_used`."""

    provider: str
    keys: VendorKeys | None = None
    chat: tuple[VendorKeys, ...] = ()
    faults: list[tuple[str, str]] = field(default_factory=list)
    # Seconds of sound that the vendor heard and said, and that are not written down yet.
    used: dict[str, float] = field(default_factory=dict)

    def hear(self, pcm: bytes, *, language: str) -> Transcript:
        """Empty where nobody speaks. Raises a `ProviderError` when our own ears fail, too."""
        if not contains_speech(pcm):
            return Transcript("", 0.0, 0)

        def with_ears(ears: SpeechToText) -> Transcript:
            return ears.transcribe(QUIET + pcm + QUIET, rate=RATE, language=language)

        def theirs(keys: VendorKeys) -> Transcript:
            heard = with_ears(OpenAISpeechToText(keys, seconds=HEARD_WITHIN))
            self._use(minutes.HEAR, len(pcm) / (2 * RATE) + PADDED_SECONDS)
            return heard

        return self._first("stt", theirs, lambda: with_ears(embedded_stt()))

    def say(self, text: str, *, voice_id: str, language: str) -> tuple[bytes, int]:
        """The text as PCM, and its rate. Raises a `ProviderError` when our own voice fails, too."""

        def with_voice(voice: TextToSpeech) -> tuple[bytes, int]:
            return b"".join(voice.stream(text, voice_id=voice_id, language=language)), voice.rate

        def theirs(keys: VendorKeys) -> tuple[bytes, int]:
            pcm, rate = with_voice(OpenAITextToSpeech(keys))
            self._use(minutes.SAY, len(pcm) / (2 * rate))
            return pcm, rate

        return self._first("tts", theirs, lambda: with_voice(default_engine().tts))

    def note_used(self, *, user_id: UUID | None, key: UUID) -> None:
        """Write down what the vendor heard and said since the last time: paid by this person's budgets, from what is put
        aside under `key`, or else from what is left."""
        while self.used:
            work, seconds = self.used.popitem()
            assert self.keys is not None
            minutes.note(
                work,
                self.keys.vendor,
                seconds=seconds,
                key=key,
                user_id=user_id,
                model=option(self.keys, "stt_model" if work == minutes.HEAR else "tts_model"),
                own_account=self.keys.own,
            )

    def _use(self, work: str, seconds: float) -> None:
        self.used[work] = self.used.get(work, 0.0) + seconds

    def _first(self, part: str, theirs: Callable[[VendorKeys], T], ours: Callable[[], T]) -> T:
        if self.keys is not None:
            try:
                return theirs(self.keys)
            except ProviderError as error:
                logger.warning("a vendor's speech failed; ours takes over", part=part, code=error.code)
                self.faults.append((part, error.code))
        return ours()


def voice_for_turns(
    organization: Organization, *, trainee_id: UUID | None = None, may_spend: Callable[[], bool] = lambda: True
) -> TurnVoice:
    """`trainee_id`: for whom a buyer is to find words, too. `may_spend`: asked before a vendor is chosen; where a budget says
    no, our own ears and voice do it. Raises `NoVoiceService` where the organisation allows neither of the two."""
    for name in candidates(organization):
        if name == OURS or (name == THEIRS and not may_spend()):
            return TurnVoice(OURS)
        if name == THEIRS:
            chat = accounts_for(organization, trainee_id=trainee_id) if trainee_id else ()
            return TurnVoice(THEIRS, keys_of(THEIRS), chat)
    raise NoVoiceService(details={"reason": "no_voice_service"})
