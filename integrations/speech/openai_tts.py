"""Text to speech by OpenAI, streamed as samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from integrations import openai_sdk
from integrations.errors import ProviderInvalidAnswer
from integrations.openai_sdk import SDK_ERRORS, translated
from integrations.resilience import guarded
from integrations.speech.sentences import pieces
from integrations.speech.tts import silence
from integrations.speech.voices import voice_for
from integrations.vendors import VendorKeys

RATE = 24000  # what `response_format: pcm` means
SECONDS = 20.0
BREAKER = "openai.tts"
CHUNK_BYTES = 4800  # 100 ms
WITHOUT_INSTRUCTIONS = "tts-1"

# Our catalogue's voices as theirs, by gender and age. An account's option `voice_<ours>` names another.
VOICES = {
    "ada": "coral",
    "june": "nova",
    "martha": "sage",
    "carl": "ash",
    "owen": "echo",
    "reed": "verse",
    "theo": "onyx",
    "lucia": "shimmer",
    "ines": "marin",
    "marcos": "cedar",
}
MANNER = {
    "us": "A businessperson on the telephone, speaking everyday American English.",
    "gb": "A businessperson on the telephone, speaking everyday British English.",
    "es": "Alguien de una empresa al teléfono, en español de España, con naturalidad.",
}


class OpenAITextToSpeech:
    """For single lines; live calls have their own client (`openai_speech`). Blocking, safe to share."""

    slug: ClassVar[str] = "openai"
    rate = RATE

    def __init__(self, keys: VendorKeys) -> None:
        self._client = openai_sdk.client(keys)
        self._keys = keys

    def stream(self, text: str, *, voice_id: str, language: str) -> Iterator[bytes]:
        """Raises a `ProviderError`."""
        for piece in pieces(text):
            with guarded(BREAKER, account=self._keys.account):
                yield from self._say(speech_request(self._keys, piece.text, voice_id=voice_id, language=language))
            yield silence(piece.pause_ms)

    def _say(self, request: dict[str, Any]) -> Iterator[bytes]:
        odd = b""
        try:
            with self._client.audio.speech.with_streaming_response.create(**request, timeout=SECONDS) as response:
                refuse_other_than_audio(response.headers.get("content-type", ""))
                for data in response.iter_bytes(CHUNK_BYTES):
                    whole, odd = whole_samples(odd + data)
                    yield whole
        except SDK_ERRORS as error:
            raise translated(error, provider=self.slug) from None


def speech_request(keys: VendorKeys, text: str, *, voice_id: str, language: str) -> dict[str, Any]:
    """The SDK's arguments."""
    voice, model = voice_for(voice_id, language=language), openai_sdk.option(keys, "tts_model")
    request: dict[str, Any] = {
        "model": model,
        "voice": keys.options.get(f"voice_{voice.id}") or VOICES[voice.id],
        "input": text,
        "response_format": "pcm",
    }
    if not model.startswith(WITHOUT_INSTRUCTIONS):
        request["instructions"] = MANNER[voice.accent]
    return request


def refuse_other_than_audio(content_type: str) -> None:
    """Some gateways answer 200 and an error in JSON; played, it would be noise. Raises `ProviderInvalidAnswer`."""
    if content_type.startswith(("application/json", "text/")):
        raise ProviderInvalidAnswer("an answer that is no audio", provider="openai")


def whole_samples(data: bytes) -> tuple[bytes, bytes]:
    """Whole 16-bit samples, and the half of one that the network cut off."""
    even = len(data) & ~1
    return data[:even], data[even:]
