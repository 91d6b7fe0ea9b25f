"""The ears and the voice of one live call by OpenAI, with the embedded ones behind them.

Whatever the vendor does not do in time is done by the embedded engine for that utterance, so a call goes on; `on_trouble` is
told. What the vendor refused (a model that is gone, a key, a quota) is not asked for again in this call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any, Literal

import openai
import structlog

from integrations import openai_sdk
from integrations.errors import ProviderError, ProviderInvalidAnswer, ProviderRefused, ProviderTimeout
from integrations.openai_sdk import SDK_ERRORS, translated
from integrations.resilience import aguarded
from integrations.speech.base import Transcript, VoiceDetector
from integrations.speech.engine import Speech
from integrations.speech.openai_stt import read_transcription, transcription_request
from integrations.speech.openai_tts import (
    BREAKER,
    CHUNK_BYTES,
    RATE,
    refuse_other_than_audio,
    speech_request,
    whole_samples,
)
from integrations.speech.sentences import Piece, pieces
from integrations.vendors import VendorKeys

logger = structlog.get_logger(__name__)

Part = Literal["stt", "tts"]
# A person waits: after this long our own ears and voice are sooner.
HEARD_WITHIN = 4.0
FIRST_SOUND_WITHIN = 2.5
NEXT_SOUND_WITHIN = 2.0
BYTES_PER_CHARACTER = RATE * 2 * 65 // 1000  # how much of a text has been said when a voice breaks off, roughly


class OpenAISpeech:
    """Fits `Speech`. Made for one call, in its event loop; `close` it. `fallback` also tells speech from silence."""

    rate = RATE

    def __init__(self, keys: VendorKeys, *, fallback: Speech) -> None:
        self._keys = keys
        self._client = openai_sdk.async_client(keys)
        self._fallback = fallback
        self._refused: set[Part] = set()
        self.on_trouble: Callable[[Part, ProviderError], None] = lambda part, error: None

    async def ready(self, *, voice_id: str, language: str) -> None:
        """Nothing to load: the embedded models are, when they are needed."""

    def detector(self) -> VoiceDetector:
        return self._fallback.detector()

    async def score(self, detector: VoiceDetector, frames: bytes) -> list[float]:
        return await self._fallback.score(detector, frames)

    async def transcribe(self, pcm: bytes, *, language: str) -> Transcript:
        if "stt" not in self._refused:
            try:
                async with aguarded("openai.stt", account=self._keys.account):
                    return await self._transcribe(pcm, language)
            except ProviderError as error:
                self._trouble("stt", error)
        return await self._fallback.transcribe(pcm, language=language)

    async def _transcribe(self, pcm: bytes, language: str) -> Transcript:
        request = transcription_request(openai_sdk.option(self._keys, "stt_model"), pcm, rate=16000, language=language)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(HEARD_WITHIN):
                answer = await self._client.audio.transcriptions.create(**request)
        except TimeoutError:
            raise ProviderTimeout("no transcription in time", provider="openai") from None
        except SDK_ERRORS as error:
            raise translated(error, provider="openai") from None
        return read_transcription(answer, began=began)

    async def draft(self, pcm: bytes, *, language: str) -> Transcript | None:
        """No guesses: each would cost a request."""
        return None

    def pieces(self, text: str, *, voice_id: str, language: str) -> list[Piece]:
        return pieces(text)

    async def speak(self, text: str, *, voice_id: str, language: str, needed_in: float) -> AsyncGenerator[bytes]:
        said = 0
        if "tts" not in self._refused:
            try:
                async for pcm in self._say(text, voice_id, language):
                    said += len(pcm)
                    yield pcm
                return
            except ProviderError as error:
                self._trouble("tts", error)
        rest = unsaid(text, said)
        if rest:
            async for pcm in self._fallback.speak(rest, voice_id=voice_id, language=language, needed_in=needed_in):
                yield pcm

    async def _say(self, text: str, voice_id: str, language: str) -> AsyncGenerator[bytes]:
        request = speech_request(self._keys, text, voice_id=voice_id, language=language)
        async with AsyncExitStack() as stack:
            async with aguarded(BREAKER, account=self._keys.account):
                sound, data = await _begun(self._client, request, stack)
            odd = b""
            while data:
                whole, odd = whole_samples(odd + data)
                yield whole
                data = await _next(sound, within=NEXT_SOUND_WITHIN)

    def prepare(self, lines: Iterable[str], *, voice_id: str, language: str) -> None:
        """Nothing is said ahead: it would be paid for, said or not."""

    async def close(self) -> None:
        await self._client.close()

    def _trouble(self, part: Part, error: ProviderError) -> None:
        logger.warning("a vendor's speech failed; ours takes over", part=part, code=error.code)
        if isinstance(error, ProviderRefused):
            self._refused.add(part)
        self.on_trouble(part, error)


async def _begun(
    client: openai.AsyncOpenAI, request: dict[str, Any], stack: AsyncExitStack
) -> tuple[AsyncIterator[bytes], bytes]:
    """The answer's sound and its first piece; the answer is closed with the stack. Raises a `ProviderError`."""
    try:
        async with asyncio.timeout(FIRST_SOUND_WITHIN):
            response = await stack.enter_async_context(client.audio.speech.with_streaming_response.create(**request))
    except TimeoutError:
        raise ProviderTimeout("no sound in time", provider="openai") from None
    except SDK_ERRORS as error:
        raise translated(error, provider="openai") from None
    refuse_other_than_audio(response.headers.get("content-type", ""))
    sound = response.iter_bytes(CHUNK_BYTES)
    data = await _next(sound, within=FIRST_SOUND_WITHIN)
    if not data:
        raise ProviderInvalidAnswer("an answer without sound", provider="openai")
    return sound, data


async def _next(sound: AsyncIterator[bytes], *, within: float) -> bytes:
    try:
        async with asyncio.timeout(within):
            return await anext(sound, b"")
    except TimeoutError:
        raise ProviderTimeout("no sound in time", provider="openai") from None
    except SDK_ERRORS as error:
        raise translated(error, provider="openai") from None


def unsaid(text: str, said_bytes: int) -> str:
    """What is left of a text after so much of its sound, from a whole word on."""
    if said_bytes <= 0:
        return text
    at = text.find(" ", min(len(text), said_bytes // BYTES_PER_CHARACTER))
    return text[at:].strip() if at >= 0 else ""
