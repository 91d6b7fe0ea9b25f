"""A call whose time is virtual: sleeping costs nothing, so timing is tested exactly and quickly.

`FakeSpeech` stands in for the models. Its audio carries the words: a phrase is noise whose amplitude is the phrase's number,
so what was cut out of the stream is what is "recognised".
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from typing import Any

import numpy as np

from integrations.errors import ProviderUnavailable
from integrations.speech.base import Transcript, VoiceDetector
from integrations.speech.sentences import Piece, pieces
from integrations.vendors import VendorKeys
from integrations.voice.base import Spoken, SpokenStream, VoiceBrief
from integrations.voice.conversation import ConversationSession
from integrations.voice.embedded import EmbeddedProvider
from integrations.voice.events import AudioOut, VoiceEvent

RATE = 16000
OUT_RATE = 24000
CHUNK_MS = 20
MS_PER_CHARACTER = 50


class _Selector(selectors.SelectSelector):
    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everything waits for something that will not happen")
        self.loop.now += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.now = 0.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop = VirtualLoop()
    try:
        loop.run_until_complete(story())
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def clock() -> int:
    return round(asyncio.get_running_loop().time() * 1000)


class FakeDetector:
    frame_samples = 512

    def score(self, frame: bytes) -> float:
        return 0.95 if np.count_nonzero(np.frombuffer(frame, "<i2")) > 128 else 0.02

    def reset(self) -> None: ...


class FakeSpeech:
    rate = OUT_RATE

    def __init__(self) -> None:
        self.phrases: list[str] = []
        self.recognised: list[str] = []
        self.prepared: list[str] = []
        self.read_ms = 250
        self.make_ms = 60
        self.deaf = False
        self.mute = False

    def voice(self, phrase: str, ms: int) -> bytes:
        """Microphone audio in which somebody says this; an empty phrase is noise that sounds like speech."""
        self.phrases.append(phrase)
        rng = np.random.default_rng(len(self.phrases))
        size = RATE * ms // 1000
        amplitude = len(self.phrases) * 16 + rng.integers(0, 8, size)
        return (amplitude * rng.choice([-1, 1], size)).astype("<i2").tobytes()

    async def ready(self, *, voice_id: str, language: str) -> None: ...

    def detector(self) -> VoiceDetector:
        return FakeDetector()

    async def score(self, detector: VoiceDetector, frames: bytes) -> list[float]:
        return [detector.score(frames[at : at + 1024]) for at in range(0, len(frames), 1024)]

    async def transcribe(self, pcm: bytes, *, language: str) -> Transcript:
        await asyncio.sleep(self.read_ms / 1000)
        if self.deaf:
            raise ProviderUnavailable("broken", provider="embedded")
        text = self._words(pcm)
        self.recognised.append(text)
        return Transcript(text, 0.9 if text else 0.0, self.read_ms)

    async def draft(self, pcm: bytes, *, language: str) -> Transcript | None:
        return Transcript(self._words(pcm), 0.5, 0)

    def _words(self, pcm: bytes) -> str:
        numbers = np.abs(np.frombuffer(pcm, "<i2").astype(int)) // 16
        said = [int(number) for number in dict.fromkeys(numbers.tolist()) if 1 <= number <= len(self.phrases)]
        return " ".join(self.phrases[number - 1] for number in said if self.phrases[number - 1])

    def pieces(self, text: str, *, voice_id: str, language: str) -> list[Piece]:
        return pieces(text)

    async def speak(self, text: str, *, voice_id: str, language: str, needed_in: float) -> AsyncGenerator[bytes]:
        await asyncio.sleep(self.make_ms / 1000)
        if self.mute:
            raise ProviderUnavailable("broken", provider="embedded")
        rng = np.random.default_rng(len(text))
        yield rng.integers(-8000, 8000, OUT_RATE * len(text) * MS_PER_CHARACTER // 1000).astype("<i2").tobytes()

    def prepare(self, lines: Iterable[str], *, voice_id: str, language: str) -> None:
        self.prepared += lines


class FakeResponder:
    """Says what it is given, in order; then "Mm."."""

    def __init__(self, *replies: str | Spoken, opening: str = "Hello?") -> None:
        self.opening = opening
        self.replies = list(replies)
        self.heard: list[str] = []
        self.silences: list[int] = []
        self.on_silence: list[Spoken | None] = []
        self.broken = False

    async def open(self) -> Spoken:
        return Spoken(self.opening)

    async def respond(self, text: str, *, at_ms: int) -> Spoken:
        if self.broken:
            raise ValueError(text)
        self.heard.append(text)
        reply = self.replies.pop(0) if self.replies else "Mm."
        return reply if isinstance(reply, Spoken) else Spoken(reply, state={"turn": len(self.heard)})

    async def silence(self, *, silent_ms: int) -> Spoken | None:
        self.silences.append(silent_ms)
        return self.on_silence.pop(0) if self.on_silence else None

    def stock_lines(self) -> tuple[str, ...]:
        return ("Hello?", "Mm.")


class Writer(FakeResponder):
    """Words its replies a sentence at a time, with a pause before each."""

    def __init__(self, *sentences: str, pause: float = 0.0, hang_up: str = "") -> None:
        super().__init__(opening="Hm.")
        self.sentences = sentences
        self.pause = pause
        self.hang_up = hang_up
        self.finished: list[str] = []
        self.closed = False

    async def respond_stream(self, text: str, *, at_ms: int) -> SpokenStream:
        self.heard.append(text)

        async def words() -> AsyncGenerator[str]:
            for sentence in self.sentences:
                await asyncio.sleep(self.pause)
                yield sentence

        def finish(said: str) -> Spoken:
            self.finished.append(said)
            return Spoken(said, state={"turn": 1}, hang_up=self.hang_up, outcome="won", trouble="timeout")

        return SpokenStream(words(), finish, self.hang_up)

    async def close(self) -> None:
        self.closed = True


class Call:
    """A session with its events collected, and a trainee who is driven by the test."""

    def __init__(self, responder: FakeResponder, speech: FakeSpeech, **brief: Any) -> None:
        self.responder = responder
        self.speech = speech
        self.events: list[tuple[int, VoiceEvent]] = []
        told: dict[str, Any] = {
            "call_id": "c1",
            "prompt": "",
            "first_message": "Hello?",
            "language": "en",
            "voice_id": "ada",
        }
        self.brief = VoiceBrief(**(told | brief))

    async def __aenter__(self) -> Call:
        provider = EmbeddedProvider(self.speech)
        session = await provider.open(self.brief, keys=VendorKeys("embedded"), responder=self.responder, clock=clock)
        assert isinstance(session, ConversationSession)
        self.session = session
        await session.start()
        self._collecting = asyncio.create_task(self._collect())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()
        await self._collecting

    async def _collect(self) -> None:
        async for event in self.session.events():
            self.events.append((clock(), event))

    async def say(self, phrase: str, ms: int = 1000, *, then_quiet_ms: int = 0) -> None:
        await self.play(self.speech.voice(phrase, ms) + bytes(then_quiet_ms * RATE // 1000 * 2))

    async def quiet(self, ms: int) -> None:
        await self.play(bytes(ms * RATE // 1000 * 2))

    async def play(self, audio: bytes, *, size: int = CHUNK_MS * RATE // 1000 * 2) -> None:
        for at in range(0, len(audio), size):
            await asyncio.sleep(size / 2 / RATE)
            self.session.hear_audio(audio[at : at + size])

    def of(self, kind: type) -> list[Any]:
        return [event for _, event in self.events if isinstance(event, kind)]

    def when(self, kind: type, number: int = -1) -> int:
        return [at for at, event in self.events if isinstance(event, kind)][number]

    def audio_ms(self, event_id: int) -> int:
        return sum(len(event.pcm) for event in self.of(AudioOut) if event.event_id == event_id) * 1000 // OUT_RATE // 2
