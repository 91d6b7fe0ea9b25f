"""The buyer's side of a call that Parley holds itself: text in, paced audio out.

Audio leaves a little ahead of the time at which it is heard. So a trainee who cuts in stops the buyer at once, and it is
known which words were really heard: those whose audio had played by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from integrations.errors import ProviderError
from integrations.speech.engine import Speech
from integrations.speech.sentences import Piece
from integrations.voice.events import AudioOut, BuyerCut, Fault, VoiceEvent

AHEAD_MS = 1200
CHUNK_MS = 100
ESTIMATED_MS_PER_CHARACTER = 65


@dataclass(frozen=True, slots=True)
class Said:
    """How an utterance went. `end_ms`: when its audio ended, on the call's clock; `unsaid`: what was cut off."""

    end_ms: int
    first_audio_ms: int | None
    cut: bool = False
    unsaid: str = ""


@dataclass(slots=True)
class _Utterance:
    event_id: int
    asked_ms: int | None
    protected: bool
    on_worded: Callable[[str], None]
    voice_id: str
    text: str = ""  # as far as it is known
    told: bool = False
    pcm: bytearray = field(default_factory=bytearray)
    marks: list[tuple[str, int, int]] = field(default_factory=list)  # piece, first and last byte of its audio
    complete: bool = False
    more: asyncio.Event = field(default_factory=asyncio.Event)
    cursor: int = 0  # bytes sent
    first_audio_ms: int | None = None
    cut: str | None = None  # the words heard, once it was cut

    def worded(self) -> None:
        """There will be no more words."""
        if not self.told:
            self.told = True
            self.on_worded(self.text)


class Speaker:
    """Speaks one utterance at a time. `running` is cleared while the browser's socket is away."""

    def __init__(
        self,
        speech: Speech,
        *,
        voice_id: str,
        language: str,
        clock: Callable[[], int],
        emit: Callable[[VoiceEvent], None],
        running: asyncio.Event,
    ) -> None:
        self._speech = speech
        self._voice_id = voice_id
        self._language = language
        self._clock = clock
        self._emit = emit
        self._running = running
        self._bytes_per_ms = speech.rate * 2 // 1000
        self._now: _Utterance | None = None
        self._task: asyncio.Task[None] | None = None
        self._play_end_ms = 0  # when all that was sent will have been heard

    @property
    def talking(self) -> bool:
        """Between the start of an utterance and the end of its audio."""
        return self._now is not None

    @property
    def can_be_cut(self) -> bool:
        return self._now is not None and not self._now.protected

    def heard_lately(self, ms: int) -> bytes:
        """The last audio that has been heard from this utterance: what an echo could be of."""
        if self._now is None:
            return b""
        played = self._played_bytes(self._now)
        return bytes(self._now.pcm[max(0, played - ms * self._bytes_per_ms) : played])

    async def say(
        self,
        event_id: int,
        text: str | AsyncIterator[str],
        *,
        asked_ms: int | None,
        protected: bool,
        on_worded: Callable[[str], None] = lambda text: None,
        voice_id: str = "",
    ) -> Said:
        """Speak; returns when it has been heard or was cut. `text` may come sentence by sentence, and `on_worded` is then
        told once what it was: as soon as the last is there, or before it is cut. `asked_ms`: when the trainee stopped
        speaking; `protected`: cannot be cut; `voice_id`: another voice than the usual one."""
        known = text if isinstance(text, str) else ""
        utterance = _Utterance(event_id, asked_ms, protected, on_worded, voice_id or self._voice_id, known)
        self._now = utterance
        self._task = asyncio.create_task(self._speak(utterance, text))
        try:
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.result()
        finally:
            if not self._task.done():
                self._task.cancel()
            self._now = None
        if utterance.cut is None:
            return Said(max(self._play_end_ms, 0), utterance.first_audio_ms)
        return Said(
            self._clock(), utterance.first_audio_ms, cut=True, unsaid=utterance.text[len(utterance.cut) :].strip()
        )

    def cut(self) -> bool:
        """Stop now and tell what was heard. False when there is nothing to cut."""
        utterance = self._now
        if utterance is None or utterance.cut is not None or self._task is None:
            return False
        utterance.worded()
        utterance.cut = self._words_heard(utterance)
        self._play_end_ms = self._clock()
        self._emit(BuyerCut(utterance.event_id, utterance.text, utterance.cut, self._clock()))
        self._task.cancel()
        return True

    def rewind(self) -> None:
        """The line is lost: what was sent and not heard yet is sent again when it is back."""
        if self._now is not None:
            self._now.cursor = self._played_bytes(self._now)
        self._play_end_ms = min(self._play_end_ms, self._clock())

    # -- one utterance ------------------------------------------------------------------------------------------------
    async def _speak(self, utterance: _Utterance, text: str | AsyncIterator[str]) -> None:
        making = asyncio.create_task(self._make(utterance, text))
        try:
            while chunk := await self._next_chunk(utterance):
                await self._in_time()
                self._send(utterance, chunk)
            await making
            while (left := self._play_end_ms - self._clock()) > 0 or not self._running.is_set():
                await self._running.wait()
                await asyncio.sleep(max(0, left) / 1000)
                if utterance.cursor < len(utterance.pcm):  # rewound meanwhile
                    await self._speak_on(utterance)
        finally:
            making.cancel()

    async def _speak_on(self, utterance: _Utterance) -> None:
        while chunk := await self._next_chunk(utterance):
            await self._in_time()
            self._send(utterance, chunk)

    async def _make(self, utterance: _Utterance, text: str | AsyncIterator[str]) -> None:
        """Synthesise piece by piece, ahead of what is heard."""
        silent = False
        try:
            async for part in _parts(text):
                if not isinstance(text, str):
                    utterance.text = f"{utterance.text} {part}".strip()
                for piece in self._speech.pieces(part, voice_id=utterance.voice_id, language=self._language):
                    silent = silent or not await self._make_piece(utterance, piece)
            utterance.worded()
            if utterance.marks:  # nothing comes after the last pause
                del utterance.pcm[max(utterance.marks[-1][2], utterance.cursor) :]
        finally:
            utterance.complete = True
            utterance.more.set()

    async def _make_piece(self, utterance: _Utterance, piece: Piece) -> bool:
        """False when it could not be made: the words are on the screen, and the call goes on without their sound."""
        start, expected = len(utterance.pcm), estimated_ms(piece.text) * self._bytes_per_ms
        at = len(utterance.marks)
        sound = self._speech.speak(
            piece.text, voice_id=utterance.voice_id, language=self._language, needed_in=self._needed_in(utterance)
        )
        try:
            async for pcm in sound:
                utterance.pcm += pcm
                utterance.marks[at:] = [(piece.text, start, max(len(utterance.pcm), start + expected))]
                utterance.more.set()
        except (ProviderError, OSError, RuntimeError):
            self._emit(Fault("tts_cascade_error", "The buyer's voice failed for this line."))
            return False
        utterance.marks[at:] = [(piece.text, start, len(utterance.pcm))]
        utterance.pcm += bytes(piece.pause_ms * self._bytes_per_ms)
        utterance.more.set()
        return True

    def _needed_in(self, utterance: _Utterance) -> float:
        """Seconds until what was made so far has been heard."""
        unsent_ms = (len(utterance.pcm) - utterance.cursor) / self._bytes_per_ms
        return (unsent_ms + max(0, self._play_end_ms - self._clock())) / 1000

    async def _next_chunk(self, utterance: _Utterance) -> bytes:
        size = CHUNK_MS * self._bytes_per_ms
        while len(utterance.pcm) - utterance.cursor < size and not utterance.complete:
            utterance.more.clear()
            await utterance.more.wait()
        return bytes(utterance.pcm[utterance.cursor : utterance.cursor + size])

    async def _in_time(self) -> None:
        while True:
            await self._running.wait()
            early = self._play_end_ms - self._clock() - AHEAD_MS
            if early <= 0:
                return
            await asyncio.sleep(early / 1000)

    def _send(self, utterance: _Utterance, chunk: bytes) -> None:
        now = self._clock()
        if utterance.first_audio_ms is None and utterance.asked_ms is not None:
            utterance.first_audio_ms = max(0, now - utterance.asked_ms)
        utterance.cursor += len(chunk)
        self._play_end_ms = max(self._play_end_ms, now) + len(chunk) // self._bytes_per_ms
        self._emit(AudioOut(utterance.event_id, chunk))

    # -- what was heard -----------------------------------------------------------------------------------------------
    def _played_bytes(self, utterance: _Utterance) -> int:
        unheard = max(0, self._play_end_ms - self._clock()) * self._bytes_per_ms
        return max(0, utterance.cursor - unheard)

    def _words_heard(self, utterance: _Utterance) -> str:
        return words_until(utterance.text, utterance.marks, self._played_bytes(utterance))


async def _parts(text: str | AsyncIterator[str]) -> AsyncIterator[str]:
    if isinstance(text, str):
        yield text
        return
    async for part in text:
        yield part


def words_until(text: str, marks: list[tuple[str, int, int]], played: int) -> str:
    """The beginning of `text` that was heard when `played` bytes had been, whole words only. `marks`: piece, first and
    last byte, in order."""
    at = 0
    for piece, start, end in marks:
        found = text.find(piece, at)
        if found < 0 or played <= start:
            break
        if played >= end:
            at = found + len(piece)
            continue
        share = int(len(piece) * (played - start) / max(1, end - start))
        boundary = piece.rfind(" ", 0, share + 1)
        if boundary > 0:
            at = found + boundary
        break
    return text[:at].rstrip()


def estimated_ms(text: str) -> int:
    """How long a text takes to say, roughly: before it is known."""
    return len(text) * ESTIMATED_MS_PER_CHARACTER
