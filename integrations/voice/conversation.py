"""One call that Parley itself holds: it listens, has the turns answered and speaks.

Whose ears and voice these are (`speech`) and who answers (`responder`) is given: the embedded models, or a vendor's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from typing import Any
from uuid import uuid4

import structlog

from integrations.speech.engine import Speech
from integrations.voice.base import (
    ManyVoiced,
    Responder,
    Spoken,
    SpokenStream,
    StreamingResponder,
    VoiceBrief,
    VoiceSession,
)
from integrations.voice.cutting_in import CutIn
from integrations.voice.events import (
    AudioOut,
    BuyerFinished,
    BuyerSaid,
    Ended,
    Fault,
    Tentative,
    UserSaid,
    VoiceEvent,
)
from integrations.voice.hearing import Heard, Listener
from integrations.voice.speaking import Speaker, estimated_ms

logger = structlog.get_logger(__name__)

SILENCE_STEP_MS = 8000
TYPING_SILENCE_STEP_MS = 60_000  # who types takes longer
MERGE_MS = 4000  # speech that went on while its beginning was recognised still belongs to the same turn


class ConversationSession(VoiceSession):
    """Two tasks: one listens, the other takes what was heard turn by turn, has it answered and speaks."""

    def __init__(
        self, brief: VoiceBrief, *, responder: Responder, clock: Callable[[], int], speech: Speech, prefix: str
    ) -> None:
        """`prefix`: of the conversation's id, which tells its provider."""
        self.conversation_id = f"{prefix}_{uuid4().hex}"
        self.output_rate = speech.rate
        self._brief = brief
        self._responder = responder
        self._clock = clock
        self._speech = speech
        self._events: asyncio.Queue[VoiceEvent | None] = asyncio.Queue()
        self._running = asyncio.Event()
        self._running.set()
        self._turns: deque[Heard] = deque()
        self._stirred = asyncio.Event()  # something happened that the conversation may wait for
        self._tasks: list[asyncio.Task[None]] = []
        self._next_id = 1
        self._quiet_ms = 0  # silence counted so far since the trainee last spoke
        self._quiet_from: int | None = None
        self._prompted = 0
        self._unsaid = ""  # the rest of a reply that was cut by what may turn out to be a cough
        self._notes: list[dict[str, Any]] = []  # for the trace of the next reply
        self._told_trouble = False
        self._closed = False
        self._listener = Listener(
            speech,
            language=brief.language,
            clock=clock,
            on_voice=self._voice,
            on_tentative=self._tentative,
            on_heard=self._heard,
            on_nothing=self._nothing,
            on_fault=lambda error_type: self._emit(Fault(error_type, "Your last words could not be recognised.")),
        )
        self._speaker = Speaker(
            speech,
            voice_id=brief.voice_id,
            language=brief.language,
            clock=clock,
            emit=self._emit,
            running=self._running,
        )
        self._cut_in = CutIn(self._listener, self._speaker, spoken_rate=speech.rate)

    # -- the port -----------------------------------------------------------------------------------------------------
    async def start(self) -> None:
        if not self._brief.text_only:
            await self._speech.ready(voice_id=self._brief.voice_id, language=self._brief.language)
        self._tasks.append(asyncio.create_task(self._guarded(self._converse)))
        if not self._brief.text_only:
            self._tasks.append(asyncio.create_task(self._guarded(self._listener.run)))

    def hear_audio(self, pcm: bytes) -> None:
        if not self._brief.text_only and not self._closed:
            self._listener.hear(pcm)

    async def hear_text(self, text: str) -> None:
        now = self._clock()
        if self._speaker.can_be_cut:
            self._speaker.cut()
        self._heard(Heard(text, now, now, 1.0, typed=True))

    def note_trouble(self, entry: dict[str, Any]) -> None:
        """Something failed that the call goes on without: it is written into the trace of the next reply."""
        self._notes.append(entry)

    async def activity(self) -> None:
        self._trainee_stirs()

    async def hold(self, held: bool) -> None:
        if held and self._running.is_set():
            self._count_silence()
            self._quiet_from = None
            self._running.clear()
            self._speaker.rewind()
        elif not held and not self._running.is_set():
            self._running.set()
        self._stirred.set()

    async def flush(self) -> None:
        if self._closed:
            return
        self._speaker.cut()
        for task in self._tasks[:1]:
            task.cancel()
        await asyncio.gather(*self._tasks[:1], return_exceptions=True)
        if not self._brief.text_only:
            await self._listener.finish()
        while self._turns:
            self._tell(self._turns.popleft())

    async def events(self) -> AsyncIterator[VoiceEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        self._events.put_nowait(None)
        if isinstance(self._responder, StreamingResponder):
            await self._responder.close()

    # -- the conversation ---------------------------------------------------------------------------------------------
    async def _converse(self) -> None:
        opening = None if self._brief.resumed else await self._responder.open()
        self._prepare()
        if opening is not None and await self._answer(opening, asked_ms=None):
            return
        if self._unanswered and await self._reply_to(Heard(self._unanswered, self._clock(), self._clock())):
            return
        while True:
            heard = await self._next_turn()
            if heard is None:
                spoken = await self._responder.silence(silent_ms=self._quiet_ms)
                if spoken is not None and await self._answer(spoken, asked_ms=None):
                    return
                continue
            self._tell(heard)
            self._quiet_ms = self._prompted = 0
            if await self._reply_to(heard):
                return

    @property
    def _unanswered(self) -> str:
        """What the trainee said last, when the call went away, or branched off, before the buyer could answer."""
        last = self._brief.history[-1] if self._brief.resumed and self._brief.history else None
        return last.text if last is not None and last.role == "user" else ""

    async def _reply_to(self, heard: Heard) -> bool:
        """Let the buyer answer. True when they hung up after it."""
        before = self._clock()
        if isinstance(self._responder, StreamingResponder):
            stream = await self._responder.respond_stream(heard.text, at_ms=heard.end_ms)
            return await self._answer_as_worded(stream, asked_ms=heard.end_ms, before=before)
        spoken = await self._responder.respond(heard.text, at_ms=heard.end_ms)
        return await self._answer(spoken, asked_ms=heard.end_ms, latency={"reply": self._clock() - before})

    def _prepare(self) -> None:
        if self._brief.text_only:
            return
        own, responder = self._brief.voice_id, self._responder
        lines = responder.lines_by_voice() if isinstance(responder, ManyVoiced) else {own: responder.stock_lines()}
        for voice_id, said in lines.items():
            self._speech.prepare(said, voice_id=voice_id or own, language=self._brief.language)

    async def _next_turn(self) -> Heard | None:
        """What the trainee says next; None when silence has lasted long enough to be noticed."""
        step = TYPING_SILENCE_STEP_MS if self._brief.text_only else SILENCE_STEP_MS
        self._quiet_from = None
        while True:
            self._stirred.clear()
            await self._running.wait()
            if self._turns and not self._goes_on(self._turns[0]):
                self._quiet_from = None
                return self._take()
            if self._unsaid and not self._turns and not self._listener.busy:
                return await self._say_the_rest()
            quiet = not self._turns and not self._listener.busy
            self._count_silence()
            self._quiet_from = self._clock() if quiet else None
            left = step * (self._prompted + 1) - self._quiet_ms
            if quiet and left <= 0:
                self._prompted += 1
                return None
            try:
                async with asyncio.timeout(left / 1000 if quiet else 0.1):
                    await self._stirred.wait()
            except TimeoutError:
                continue

    def _goes_on(self, first: Heard) -> bool:
        """The trainee speaks on already: the turn was closed too early."""
        return (
            not first.typed
            and self._listener.busy
            and not self._listener.ignored
            and self._clock() - self._turns[-1].end_ms < MERGE_MS
        )

    def _take(self) -> Heard:
        """The turns that wait, as one if they were spoken."""
        heard = self._turns.popleft()
        while self._turns and not heard.typed and not self._turns[0].typed:
            more = self._turns.popleft()
            confidence = min(heard.confidence or 0.0, more.confidence or 0.0)
            heard = replace(
                heard, text=f"{heard.text} {more.text}", end_ms=more.end_ms, confidence=confidence, latency=more.latency
            )
        return heard

    async def _say_the_rest(self) -> Heard | None:
        """The buyer was cut by something that was no speech: go on where it stopped."""
        rest, self._unsaid = self._unsaid, ""
        await self._answer(Spoken(rest, trace=({"rule": "resumed", "effect": "", "detail": ""},)), asked_ms=None)
        return await self._next_turn()

    async def _answer(self, spoken: Spoken, *, asked_ms: int | None, latency: dict[str, int] | None = None) -> bool:
        """Say it. True when the buyer hung up after it."""
        event_id = self._take_id()
        text = " ".join(spoken.text.split())
        start = self._clock()
        silent = self._brief.text_only
        self._unsaid = ""
        self._emit(
            BuyerSaid(
                event_id,
                text,
                start,
                start if silent else start + estimated_ms(text),
                trace=(*spoken.trace, *self._take_notes()),
                state=spoken.state or None,
                latency=latency or {},
                speaker=spoken.speaker,
            )
        )
        self._tell_trouble(spoken)
        if silent:
            self._emit(BuyerFinished(event_id, self._clock()))
        else:
            said = await self._speaker.say(
                event_id, text, asked_ms=asked_ms, protected=bool(spoken.hang_up), voice_id=spoken.voice_id
            )
            if said.cut:
                self._unsaid = said.unsaid
            else:
                self._emit(BuyerFinished(event_id, max(start, said.end_ms), said.first_audio_ms))
        if spoken.hang_up:
            self._emit(Ended("persona", spoken.hang_up, spoken.outcome))
        return bool(spoken.hang_up) or await self._go_on(spoken)

    async def _go_on(self, spoken: Spoken) -> bool:
        """Let somebody else speak who was put on the line by what was just said. True when they hung up."""
        if spoken.then is None:
            return False
        await self._until_they_pause()
        return await self._answer(spoken.then, asked_ms=None)

    async def _answer_as_worded(self, stream: SpokenStream, *, asked_ms: int, before: int) -> bool:
        """Say a reply while it is still being worded. True when the buyer hung up after it."""
        # Until there is a first sentence the buyer is thinking, and nobody can cut in.
        first = await anext(stream.sentences, "")
        await self._until_they_pause()
        start = self._clock()
        latency = {"reply": start - before}
        if self._brief.text_only or not first:
            rest = [sentence async for sentence in stream.sentences]
            return await self._answer(stream.finish(" ".join([first, *rest])), asked_ms=asked_ms, latency=latency)
        event_id = self._take_id()
        whole: list[Spoken] = []

        def worded(text: str) -> None:
            spoken = stream.finish(text)
            whole.append(spoken)
            end = start + estimated_ms(text)
            trace, state = (*spoken.trace, *self._take_notes()), spoken.state or None
            self._emit(
                BuyerSaid(
                    event_id,
                    spoken.text,
                    start,
                    end,
                    trace=trace,
                    state=state,
                    latency=latency,
                    speaker=spoken.speaker,
                )
            )
            self._tell_trouble(spoken)

        self._unsaid = ""
        try:
            said = await self._speaker.say(
                event_id,
                _chained(first, stream.sentences),
                asked_ms=asked_ms,
                protected=bool(stream.hang_up),
                on_worded=worded,
                voice_id=stream.voice_id,
            )
        finally:
            await stream.sentences.aclose()
        if said.cut:
            self._unsaid = said.unsaid
        else:
            self._emit(BuyerFinished(event_id, max(start, said.end_ms), said.first_audio_ms))
        if stream.hang_up:
            self._emit(Ended("persona", stream.hang_up, whole[0].outcome if whole else ""))
        return bool(stream.hang_up) or (bool(whole) and await self._go_on(whole[0]))

    async def _until_they_pause(self) -> None:
        """The trainee went on while the buyer was thinking: nobody talks into that, unless it never ends."""
        until = self._clock() + MERGE_MS
        while self._listener.speaking and not self._listener.ignored and self._clock() < until:
            self._stirred.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self._stirred.wait()

    # -- what the listener tells --------------------------------------------------------------------------------------
    def _voice(self, voiced_ms: int) -> None:
        self._trainee_stirs()
        self._cut_in.voice(voiced_ms)

    def _tentative(self, text: str) -> None:
        if not self._speaker.talking:
            self._emit(Tentative(self._next_id, text))

    def _heard(self, heard: Heard) -> None:
        self._unsaid = ""
        self._trainee_stirs()
        self._turns.append(heard)
        self._stirred.set()

    def _nothing(self) -> None:
        self._stirred.set()

    def _trainee_stirs(self) -> None:
        self._quiet_ms = self._prompted = 0
        if self._quiet_from is not None:
            self._quiet_from = self._clock()
        self._stirred.set()

    def _count_silence(self) -> None:
        if self._quiet_from is not None:
            self._quiet_ms += max(0, self._clock() - self._quiet_from)

    # -- events out ---------------------------------------------------------------------------------------------------
    def _tell(self, heard: Heard) -> None:
        self._emit(
            UserSaid(
                self._take_id(),
                heard.text,
                heard.start_ms,
                heard.end_ms,
                confidence=heard.confidence,
                latency=heard.latency,
            )
        )

    def _tell_trouble(self, spoken: Spoken) -> None:
        if spoken.trouble and not self._told_trouble:
            self._told_trouble = True
            message = "A part of the voice service did not answer; Parley went on by itself."
            self._emit(Fault("llm_error", message, covered=True))

    def _take_notes(self) -> tuple[dict[str, Any], ...]:
        notes, self._notes = tuple(self._notes), []
        return notes

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _emit(self, event: VoiceEvent) -> None:
        if self.audio_out is not None and isinstance(event, AudioOut):
            self.audio_out(event)
        else:
            self._events.put_nowait(event)

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Nothing in here may fail silently: a call that stopped listening looks like a buyer who stopped talking."""
        try:
            await work()
        except Exception as error:
            # Only the kind of error: its text may hold words of the call.
            logger.error("a conversation failed", call=self._brief.call_id, error_type=type(error).__name__)
            self._emit(Fault("unknown", "The voice engine failed.", fatal=True))


async def _chained(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for sentence in rest:
        yield sentence
