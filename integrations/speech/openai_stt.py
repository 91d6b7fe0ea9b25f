"""Speech to text by OpenAI: one request per utterance or file, as a WAV in memory.

Models differ in what they say besides the words: `whisper-1` says how sure it is and whether there was speech, the
`gpt-4o` family gives log probabilities, `gpt-transcribe` gives words only.
"""

from __future__ import annotations

import io
import math
import time
import wave
from typing import Any, ClassVar

from integrations import openai_sdk
from integrations.errors import ProviderInvalidAnswer, ProviderRefused
from integrations.openai_sdk import SDK_ERRORS, translated
from integrations.resilience import call_provider
from integrations.speech.base import Transcript
from integrations.speech.stt import Reading, cleaned, plain
from integrations.speech.vad import contains_speech
from integrations.vendors import VendorKeys

MOST_FILE_BYTES = 25 * 1024 * 1024
HEADER_BYTES = 44
UNSTATED = 0.9  # the confidence of a model that does not say how sure it is
FILE_SECONDS = 180.0
WITH_LOGPROBS = "gpt-4o"
VERBOSE = "whisper-1"


class OpenAISpeechToText:
    """For files and recorded turns; live calls have their own client (`openai_speech`). Blocking, safe to share."""

    slug: ClassVar[str] = "openai"

    def __init__(self, keys: VendorKeys, *, seconds: float = FILE_SECONDS) -> None:
        """`seconds`: what all attempts together may take."""
        self._client = openai_sdk.client(keys)
        self._model = openai_sdk.option(keys, "stt_model")
        self._account = keys.account
        self._seconds = seconds

    def transcribe(self, pcm: bytes, *, rate: int, language: str) -> Transcript:
        """Nothing is sent where nobody speaks: models invent words there. Raises a `ProviderError`."""
        if rate == 16000 and not contains_speech(pcm):
            return Transcript("", 0.0, 0)
        request = transcription_request(self._model, pcm, rate=rate, language=language)
        began = time.perf_counter()
        answer = call_provider(
            "whisper", lambda left: self._ask(request, left), seconds=self._seconds, account=self._account
        )
        return read_transcription(answer, began=began)

    def _ask(self, request: dict[str, Any], left: float | None) -> Any:
        try:
            return self._client.audio.transcriptions.create(**request, timeout=left)
        except SDK_ERRORS as error:
            raise translated(error, provider=self.slug) from None


def transcription_request(model: str, pcm: bytes, *, rate: int, language: str) -> dict[str, Any]:
    """The SDK's arguments. Raises `ProviderRefused` for more than the vendor takes."""
    if len(pcm) + HEADER_BYTES > MOST_FILE_BYTES:
        raise ProviderRefused("the audio is longer than the vendor takes", provider="openai", status=413)
    request: dict[str, Any] = {
        "model": model,
        "file": ("speech.wav", wav_of(pcm, rate=rate), "audio/wav"),
        "language": language,
        "temperature": 0.0,
        "response_format": "verbose_json" if model == VERBOSE else "json",
    }
    if model.startswith(WITH_LOGPROBS):
        request["include"] = ["logprobs"]
    return request


def read_transcription(answer: Any, *, began: float) -> Transcript:
    """The vendor's answer in our shape. `began`: of `time.perf_counter`. Raises `ProviderInvalidAnswer`."""
    elapsed = round((time.perf_counter() - began) * 1000)
    text = getattr(answer, "text", None)
    if not isinstance(text, str):
        raise ProviderInvalidAnswer("a transcription without text", provider="openai")
    segments = getattr(answer, "segments", None)
    if segments:
        kept = [
            (words, segment.avg_logprob)
            for segment in segments
            if (words := cleaned(Reading(segment.text, segment.avg_logprob, segment.no_speech_prob)))
        ]
        sure = math.exp(min((probability for _, probability in kept), default=-10.0))
        return Transcript(" ".join(words for words, _ in kept), round(sure if kept else 0.0, 3), elapsed)
    if not plain(text):
        return Transcript("", 0.0, elapsed)
    return Transcript(" ".join(text.split()), _confidence(answer), elapsed)


def _confidence(answer: Any) -> float:
    tokens = getattr(answer, "logprobs", None) or []
    known = [token.logprob for token in tokens if token.logprob is not None]
    return round(math.exp(sum(known) / len(known)), 3) if known else UNSTATED


def wav_of(pcm: bytes, *, rate: int) -> bytes:
    """16-bit mono samples as a file."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return target.getvalue()
