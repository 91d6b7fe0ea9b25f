"""A call held in this process: it outlives the browser's socket for a while, so that a dropped line loses nothing.

One socket speaks for a call at a time, and the newest wins: a reconnecting browser must not be refused because its dead
socket still looks alive. Another process that takes the call over says so, and this one lets go without ending it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from django.utils import timezone

from calls import serving, tasks, voids
from calls.services import HUNG_UP, LINE_LOST, Ending, voice_group
from calls.voice.admission import Admitted
from calls.voice.bridge import CallBridge
from calls.voice.flight import FlightLog
from calls.voice.journal import DATABASE_AWAY, TurnJournal, complete_call, lasting
from calls.voice.listening import Tap
from calls.voice.opening import give_back, note_failure, open_session
from calls.voice.recorder import CallTape, spool_folder
from calls.voice.together import together
from tenants.context import in_schema
from tenants.live import REDIS_AWAY

logger = structlog.get_logger(__name__)
PING_SECONDS = 2.0
FLUSH_TAPE_SECONDS = 5.0
YIELD_SECONDS = 0.3
FLUSH_SECONDS = 1.5
# A browser answers every ping; one that missed two had lost its line, whatever its socket looked like.
SILENT_LINE_MS = 5000
SILENT_LINE_CODE = 1006
TAKEN_OVER = (4409, "taken_over")
# "Service restart": browsers dial again on the same address.
PROVIDER_FAILED = (1012, "provider_failed")

review_call = in_schema(voids.review)


class Line:
    """One socket of the browser. `send(frame)` never waits; `close(code, reason)` hangs it up."""

    def __init__(self, send: Callable[[bytes], None], close: Callable[[int, str], Awaitable[None]]) -> None:
        self.send = send
        self._close = close
        self.closed = False

    async def close(self, code: int, reason: str) -> None:
        if not self.closed:
            self.closed = True
            with contextlib.suppress(OSError, RuntimeError):
                await self._close(code, reason)


class HeldCall:
    """Made by `take`; ends itself."""

    def __init__(self, admitted: Admitted) -> None:
        self.admitted = admitted
        self.key = (admitted.schema_name, admitted.call_id)
        self.id = uuid4().hex[:12]
        self._started = time.monotonic() - (timezone.now() - admitted.started_at).total_seconds()
        self._line: Line | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self._release: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
        self._tap: Tap | None = None
        self._given_up = False
        self._parting = TAKEN_OVER  # how the line is closed when the call is let go of without ending
        self.over = asyncio.Event()

    def clock(self) -> int:
        """Milliseconds since the call's start."""
        return int((time.monotonic() - self._started) * 1000)

    def _set_clock(self, ms: int) -> None:
        self._started = time.monotonic() - ms / 1000

    async def open(self) -> None:
        """Raises a `ProviderError` when no voice can be had."""
        told = self.admitted
        if told.held:
            # Another process may still hold it; let it write its last turn and go.
            await self._tell_others({"type": "voice.yield", "holder": self.id})
            await asyncio.sleep(YIELD_SECONDS)
        opened = await open_session(told, clock=self.clock, set_clock=self._set_clock)
        self.session, self.provider = opened.session, opened.provider
        self._tape = (
            CallTape(
                spool_folder(told.schema_name, told.call_id),
                clock=self.clock,
                trainee_rate=self.session.input_rate,
                buyer_rate=self.session.output_rate,
            )
            if told.recording
            else None
        )
        self._following = opened.following
        self._journal = TurnJournal(
            schema_name=told.schema_name,
            call_id=told.call_id,
            generation=self.id,
            send=self._send,
            following=opened.following,
        )
        self.flight = FlightLog(
            self._journal, clock=self.clock, rate=self.session.output_rate, text_only=told.text_only
        )
        for failure in opened.failures:
            self.flight.provider_switched(failure.provider, opened.provider, failure.code)
        self.flight.opened(opened.provider, resumed=told.resumed, unheld_ms=told.unheld_ms)
        self.bridge = CallBridge(self.session, journal=self._journal, tape=self._tape, flight=self.flight)

    def _send(self, frame: bytes) -> None:
        self.bridge.send(frame)

    def start(self) -> None:
        """After the first line is attached and told what it speaks to."""
        together().hold(self.key, self._ended_elsewhere)
        self._tasks = [asyncio.create_task(task) for task in (self._run(), self._beat(), self._listen())]

    # -- lines --------------------------------------------------------------------------------------------------------
    async def attach(self, line: Line) -> None:
        older, self._line = self._line, line
        if self._tasks:
            self._note_return(older)
        self.bridge.line = line.send
        if self._release is not None:
            self._release.cancel()
            self._release = None
        if older is not None and not older.closed:
            await older.close(4409, "taken_over")
        await self.session.hold(False)

    def _note_return(self, older: Line | None) -> None:
        if older is None or older.closed or self._is_silent():
            self.flight.line_back()
        else:
            self.flight.taken_over()

    async def detach(self, line: Line, *, hung_up: bool, code: int) -> None:
        """The socket is gone, closed with `code`. `hung_up`: the browser said goodbye, so the call is over; else it may
        come back."""
        line.closed = True
        if line is not self._line:
            return
        self._line = None
        self.bridge.line = None
        if hung_up:
            await self.finish(HUNG_UP)
            return
        self.flight.line_lost(code)
        await self.session.hold(True)
        self._release = asyncio.get_running_loop().call_later(settings.CALL_RESUME_SECONDS, self._line_stayed_away)

    def _is_cut_off(self) -> bool:
        """Has the browser's line gone, or said nothing for so long that it has, whatever its socket says?"""
        return self._line is None or self._is_silent()

    def _is_silent(self) -> bool:
        """Is there a line that nothing comes from any more? Then its loss is noted, from where it fell silent."""
        silent_ms = self.bridge.silent_ms
        if self.bridge.round_trip_ms is None or silent_ms <= SILENT_LINE_MS:
            return False
        self.flight.line_lost(SILENT_LINE_CODE, silent_ms=silent_ms)
        return True

    def _line_stayed_away(self) -> None:
        self._end_soon(LINE_LOST)

    # -- the end ------------------------------------------------------------------------------------------------------
    @property
    def is_ending(self) -> bool:
        """Nobody takes this one up any more."""
        return self._ending is not None or self.over.is_set()

    def _end_soon(self, ending: Ending | None) -> asyncio.Task[None]:
        if self._ending is None:
            self._ending = asyncio.create_task(self._finish(ending))
        return self._ending

    async def finish(self, ending: Ending | None) -> None:
        """End the call (None: let go of it without ending it); returns when all is written. Twice is once."""
        await asyncio.shield(self._end_soon(ending))

    async def _finish(self, ending: Ending | None) -> None:
        if self._release is not None:
            self._release.cancel()
        try:
            self.flight.stalls.pause()
            if ending is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(FLUSH_SECONDS):
                        await self.session.flush()
            await self.session.close()
            # What the session still had to say goes to the journal before it is closed.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS):
                    await asyncio.gather(self._tasks[0], return_exceptions=True)
            async with together().endings:
                await self._write_the_end(ending)
        finally:
            if held.get(self.key) is self:  # else a newer socket has taken the call up already
                del held[self.key]
                together().let_go(self.key)
            self.over.set()
            if self._tap is not None:
                self._tap.close()
            if self._line is not None:
                line, self._line = self._line, None
                await line.close(*self._goodbye(ending))
            for task in self._tasks:
                if task is not asyncio.current_task():
                    task.cancel()

    async def _write_the_end(self, ending: Ending | None) -> None:
        told = self.admitted
        await self._journal.close()
        if self._tape is not None:
            self._tape.close()
        if self._parting is PROVIDER_FAILED:
            with contextlib.suppress(*DATABASE_AWAY):
                await give_back(told.schema_name, call_id=told.call_id)
        if ending is not None:
            if self._following is not None and not ending.outcome:
                ending = replace(ending, outcome=self._following.outcome)
            try:
                if not await lasting(lambda: complete_call(told.schema_name, call_id=told.call_id, ending=ending)):
                    # Ended elsewhere, before the last of the record was written.
                    await review_call(told.schema_name, call_id=told.call_id)
                await finish_recording(told.schema_name, told.call_id)
            except DATABASE_AWAY as error:  # the sweeper ends it when the database is back
                logger.error("a call could not be closed", call_id=str(told.call_id), error_type=type(error).__name__)

    def _goodbye(self, ending: Ending | None) -> tuple[int, str]:
        if ending is None:
            return self._parting
        # 1000 is a hang-up to the official clients; anything else is an error.
        return (1000, "agent") if ending.by == "persona" else (1000, ending.reason or ending.by)

    # -- tasks --------------------------------------------------------------------------------------------------------
    async def _run(self) -> None:
        ended = await self.bridge.run()
        if self._ending is None and self.bridge.provider_failed and await self._try_another(ended.reason):
            return
        if self._ending is None:
            self._end_soon(Ending(by=ended.by, reason=ended.reason, outcome=ended.outcome))

    async def _try_another(self, reason: str) -> bool:
        """The service broke off. Let the browser dial again: whoever answers then goes on from what was said. False: that
        has happened too often."""
        told = self.admitted
        try:
            failures = await note_failure(
                told.schema_name,
                call_id=told.call_id,
                provider=self.provider,
                code=reason,
                message="broke off",
                at_ms=self.clock(),
            )
        except DATABASE_AWAY:
            failures = 0
        if failures >= serving.MOST_FAILURES:
            return False
        self._parting = PROVIDER_FAILED
        self._end_soon(None)
        return True

    async def _beat(self) -> None:
        flushed = time.monotonic()
        while True:
            await asyncio.sleep(PING_SECONDS)
            self.bridge.ping()
            if self.clock() > self.admitted.time_limit_ms:
                self._end_soon(Ending(by="system", reason="time_limit"))
                return
            if self._tape is not None and time.monotonic() - flushed > FLUSH_TAPE_SECONDS:
                flushed = time.monotonic()
                self._tape.flush()

    def _ended_elsewhere(self) -> None:
        """By the API in another process, or swept: nothing left to say."""
        self._end_soon(Ending(by="system", reason="ended_elsewhere"))

    async def _listen(self) -> None:
        """Hear of hang-ups and take-overs from other processes. Without Redis the hold (above) tells, later."""
        layer = get_channel_layer()
        if layer is None:
            return
        group = voice_group(*self.key)
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(group, channel)
                while True:
                    message = await layer.receive(channel)
                    if message["type"] == "voice.end":
                        self._end_soon(LINE_LOST if message.get("lost") and self._is_cut_off() else HUNG_UP)
                    elif message["type"] == "voice.yield" and message["holder"] != self.id:
                        self._end_soon(None)
                    elif message["type"] == "voice.observed":
                        self._let_listen()
            except REDIS_AWAY as error:
                logger.warning("the channel layer is away", error_type=type(error).__name__)
                await asyncio.sleep(PING_SECONDS)

    def _let_listen(self) -> None:
        """Somebody listens in; the tap closes itself when nobody does any more."""
        if self._ending is not None:
            return
        if self._tap is None:
            self._tap = self.bridge.tap = Tap(
                *self.key,
                trainee_rate=self.session.input_rate,
                buyer_rate=self.session.output_rate,
                on_idle=self._tap_is_idle,
            )
        self._tap.renew()

    def _tap_is_idle(self) -> None:
        self._tap = self.bridge.tap = None

    async def _tell_others(self, message: dict[str, Any]) -> None:
        layer = get_channel_layer()
        if layer is not None:
            with contextlib.suppress(*REDIS_AWAY):
                await layer.group_send(voice_group(*self.key), message)


finish_recording = in_schema(tasks.enqueue_recording)

held: dict[tuple[str, UUID], HeldCall] = {}
_opening: dict[tuple[str, UUID], asyncio.Lock] = {}


async def take(admitted: Admitted) -> tuple[HeldCall, bool]:
    """The held call for these, made when this process does not hold it; the flag says whether it is new."""
    key = (admitted.schema_name, admitted.call_id)
    lock = _opening.setdefault(key, asyncio.Lock())
    try:
        async with lock:
            known = held.get(key)
            if known is not None and not known.is_ending:
                return known, False
            call = HeldCall(admitted)
            await call.open()
            held[key] = call
            return call, True
    finally:
        if not lock.locked():
            _opening.pop(key, None)
