"""The trainee's side of a call that Parley holds itself: audio in, finished utterances out.

Recognition starts when a pause begins, not when it is long enough to end the turn, so the words are there by then. An
utterance that goes on is recognised in parts, cut where the speaker paused, so that a long answer takes no longer than its
last part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from integrations.errors import ProviderError
from integrations.speech.base import Transcript
from integrations.speech.engine import Speech
from integrations.speech.patience import (
    LEAST_SPEECH_MS,
    Endpointer,
    Signal,
    SpeechBegan,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    completeness,
)

RATE = 16000
BYTES_PER_MS = RATE * 2 // 1000
BEFORE_MS = 250  # kept before the detector noticed: soft first sounds
AFTER_MS = 100
PART_MS = 8000  # a part this long is settled at the next pause
LONGEST_PART_MS = 24000  # and cut without one here, below Whisper's window
DRAFT_EVERY_MS = 1600
STARVED_S = 1.0  # no audio for this long while somebody spoke: take it as silence


@dataclass(frozen=True, slots=True)
class Heard:
    """A finished utterance. Times are of the call's clock; `typed`: it was text. Latencies in ms: `endpoint` from the end
    of speech to the decision that it was over, `transcribe` the recognition, `text` from the end of speech to the words."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None
    typed: bool = False
    latency: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Guess:
    end_ms: int
    task: asyncio.Task[Transcript]


class Listener:
    """Feed `hear`; run `run`. Callbacks: `on_voice(voiced_ms)` for every voiced frame, `on_tentative(text)`,
    `on_heard(heard)`, `on_nothing()` when an utterance turned out to hold no words, `on_fault(error_type)`."""

    def __init__(
        self,
        speech: Speech,
        *,
        language: str,
        clock: Callable[[], int],
        on_voice: Callable[[int], None],
        on_tentative: Callable[[str], None],
        on_heard: Callable[[Heard], None],
        on_nothing: Callable[[], None],
        on_fault: Callable[[str], None],
    ) -> None:
        self._speech = speech
        self._language = language
        self._clock = clock
        self._on_voice = on_voice
        self._on_tentative = on_tentative
        self._on_heard = on_heard
        self._on_nothing = on_nothing
        self._on_fault = on_fault
        self._detector = speech.detector()
        self._frame_bytes = self._detector.frame_samples * 2
        self._ends = Endpointer(frame_ms=self._detector.frame_samples * 1000 // RATE)
        self._fresh = bytearray()
        self._arrived = asyncio.Event()
        self._audio = bytearray()  # from `_audio_from_ms` on
        self._audio_from_ms = 0
        self._received = 0  # bytes
        self._offset_ms = 0  # call clock minus audio time
        self._part_from_ms = 0
        self._parts: list[asyncio.Task[Transcript]] = []
        self._guess: _Guess | None = None
        self._drafted_ms = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._finishing: asyncio.Task[None] | None = None
        self.ignored = False  # set by the owner: what is being heard is not the trainee

    # -- audio in -----------------------------------------------------------------------------------------------------
    def hear(self, pcm: bytes) -> None:
        self._fresh += pcm
        self._received += len(pcm)
        self._offset_ms = self._clock() - self._received // BYTES_PER_MS
        self._arrived.set()

    @property
    def speaking(self) -> bool:
        return self._ends.speaking

    @property
    def busy(self) -> bool:
        """Somebody speaks, or what was said is still being recognised."""
        return self._ends.speaking or (self._finishing is not None and not self._finishing.done())

    def since_start(self) -> bytes:
        """The audio of the utterance that is going on."""
        return self._cut(self._ends.start_ms, self._ends.position_ms)

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(STARVED_S if self._ends.speaking else None):
                    await self._arrived.wait()
            except TimeoutError:
                self.hear(bytes(int(STARVED_S * 1000) * BYTES_PER_MS))
            self._arrived.clear()
            while whole := len(self._fresh) // self._frame_bytes * self._frame_bytes:
                frames = bytes(self._fresh[:whole])
                del self._fresh[:whole]
                scores = await self._speech.score(self._detector, frames)
                for at, score in enumerate(scores):
                    self._frame(frames[at * self._frame_bytes : (at + 1) * self._frame_bytes], score)

    async def finish(self) -> None:
        """The call is ending: what was being said is all there will be. Returns when it has been told."""
        if self._ends.speaking:
            self._ended(SpeechEnded(self._ends.start_ms, self._ends.end_ms, self._ends.voiced_ms))
            self._ends.speaking = False
        if self._finishing is not None:
            await asyncio.gather(self._finishing, return_exceptions=True)

    def close(self) -> None:
        recognising = [*self._parts] + ([self._guess.task] if self._guess else [])
        for task in (*self._tasks, *recognising):
            task.cancel()

    # -- frames -------------------------------------------------------------------------------------------------------
    def _frame(self, frame: bytes, score: float) -> None:
        self._audio += frame
        voiced_before = self._ends.voiced_ms
        signals = self._ends.feed(score)
        for signal in signals:
            self._signal(signal)
        if self._ends.speaking:
            if self._ends.voiced_ms > voiced_before:
                self._on_voice(self._ends.voiced_ms)
            self._keep_parts_short()
            self._draft_now_and_then()
        else:
            self._forget_before(self._ends.position_ms - BEFORE_MS * 2)

    def _signal(self, signal: Signal) -> None:
        match signal:
            case SpeechBegan(at_ms=at):
                self.ignored = False
                self._part_from_ms = max(self._audio_from_ms, at - BEFORE_MS)
                self._drafted_ms = at
            case SpeechPaused(end_ms=end):
                self._guess = _Guess(end, self._recognise(self._part_from_ms, end + AFTER_MS))
                self._spawn(self._show_guess(self._guess))
            case SpeechResumed():
                if self._guess is not None and self._guess.end_ms - self._part_from_ms >= PART_MS:
                    self._settle(self._guess.task, until_ms=self._guess.end_ms + AFTER_MS)
                self._guess = None
            case SpeechEnded():
                self._ended(signal)

    def _ended(self, ended: SpeechEnded) -> None:
        guess, self._guess = self._guess, None
        parts, self._parts = self._parts, []
        if ended.voiced_ms < LEAST_SPEECH_MS or self.ignored:
            self._on_nothing()
            return
        if guess is None or guess.end_ms != ended.end_ms:
            guess = _Guess(ended.end_ms, self._recognise(self._part_from_ms, ended.end_ms + AFTER_MS))
        before = self._finishing
        self._finishing = self._spawn(self._finish(ended, [*parts, guess.task], before))

    async def _finish(
        self, ended: SpeechEnded, tasks: list[asyncio.Task[Transcript]], before: asyncio.Task[None] | None
    ) -> None:
        end_ms = ended.end_ms + self._offset_ms
        endpoint_ms = max(0, self._clock() - end_ms)
        start_ms = max(0, ended.start_ms + self._offset_ms)
        if before is not None and not before.done():
            await asyncio.gather(before, return_exceptions=True)
        try:
            transcripts = await asyncio.gather(*tasks)
        except (ProviderError, OSError, RuntimeError):
            self._on_fault("asr_transcription_error")
            self._on_nothing()
            return
        found = [transcript for transcript in transcripts if transcript.text]
        if not found:
            self._on_nothing()
            return
        latency = {
            "endpoint": endpoint_ms,
            "transcribe": transcripts[-1].elapsed_ms,
            "text": max(0, self._clock() - end_ms),
        }
        text = " ".join(transcript.text for transcript in found)
        confidence = min(transcript.confidence for transcript in found)
        self._on_heard(Heard(text, start_ms, max(start_ms, end_ms), confidence, latency=latency))

    # -- recognition --------------------------------------------------------------------------------------------------
    def _recognise(self, start_ms: int, end_ms: int) -> asyncio.Task[Transcript]:
        pcm = self._cut(start_ms, end_ms)
        task = asyncio.create_task(self._transcribe(pcm))
        # A guess that speech overtook is never awaited; its failure is nobody's.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def _transcribe(self, pcm: bytes) -> Transcript:
        return await self._speech.transcribe(pcm, language=self._language)

    async def _show_guess(self, guess: _Guess) -> None:
        try:
            transcript = await guess.task
        except (ProviderError, OSError, RuntimeError):
            return  # told when the utterance ends
        if self._guess is guess:
            self._ends.factor = completeness(transcript.text)
        if transcript.text and self._ends.speaking and not self.ignored:
            self._on_tentative(self._settled_words() + transcript.text)

    def _keep_parts_short(self) -> None:
        if self._guess is None and self._ends.position_ms - self._part_from_ms >= LONGEST_PART_MS:
            until = self._ends.position_ms
            self._settle(self._recognise(self._part_from_ms, until), until_ms=until)

    def _settle(self, task: asyncio.Task[Transcript], *, until_ms: int) -> None:
        self._parts.append(task)
        self._part_from_ms = until_ms
        self._forget_before(until_ms - BEFORE_MS)

    def _draft_now_and_then(self) -> None:
        if self._guess is None and self._ends.position_ms - self._drafted_ms >= DRAFT_EVERY_MS and not self.ignored:
            self._drafted_ms = self._ends.position_ms
            self._spawn(self._draft(self._cut(self._part_from_ms, self._ends.position_ms)))

    async def _draft(self, pcm: bytes) -> None:
        try:
            transcript = await self._speech.draft(pcm, language=self._language)
        except (ProviderError, OSError, RuntimeError):
            return
        if transcript is not None and transcript.text and self._ends.speaking and self._guess is None:
            self._on_tentative(self._settled_words() + transcript.text)

    def _settled_words(self) -> str:
        done = [
            part.result().text for part in self._parts if part.done() and not part.cancelled() and not part.exception()
        ]
        return "".join(f"{text} " for text in done)

    # -- kept audio ---------------------------------------------------------------------------------------------------
    def _cut(self, start_ms: int, end_ms: int) -> bytes:
        first = max(0, start_ms - self._audio_from_ms) * BYTES_PER_MS
        return bytes(self._audio[first : max(0, end_ms - self._audio_from_ms) * BYTES_PER_MS])

    def _forget_before(self, ms: int) -> None:
        gone = ms - self._audio_from_ms
        if gone > 0:
            del self._audio[: gone * BYTES_PER_MS]
            self._audio_from_ms = ms

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
