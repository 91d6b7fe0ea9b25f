"""One call with an ElevenLabs agent. The browser speaks the same protocol, so audio goes through as it came, both ways.

The vendor cannot take a lost conversation up again: a new one is opened with what was said so far, twice at most.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import structlog

from integrations.errors import (
    ProviderError,
    ProviderInvalidAnswer,
    ProviderNotConfigured,
    ProviderTimeout,
    ProviderUnavailable,
)
from integrations.resilience import acall_provider
from integrations.vendors import VendorKeys
from integrations.voice.base import Responder, SaidBefore, VoiceBrief, VoiceSession
from integrations.voice.elevenlabs import api, wire
from integrations.voice.elevenlabs.dialogue import Dialogue
from integrations.voice.elevenlabs.formats import format_of
from integrations.voice.elevenlabs.pulse import Pulse
from integrations.voice.elevenlabs.tools import Tools
from integrations.voice.elevenlabs.wire import Cure
from integrations.voice.events import AudioOut, Ended, Fault, Reconnected, VoiceEvent
from integrations.voice.upstream import Upstream, connect

logger = structlog.get_logger(__name__)

OPEN_SECONDS = 10.0  # signed URL, socket and first frame together, all attempts
MOST_REOPENED = 2
TICK_SECONDS = 0.2
ANSWER_MS = 15_000  # from the trainee's last word to any sign of a reply
HELD_ACTIVITY_SECONDS = 2.0
FLUSH_SECONDS = 1.2
LONGEST_GOODBYE_MS = 15_000
MOST_WAITING_FRAMES = 500  # of the microphone, while there is no conversation: ten seconds
MOST_BAD_FRAMES = 20


class ElevenLabsSession(VoiceSession):
    takes_frames = True
    speaks_for_itself = True

    def __init__(self, brief: VoiceBrief, *, keys: VendorKeys, responder: Responder, clock: Callable[[], int]) -> None:
        self.conversation_id = ""
        self._brief = brief
        self._keys = keys
        self._events: asyncio.Queue[VoiceEvent | None] = asyncio.Queue()
        self._dialogue = Dialogue(
            brief.history, clock=clock, text_only=brief.text_only, emit=self._emit, hand_out=self._queue
        )
        hang_up = Ended("persona", "goodbye")
        self._tools = Tools(responder, emit=self._emit, send=self._send, end=lambda: self._spawn(self._end(hang_up)))
        self._clock = clock
        self._in = format_of("pcm_16000")
        self._upstream: Upstream | None = None
        self._opening: Upstream | None = None  # with what it waits for, and what came too soon
        self._begun: asyncio.Future[None] | None = None
        self._early: dict[str, Any] | None = None
        self._beginning = True
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING_FRAMES)
        self._held = False
        self._reopened = 0
        self._error = ""  # the last error type the vendor told in this conversation
        self._pulse = Pulse()
        self._bad_frames = 0
        self._direction = ""
        self._over = self._closed = False

    # -- the port -----------------------------------------------------------------------------------------------------
    async def start(self) -> None:
        await self._converse(midway=False)
        self._spawn(self._watch())

    def hear_frame(self, frame: bytes) -> None:
        if self._over or self._held:
            return
        if self._upstream is None:
            self._waiting.append(frame)
        else:
            self._upstream.send_audio(frame)

    def hear_audio(self, pcm: bytes) -> None:
        self.hear_frame(wire.user_audio(self._in.encode(pcm)))

    async def hear_text(self, text: str) -> None:
        if not self._over:
            self._dialogue.typed(text)
            if not self._beginning:  # else it is asked once the conversation stands
                self._send(wire.user_message(text))

    async def activity(self) -> None:
        self._send(wire.USER_ACTIVITY)

    async def direct(self, text: str) -> None:
        self._direction = text
        if not self._beginning:
            self._send(wire.contextual_update(text))

    async def hold(self, held: bool) -> None:
        if held and not self._held:
            self._held = True
            self._dialogue.hold()
            self._spawn(self._keep_quiet())
        elif not held and self._held:
            self._held = False
            self._dialogue.release()

    async def flush(self) -> None:
        if self._closed:
            return
        dialogue = self._dialogue
        dialogue.cut_off()
        if dialogue.trainee.midway and self._upstream is not None and not self._over:
            # Silence makes them take the utterance for finished.
            silence = wire.user_audio(self._in.encode(self._in.silence(250)))
            for _ in range(4):
                self._upstream.send_audio(silence)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS):
                    await dialogue.trainee.settled()
        dialogue.unfinished_said()

    async def events(self) -> AsyncIterator[VoiceEvent]:
        while (event := await self._events.get()) is not None:
            if self.audio_out is not None and self._events.empty():
                self._dialogue.hand_out = self.audio_out  # nothing is told before it any more
            yield event

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = self._over = True
        for task in list(self._tasks):
            task.cancel()
        self._let_go()
        self._events.put_nowait(None)

    # -- opening ------------------------------------------------------------------------------------------------------
    async def _converse(self, *, midway: bool) -> None:
        """Begin a conversation where the call stands, tried again by the vendor's policy. Raises a `ProviderError`.

        What nobody has answered yet is asked anew: the trainee's last words, and those whose answer broke off (`midway`).
        """
        said = self._dialogue.said
        known, self._beginning = len(said), True
        history, asked = self._dialogue.standing(midway=midway)
        opens = not history and not asked
        await acall_provider(
            api.VENDOR,
            lambda left: self._open(tuple(history), opens=opens, seconds=left or OPEN_SECONDS),
            seconds=OPEN_SECONDS,
            account=self._keys.account,
        )
        self._beginning = False
        if self._direction:
            self._send(wire.contextual_update(self._direction))
        asked += [turn.text for turn in said[known:] if turn.role == "user"]  # typed meanwhile
        if asked:
            text = " ".join(asked)
            self._dialogue.ask(text)
            self._send(wire.user_message(text))

    async def _open(self, history: tuple[SaidBefore, ...], *, opens: bool, seconds: float) -> None:
        """One attempt, up to the conversation's first frame. Raises a `ProviderError`."""
        agent_id = self._keys.options.get("agent_id", "")
        if not agent_id:
            raise ProviderNotConfigured("no agent is named", provider=api.VENDOR)
        voice = self._keys.options.get(f"voice_{self._brief.voice_id}", "")
        self._error = ""
        try:
            async with asyncio.timeout(seconds):
                signed = await asyncio.to_thread(api.signed_url, self._keys, agent_id, timeout=seconds)
                self._begun = asyncio.get_running_loop().create_future()
                mine: list[Upstream] = []
                self._opening = await connect(
                    signed.url,
                    provider=api.VENDOR,
                    on_text=self._on_frame,
                    on_binary=lambda _frame: self._on_bad_frame(),
                    on_closed=lambda code: self._on_closed(code, mine),
                )
                mine.append(self._opening)
                early, self._early = self._early, None
                if early is not None:
                    self._on_metadata(early)
                self._opening.send_text(wire.initiation(self._brief, voice_id=voice, history=history, opens=opens))
                await self._begun
        except TimeoutError:
            raise ProviderTimeout("the conversation did not begin in time", provider=api.VENDOR) from None
        finally:
            opening, self._opening, self._begun = self._opening, None, None
            if opening is not None and opening is not self._upstream:
                opening.close()

    def _on_metadata(self, told: dict[str, Any]) -> None:
        if self._begun is None or self._begun.done():
            return
        if self._opening is None:  # it came with the answer to the handshake, before `connect` returned
            self._early = told
            return
        try:
            heard, spoken = format_of(told["user_input_audio_format"]), format_of(told["agent_output_audio_format"])
            if self.conversation_id and (heard, spoken) != (self._in, self._dialogue.out):
                # The browser was told the first ones and cannot change.
                raise ProviderInvalidAnswer("the audio format changed within a call", provider=api.VENDOR)
        except ProviderInvalidAnswer as error:
            self._begun.set_exception(error)
            return
        if self.conversation_id:
            self._emit(Reconnected(told["conversation_id"]))
        self._in, self._dialogue.out = heard, spoken
        self.input_rate, self.output_rate = heard.rate, spoken.rate
        self.takes_frames = heard.is_pcm
        self.conversation_id = told["conversation_id"]
        self._pulse.begin()
        self._upstream = self._opening
        while self._waiting:
            self._upstream.send_audio(self._waiting.popleft())
        self._begun.set_result(None)

    # -- from the vendor ----------------------------------------------------------------------------------------------
    def _on_frame(self, frame: bytes) -> None:
        if self._closed:
            return
        self._pulse.frames += 1
        if self._dialogue.more_audio(frame):
            return
        if wire.is_audio(frame):
            if not self._dialogue.audio(frame):
                self._on_bad_frame()
            return
        event = wire.event_of(frame)
        if event is None:
            self._on_bad_frame()
            return
        kind, told = event
        dialogue = self._dialogue
        match kind:
            case "ping":
                self._pulse.ping()
                self._send(wire.pong(told["event_id"]))
            case "vad_score":
                dialogue.voice(float(told["vad_score"]))
            case "user_transcript":
                dialogue.transcript(told["event_id"], told["user_transcript"].strip())
            case "tentative_user_transcript":
                dialogue.tentative(told["user_transcript"].strip())
            case "agent_response":
                dialogue.response(told["event_id"], told["agent_response"].strip())
            case "interruption":
                dialogue.interruption(told["event_id"])
            case "agent_response_correction":
                dialogue.correction(told["event_id"], told["corrected_agent_response"].strip())
            case "client_tool_call":
                self._spawn(self._tools.called(told))
            case "error":
                self._on_error(told)
            case "conversation_initiation_metadata":
                self._on_metadata(told)
            case _:
                # The agent's thoughts, tools and internals: they quote its instructions and are for nobody else.
                pass

    def _on_error(self, told: dict[str, Any]) -> None:
        error_type = str(told.get("error_type") or "unknown")
        self._error = error_type if error_type in wire.ERRORS else "unknown"
        logger.warning("the voice vendor reports an error", call=self._brief.call_id, error_type=self._error)
        meaning = wire.meaning_of(self._error)
        # While opening, and where the call cannot go on, the close that follows is told instead.
        if self._upstream and meaning.cure in {Cure.CARRY_ON, Cure.NEW_SESSION}:
            self._emit(Fault(self._error, meaning.message))

    def _on_bad_frame(self) -> None:
        """What is no frame of the protocol is passed over; too much of it is a vendor out of its mind."""
        self._bad_frames += 1
        if self._bad_frames == 1:
            logger.warning("a frame of the voice vendor could not be read", call=self._brief.call_id)
            self._emit(Fault("invalid_message", "The voice service sent something unreadable; the call goes on."))
        elif self._bad_frames == MOST_BAD_FRAMES:
            self._lost("unknown")

    def _on_closed(self, code: int, mine: list[Upstream]) -> None:
        closed = mine[0] if mine else self._opening
        if closed is not None and closed is self._upstream:
            self._upstream = None
            if not self._over:
                self._on_conversation_over(code)
        elif self._begun is not None and not self._begun.done() and closed is self._opening:
            self._begun.set_exception(wire.refusal(self._error, code))

    def _on_conversation_over(self, code: int) -> None:
        cure = wire.meaning_of(self._error).cure if self._error else None
        if cure is Cure.END:
            self._spawn(self._end(Ended("system", "time_limit")))
        elif code == 1000 and cure in {None, Cure.CARRY_ON}:
            self._spawn(self._end(Ended("persona", "goodbye")))
        elif cure is Cure.GIVE_UP or (cure is not Cure.NEW_SESSION and code in wire.REFUSED):
            self._give_up(self._error or "invalid_message")
        else:
            self._spawn(self._reopen("" if cure is Cure.NEW_SESSION else "websocket_disconnect"))

    # -- when it goes wrong -------------------------------------------------------------------------------------------
    def _lost(self, error_type: str) -> None:
        """We gave this conversation up; another one goes on."""
        if not self._over:
            self._let_go()
            self._spawn(self._reopen(error_type))

    async def _reopen(self, error_type: str) -> None:
        """`error_type` is told; "" when the vendor has told one itself."""
        if error_type:
            self._emit(Fault(error_type, wire.meaning_of(error_type).message))
        midway = self._dialogue.line_lost()
        self._reopened += 1
        try:
            if self._reopened > MOST_REOPENED:
                raise ProviderUnavailable("lost too often", provider=api.VENDOR)
            await self._converse(midway=midway)
        except ProviderError as error:
            logger.warning("no new conversation", call=self._brief.call_id, error_type=type(error).__name__)
            self._give_up(error_type or self._error or "websocket_disconnect")

    def _give_up(self, error_type: str) -> None:
        if self._over:
            return
        self._over = True
        self._dialogue.cut_off()
        self._let_go()
        meaning = wire.meaning_of(error_type)
        message = meaning.message if meaning.cure is Cure.GIVE_UP else "The voice service cannot be reached any more."
        self._emit(Fault(error_type, message, fatal=True))

    async def _end(self, ended: Ended) -> None:
        # The vendor is done, but the buyer's last words are still being played.
        if self._over:
            return
        self._over = True
        await asyncio.sleep(min(self._dialogue.playing_ms, LONGEST_GOODBYE_MS) / 1000)
        self._dialogue.end_of_buyer()
        self._let_go()
        self._emit(ended)

    async def _watch(self) -> None:
        while not self._over:
            await asyncio.sleep(TICK_SECONDS)
            dialogue = self._dialogue
            dialogue.tick()
            if self._upstream is None:
                continue
            if self._pulse.stopped:
                self._lost("transport_receive_timeout")
            elif dialogue.asked_at is not None and self._clock() - dialogue.asked_at > ANSWER_MS:
                dialogue.asked_at = None
                self._lost("llm_timeout")

    async def _keep_quiet(self) -> None:
        """While nobody is there to hear it, the agent is not to speak."""
        while self._held and not self._over:
            self._send(wire.USER_ACTIVITY)
            await asyncio.sleep(HELD_ACTIVITY_SECONDS)

    # -- within -------------------------------------------------------------------------------------------------------
    def _emit(self, event: VoiceEvent) -> None:
        """Sound that comes after it waits for its turn, until all that was told before has been taken (`events`)."""
        self._dialogue.hand_out = self._queue
        self._events.put_nowait(event)

    def _queue(self, audio: AudioOut) -> None:
        self._events.put_nowait(audio)

    def _send(self, frame: bytes) -> None:
        if self._upstream is not None:
            self._upstream.send_text(frame)

    def _let_go(self) -> None:
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:  # only its kind is told: its text may hold words of the call
            logger.error("voice session failed", call=self._brief.call_id, error_type=type(error).__name__)
            self._give_up("unknown")
