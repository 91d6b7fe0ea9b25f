"""The speech engine of one process: the ports put to work off the event loop.

`Speech` is what a voice session needs; `SpeechEngine` does it with the embedded models.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import Future
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from integrations.errors import ProviderError
from integrations.speech.base import SpeechToText, Transcript, VoiceDetector
from integrations.speech.cache import SpokenCache
from integrations.speech.kokoro import Kokoro
from integrations.speech.languages import LanguageDetector, WhisperLanguages
from integrations.speech.phonemes import Phonemizer
from integrations.speech.sentences import Piece, opening, pieces
from integrations.speech.stt import EmbeddedSpeechToText, Whisper
from integrations.speech.tts import EmbeddedTextToSpeech
from integrations.speech.vad import FRAME_BYTES, SileroDetector
from integrations.speech.voices import Voice, voice_for
from integrations.speech.weights import Weights
from integrations.speech.workbench import Workbench

logger = logging.getLogger(__name__)

MOST_PREPARED = 400


class Speech(Protocol):
    """Audio heard is 16 kHz, audio spoken `rate`, both 16-bit mono PCM."""

    rate: int

    async def ready(self, *, voice_id: str, language: str) -> None:
        """Load what a call needs. Raises a `ProviderError` when it is not there."""
        ...

    def detector(self) -> VoiceDetector: ...

    async def score(self, detector: VoiceDetector, frames: bytes) -> list[float]:
        """The probability of speech for each whole frame."""
        ...

    async def transcribe(self, pcm: bytes, *, language: str) -> Transcript: ...

    async def draft(self, pcm: bytes, *, language: str) -> Transcript | None:
        """A quick guess at an utterance that goes on; None when the machine has better things to do."""
        ...

    def pieces(self, text: str, *, voice_id: str, language: str) -> list[Piece]:
        """What to say one after the other so that the first words are heard soon."""
        ...

    def speak(self, text: str, *, voice_id: str, language: str, needed_in: float) -> AsyncGenerator[bytes]:
        """A piece as PCM, as it is made. `needed_in`: seconds until it will be missed."""
        ...

    def prepare(self, lines: Iterable[str], *, voice_id: str, language: str) -> None:
        """Synthesise these ahead, in this order, when nothing else is to be done."""
        ...


class SpeechEngine:
    """`stt` and `tts` may be replaced by anything that fits the ports, see docs/speech.md."""

    def __init__(self, *, stt: EmbeddedSpeechToText, tts: EmbeddedTextToSpeech) -> None:
        self.stt = stt
        self.languages: LanguageDetector = WhisperLanguages(stt.multilingual)
        self.tts = tts
        self.rate = tts.rate
        self._hearing = Workbench("vad", workers=1, most_waiting=10_000)
        self._reading = Workbench("stt", workers=2)
        self._speaking = Workbench("tts")
        self._ahead = Workbench("tts-ahead", background=True, most_waiting=MOST_PREPARED)
        self._reads = 0
        self._asked: set[tuple[str, str]] = set()
        self._warm: set[str] = set()
        self._lock = threading.Lock()

    async def ready(self, *, voice_id: str, language: str) -> None:
        await asyncio.to_thread(self.load, language, voice_id=voice_id)

    def detector(self) -> VoiceDetector:
        return SileroDetector()

    async def score(self, detector: VoiceDetector, frames: bytes) -> list[float]:
        def work() -> list[float]:
            last = len(frames) - FRAME_BYTES
            return [detector.score(frames[at : at + FRAME_BYTES]) for at in range(0, last + 1, FRAME_BYTES)]

        return await asyncio.wrap_future(self._hearing.submit(work))

    async def transcribe(self, pcm: bytes, *, language: str) -> Transcript:
        return await self._read(partial(self.stt.transcribe, pcm, rate=16000, language=language), needed_at=0.0)

    async def draft(self, pcm: bytes, *, language: str) -> Transcript | None:
        if self._reads:
            return None
        return await self._read(partial(self.stt.draft, pcm, rate=16000, language=language), needed_at=1.0)

    async def _read(self, work: Any, *, needed_at: float) -> Transcript:
        self._reads += 1
        try:
            return await asyncio.wrap_future(self._reading.submit(work, needed_at=needed_at))
        finally:
            self._reads -= 1

    def pieces(self, text: str, *, voice_id: str, language: str) -> list[Piece]:
        found = pieces(text)
        if not found or self.tts.at_hand(found[0].text, voice_for(voice_id, language=language)):
            return found
        return [*opening(found[0]), *found[1:]]

    async def speak(self, text: str, *, voice_id: str, language: str, needed_in: float) -> AsyncGenerator[bytes]:
        voice = voice_for(voice_id, language=language)
        job = self._speaking.submit(partial(self.tts.say, text, voice), needed_at=time.monotonic() + needed_in)
        try:
            yield await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            job.cancel()
            raise

    def prepare(self, lines: Iterable[str], *, voice_id: str, language: str) -> None:
        voice = voice_for(voice_id, language=language)
        for line in lines:
            for piece in pieces(line):
                with self._lock:
                    if (voice.id, piece.text) in self._asked:
                        continue
                    self._asked.add((voice.id, piece.text))
                try:
                    job = self._ahead.submit(partial(self._say_ahead, piece.text, voice))
                except queue.Full:
                    self._asked.discard((voice.id, piece.text))
                    return
                job.add_done_callback(partial(self._prepared, (voice.id, piece.text)))

    def stop_preparing(self) -> None:
        self._ahead.clear()

    def _say_ahead(self, text: str, voice: Voice) -> None:
        if self.tts.worth_preparing(text, voice):
            self.tts.say(text, voice, ahead=True)

    def _prepared(self, asked: tuple[str, str], job: Future[None]) -> None:
        with self._lock:
            self._asked.discard(asked)
        if not job.cancelled():
            job.exception()  # a line that could not be prepared is synthesised, or fails, when it is needed

    def load(self, language: str, *, voice_id: str = "") -> None:
        """Load what a call in this language needs and run it once. Blocking; cheap when done before."""
        voice = voice_for(voice_id, language=language)
        for key, work in ((language, partial(self._load_reader, language)), (voice.id, partial(self.tts.load, voice))):
            if key not in self._warm:
                work()
                self._warm.add(key)

    def _load_reader(self, language: str) -> None:
        self.stt.load(language)
        self.stt.transcribe(bytes(16000), rate=16000, language=language)

    def warm(self, languages: Iterable[str] = ("en", "es"), *, first: Callable[[], object] = lambda: None) -> None:
        """Load the models in the background, so that the first call need not wait; `first` is loaded before them."""

        def work() -> None:
            first()
            for language in languages:
                try:
                    self.load(language)
                except (ProviderError, OSError, RuntimeError) as error:
                    # Who needs what is missing is told so when a call starts.
                    logger.warning(
                        "speech models could not be loaded", extra={"language": language, "error": str(error)}
                    )

        threading.Thread(target=work, name="speech-warm", daemon=True).start()


def default_weights() -> Weights:
    own = settings.SPEECH_MODEL_DIR
    return Weights(
        cache=Path(settings.SPEECH_CACHE_DIR),
        own=Path(own) if own else None,
        voice_dirs=[Path(settings.BASE_DIR) / "node_modules" / "kokoro-js" / "voices"],
    )


@cache
def default_engine() -> SpeechEngine:
    """The engine that the settings describe; nothing is loaded yet."""
    weights = default_weights()
    threads = max(1, min(2, os.cpu_count() or 1))
    return SpeechEngine(
        stt=EmbeddedSpeechToText(
            small=Whisper(weights, "whisper-tiny.en", threads=threads),
            large=Whisper(weights, "whisper-base", threads=threads),
        ),
        tts=EmbeddedTextToSpeech(
            kokoro=Kokoro(weights, threads=threads),
            idle_kokoro=Kokoro(weights, threads=1),
            phonemizer=Phonemizer(),
            cache=SpokenCache(Path(settings.SPEECH_CACHE_DIR) / "spoken"),
        ),
    )


def embedded_stt() -> SpeechToText:
    """Speech to text for what is not a live call: a recorded turn, a dictated text."""
    return default_engine().stt


def embedded_languages() -> LanguageDetector:
    """What tells which language is spoken in a recording."""
    return default_engine().languages
