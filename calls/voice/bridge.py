"""Voice events ↔ protocol frames. Knows neither sockets nor the database, so it is tested with plain lists.

Order: audio goes out at once; whatever must be durable (turns, the end) goes to the journal, which writes it and then
sends its frames. So the words of a turn never stand on a screen before they are on disk.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import structlog

from calls.voice import frames
from calls.voice.flight import FlightLog
from calls.voice.frames import AUDIO_END, MOST_FRAME_BYTES, PLAIN_START
from integrations.voice.base import VoiceSession
from integrations.voice.events import (
    AudioOut,
    BuyerCut,
    BuyerFinished,
    BuyerSaid,
    Ended,
    Fault,
    Reconnected,
    SpeechScore,
    Tentative,
    ToolCalled,
    UserSaid,
    Vendor,
)

logger = structlog.get_logger(__name__)
MOST_TYPED_CHARACTERS = 2000
PINGS_REMEMBERED = 30
TYPED_REMEMBERED = 200

Send = Callable[[bytes], None]


class Journal(Protocol):
    """Where what must last is put, in order; never waits."""

    def user_said(self, event: UserSaid) -> None: ...

    def buyer_said(self, event: BuyerSaid) -> None: ...

    def buyer_cut(self, event: BuyerCut) -> None: ...

    def buyer_finished(self, event: BuyerFinished) -> None: ...

    def reconnected(self, event: Reconnected) -> None: ...


class Tape(Protocol):
    """Both sides' audio."""

    def trainee(self, pcm: bytes) -> None: ...

    def buyer(self, pcm: bytes) -> None: ...

    def cut_buyer(self) -> None: ...


class CallBridge:
    """One call. `line` is how frames reach the browser now; None while its socket is lost. `tap` is for who listens in.

    Audio goes both ways in plain calls, frame by frame: no task, no queue, no parsing.
    """

    def __init__(self, session: VoiceSession, *, journal: Journal, tape: Tape | None, flight: FlightLog) -> None:
        self.session = session
        self._journal = journal
        self._tape = tape
        self._flight = flight
        self._stalls = flight.stalls
        self.tap: Tape | None = None
        self.line: Send | None = None
        self._pings: dict[int, float] = {}
        self._next_ping = 1
        self.round_trip_ms: int | None = None
        self.provider_failed = False  # `run` ended because the voice service did, not because the call did
        self._typed: dict[str, None] = {}  # names of typed lines, in their order
        self._answered = time.monotonic()  # the browser's last answer to a ping

    # -- from the browser ---------------------------------------------------------------------------------------------
    def hear_now(self, frame: bytes) -> bool:
        """An audio frame, at once; False for any other and for a damaged one, which are for `hear`."""
        session = self.session
        if (
            self._tape is None
            and self.tap is None
            and session.takes_frames
            # An audio frame as browsers write it, with nothing besides its one text.
            and frame.startswith(PLAIN_START)
            and frame.find(b'"', len(PLAIN_START)) == len(frame) - len(AUDIO_END)
            and frame.endswith(AUDIO_END)
            and len(frame) <= MOST_FRAME_BYTES
        ):
            session.hear_frame(frame)
            return True
        try:
            return self._hear_frame(frame)
        except frames.BadFrame:
            return False

    def _hear_frame(self, frame: bytes) -> bool:
        """An audio frame; False for any other. Raises `BadFrame`."""
        session = self.session
        if not frames.is_user_audio(frame):
            return False
        if session.takes_frames:
            text = frames.audio_text(frame)
            # Damaged sound is found before it is passed on.
            pcm = frames.user_audio(frame) if text and (self._tape is not None or self.tap is not None) else b""
            session.hear_frame(frame)
            if pcm:
                self._keep_trainee(pcm)
        else:
            self._hear_audio(frames.user_audio(frame))
        return True

    async def hear(self, frame: bytes) -> None:
        """A frame of the browser. Raises `BadFrame`; frames that need no answer here are passed over."""
        if self._hear_frame(frame):
            return
        data = frames.parse(frame)
        match data["type"]:
            case "user_audio":
                self._hear_audio(data["pcm"])
            case "user_message":
                text = data.get("text")
                # No database stores the null character, and a turn that cannot be stored would be answered and lost.
                said = text.replace("\0", "").strip() if isinstance(text, str) else ""
                if said and not self._said_before(data.get("rich_content_id")):
                    await self.session.hear_text(said[:MOST_TYPED_CHARACTERS])
            case "user_activity":
                await self.session.activity()
            case "pong":
                self._pong(data.get("event_id"))
            case _:
                # The initiation frame's overrides are the client's wishes: the server decides. The rest (feedback,
                # tool results, context) has no meaning for a buyer.
                pass

    def _hear_audio(self, pcm: bytes) -> None:
        self._keep_trainee(pcm)
        self.session.hear_audio(pcm)

    def _keep_trainee(self, pcm: bytes) -> None:
        if self._tape is not None:
            self._tape.trainee(pcm)
        if self.tap is not None:
            self.tap.trainee(pcm)

    # -- to the browser -----------------------------------------------------------------------------------------------
    def speak(self, audio: AudioOut) -> None:
        """A piece of the buyer's voice, at once."""
        line = self.line
        if line is not None:
            line(audio.frame or frames.audio(audio.event_id, audio.pcm))
        # Of a vendor's own frame the size is near enough: base64 makes four characters of three bytes.
        self._stalls.audio(audio.event_id, len(audio.pcm) or len(audio.frame) * 3 // 4, audio.at_ms)
        if self._tape is None and self.tap is None:
            return  # the sound itself is of no interest: most calls with a vendor, which keeps it
        pcm = audio.pcm or frames.agent_audio(audio.frame)
        if self._tape is not None:
            self._tape.buyer(pcm)
        if self.tap is not None:
            self.tap.buyer(pcm)

    def _cut_buyer(self) -> None:
        if self._tape is not None:
            self._tape.cut_buyer()
        if self.tap is not None:
            self.tap.cut_buyer()

    async def run(self) -> Ended:
        """Pass on what the provider says until it is over; returns how it ended."""
        # What was queued until now is read without a pause below, so the voice stays in order.
        self.session.audio_out = self.speak
        async for event in self.session.events():
            match event:
                case AudioOut():
                    self.speak(event)
                case UserSaid():
                    self._stalls.trainee_said(event.start_ms, event.end_ms)
                    self._journal.user_said(event)
                case BuyerSaid():
                    self._stalls.buyer_said(event.event_id, event.text)
                    self._journal.buyer_said(event)
                case BuyerCut():
                    self._stalls.buyer_done(event.event_id)
                    self._cut_buyer()
                    self.send(frames.interruption(event.event_id))
                    self._journal.buyer_cut(event)
                case BuyerFinished():
                    self._stalls.buyer_done(event.event_id)
                    self._journal.buyer_finished(event)
                case Tentative():
                    self.send(frames.tentative(event.event_id, event.text))
                case SpeechScore():
                    self.send(frames.vad_score(event.score))
                case Vendor():
                    self.send(event.frame.encode())
                case Reconnected():
                    self._journal.reconnected(event)
                case ToolCalled():
                    self._flight.tool_called(event)  # the browser has no business with the agent's tools
                case Fault():
                    self._flight.provider_fault(event)
                    code = 1011 if event.fatal else 1000
                    self.send(frames.error(code, event.error_type, event.message))
                    if event.fatal:
                        self.provider_failed = True
                        return Ended(by="system", reason=event.error_type)
                case Ended():
                    return event
        self.provider_failed = True
        return Ended(by="system", reason="provider_closed")

    def send(self, frame: bytes) -> None:
        """To the browser, if it is there. A lost socket is not the provider's business."""
        line = self.line
        if line is not None:
            line(frame)

    def ping(self) -> None:
        event_id = self._next_ping
        self._next_ping += 1
        self._pings[event_id] = time.monotonic()
        while len(self._pings) > PINGS_REMEMBERED:
            self._pings.pop(next(iter(self._pings)))
        self.send(frames.ping(event_id, self.round_trip_ms))

    def _said_before(self, name: Any) -> bool:
        """A browser that does not know whether its line arrived sends it again, under the same name."""
        if not isinstance(name, str) or not name:
            return False
        known = name in self._typed
        self._typed[name] = None
        while len(self._typed) > TYPED_REMEMBERED:
            self._typed.pop(next(iter(self._typed)))
        return known

    def _pong(self, event_id: Any) -> None:
        sent = self._pings.pop(event_id, None) if isinstance(event_id, int) else None
        if sent is not None:
            self._answered = time.monotonic()
            self.round_trip_ms = int((self._answered - sent) * 1000)

    @property
    def silent_ms(self) -> int:
        """How long the browser has not answered a ping; counts from the call's opening where it never does."""
        return int((time.monotonic() - self._answered) * 1000)
