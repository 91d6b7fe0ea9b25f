"""What is said in a call, from the vendor's frames: who said what, when it was heard, what was cut. Knows no sockets.

Sound comes faster than it is played, words and sound come apart, and what was heard of an interrupted reply is told a moment
after the interruption.
"""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable

from integrations.voice.base import SaidBefore
from integrations.voice.elevenlabs import wire
from integrations.voice.elevenlabs.formats import Format
from integrations.voice.elevenlabs.reply import Playing, Reply
from integrations.voice.elevenlabs.trainee import Trainee
from integrations.voice.events import (
    AudioOut,
    BuyerCut,
    BuyerFinished,
    BuyerSaid,
    SpeechScore,
    Tentative,
    UserSaid,
    Vendor,
    VoiceEvent,
)
from integrations.voice.speaking import estimated_ms

FINISHED_MS = 400  # without further sound after the last was played: the reply is over
SOUNDLESS_MS = 10_000  # a reply whose sound never comes
CORRECTION_SECONDS = 0.12  # how long an interruption waits to learn what was heard


class Dialogue:
    """Frames in by `audio`, `response` …; out by `emit`, and sound by `hand_out` when `emit` has nothing waiting.

    `said`: everything so far, newest last, cut replies as they were heard. `asked_at`: the clock's time of the trainee's turn
    that has no sign of an answer yet.
    """

    def __init__(
        self,
        said: tuple[SaidBefore, ...],
        *,
        clock: Callable[[], int],
        text_only: bool,
        emit: Callable[[VoiceEvent], None],
        hand_out: Callable[[AudioOut], None],
    ) -> None:
        self.said = list(said)
        self.trainee = Trainee(clock)
        self._cutter = wire.AudioCutter()
        self.out = Format(16000, True)
        self.asked_at: int | None = None
        self.deaf = False  # nothing of the buyer is told any more
        self._clock = clock
        self._text_only = text_only
        self._emit = emit
        self.hand_out = hand_out  # may be changed for a shorter way at any time
        self._reply: Reply | None = None
        self._cut: tuple[Reply, int] | None = None  # interrupted, and when; its correction is awaited
        self._playing = Playing()
        self._held: list[tuple[int, AudioOut]] | None = None  # sound, while the browser is away
        self._offset = 0  # what our numbers are ahead of theirs, since a new conversation counts from one again
        self._highest = 0
        self._own_id = 0  # for what they do not number: below theirs, or a browser would take their next sound for old
        self._told: dict[tuple[str, int], str] = {}  # the newest text under each number

    # -- the trainee --------------------------------------------------------------------------------------------------
    def typed(self, text: str) -> None:
        now = self._clock()
        self.trainee.typed(text)
        self._user_said(UserSaid(self._take_own_id(), text, now, now, confidence=1.0))

    def ask(self, text: str) -> None:
        """The trainee's words are put to a new conversation: they were said before, so they are not told again."""
        self.trainee.typed(text)
        self.trainee.asked_ms = self.asked_at = self._clock()

    def transcript(self, theirs: int, text: str) -> None:
        if not text or self.trainee.was_typed(text):
            return
        if self._told.get(("user", theirs + self._offset)) == text:
            return
        start, end = self.trainee.times(text)
        self.trainee.finished()
        event_id = self._unused("user", theirs)
        self._told["user", theirs + self._offset] = text
        self._user_said(UserSaid(event_id, text, start, end, latency={"text": max(0, self._clock() - end)}))

    def unfinished_said(self) -> None:
        """The call ends: what seemed to be said was said."""
        text = self.trainee.unfinished
        if text:
            start, end = self.trainee.times(text)
            self.trainee.finished()
            self._user_said(UserSaid(self._take_own_id(), text, start, end))

    def tentative(self, text: str) -> None:
        if text:
            self.trainee.tentative(text)
            self._emit(Tentative(self._highest + 1, text))

    def voice(self, score: float) -> None:
        self.trainee.voice(score)
        self._emit(SpeechScore(score))

    def _user_said(self, event: UserSaid) -> None:
        self._settle_cut()
        self._finish()
        self.said.append(SaidBefore("user", event.text))
        self.asked_at = self._clock()
        self.trainee.asked_ms = event.end_ms
        self._emit(event)

    # -- the buyer ----------------------------------------------------------------------------------------------------
    def more_audio(self, frame: bytes) -> bool:
        """Most frames by far: more of the voice that is being heard, which goes on as it came. False for any other frame,
        which is then looked at whole."""
        reply = self._reply
        if (
            reply is None
            or reply.theirs != self._cutter.event_id
            or self._offset
            or self._held is not None
            or self.deaf
        ):
            return False
        out = self.out
        size = self._cutter.size_of_same(frame) if out.is_pcm else None
        if size is None:
            return False
        # As `_voice`, in as few steps as it takes.
        now = self._clock()
        self.asked_at = None
        duration = size * 500 // out.rate
        audio = AudioOut(reply.theirs, b"", frame, now)
        self._playing.add(reply.hear(now, duration), duration, audio, now=now)
        self.hand_out(audio)
        return True

    def audio(self, frame: bytes) -> bool:
        """A frame of the buyer's voice, handed out as it came where it may be; False for one that is damaged."""
        audio = self._cutter.cut(frame)
        if audio is None:
            return False
        if self.deaf:
            return True
        event_id = audio.event_id + self._offset
        if self.out.is_pcm:
            untouched = audio.plain and not self._offset
            out = AudioOut(event_id, b"", frame if untouched else wire.audio_frame(event_id, audio.text))
        else:
            try:
                out = AudioOut(event_id, self.out.decode(b64decode(audio.text, validate=True)))
            except (Base64Error, ValueError):
                return False
        self._voice(self._reply_to(audio.event_id), out, audio.size)
        return True

    def _voice(self, reply: Reply, out: AudioOut, size: int) -> None:
        """So many bytes of sound belong to the reply: heard now, or kept while the browser is away."""
        now, duration = self._clock(), self.out.duration_ms(size)
        until = reply.hear(now, duration)
        self.asked_at = None
        if self._held is not None:
            self._held.append((duration, out))
        else:
            out.at_ms = now
            self._playing.add(until, duration, out, now=now)
            self.hand_out(out)

    def response(self, theirs: int, text: str) -> None:
        if not text or self.deaf or self._told.get(("assistant", theirs + self._offset)) == text:
            return
        reply = self._reply_to(theirs)
        if reply.text:  # more under the same number, after a tool was used
            self._finish()
            reply = self._reply_to(theirs)
        self._told["assistant", theirs + self._offset] = text
        now = self._clock()
        reply.text = text
        self.asked_at = None
        self.said.append(SaidBefore("assistant", text))
        start = now if reply.start_ms is None else reply.start_ms
        end = start if self._text_only else max(start + estimated_ms(text), reply.until_ms)
        latency = {} if reply.asked_ms is None else {"reply": max(0, now - reply.asked_ms)}
        self._emit(BuyerSaid(reply.event_id, text, start, end, latency=latency))
        if self._text_only:
            self._finish()

    def interruption(self, theirs: int) -> None:
        reply = self._reply
        self._playing.clear()
        if self._held is not None:
            self._held.clear()
        if self.deaf or reply is None:
            return
        if not reply.text:
            self._reply = None
            self._emit(Vendor(wire.interruption(max(reply.event_id, theirs + self._offset))))
            return
        self._cut = (reply, self._clock())
        asyncio.get_running_loop().call_later(CORRECTION_SECONDS, self._settle_cut, reply)

    def correction(self, theirs: int, spoken: str) -> None:
        """What was really heard of an interrupted reply."""
        if self._cut is None and self._reply is not None and self._reply.theirs == theirs and not self.deaf:
            self._cut = (self._reply, self._clock())
        if self._cut is not None and self._cut[0].theirs == theirs:
            self._settle_cut(spoken=spoken)

    def tick(self) -> None:
        """Now and then: a reply whose last sound was played is over."""
        reply = self._reply
        if reply is None or not reply.text or self._held is not None or self._cut is not None:
            return
        over = reply.born_ms + SOUNDLESS_MS if reply.start_ms is None else reply.until_ms + FINISHED_MS
        if self._clock() > over:
            self._finish()

    @property
    def playing_ms(self) -> int:
        """How much longer the buyer will be heard."""
        return 0 if self._reply is None or self._held is not None else max(0, self._reply.until_ms - self._clock())

    def end_of_buyer(self) -> None:
        """The buyer has spoken its last."""
        self._settle_cut()
        self._finish()

    def cut_off(self) -> None:
        """The call ends, whoever speaks: what of the buyer was not played was not heard. Nothing of it is told after this."""
        self._settle_cut()
        if self._reply is not None and self._reply.text and self._reply.until_ms > self._clock():
            self._cut = (self._reply, self._clock())
            self._settle_cut()
        self._finish()
        self.deaf = True

    def line_lost(self) -> bool:
        """The vendor is gone. True when it was in the middle of a reply, of which then only a part was heard."""
        self._settle_cut()
        reply = self._reply
        midway = reply is not None and not self._text_only and not (reply.text and reply.complete())
        if reply is not None and reply.text and midway:
            self._cut = (reply, max(self._clock(), min(reply.until_ms, self._clock())))
            self._settle_cut()
        self._finish()
        self._offset = self._highest
        return midway

    def standing(self, *, midway: bool) -> tuple[list[SaidBefore], list[str]]:
        """Where another conversation goes on: what it is to know, and what the trainee said that has no answer yet, be it
        that the answer broke off (`midway`). Neither: the buyer opens."""
        end = len(self.said)
        while end and self.said[end - 1].role == "user":
            end -= 1
        history, asked = self.said[:end], [turn.text for turn in self.said[end:]]
        if midway and not asked:
            asked = [turn.text for turn in history if turn.role == "user"][-1:]
            if not asked:
                history = []  # the opening broke off
        return history, asked

    # -- the browser comes and goes -------------------------------------------------------------------------------------
    def hold(self) -> None:
        """Keep the sound that the browser did not play, and what comes now."""
        if self._held is None:
            self._held = self._playing.take_unplayed(self._clock())

    def release(self) -> None:
        """Play what was kept."""
        if self._held is None:
            return
        kept, self._held = self._held, None
        until = self._clock()
        for duration, audio in kept:
            until += duration
            audio.at_ms = None  # when it came is long ago
            self._playing.add(until, duration, audio, now=self._clock())
            self.hand_out(audio)
        if self._reply is not None and kept:
            self._reply.until_ms = until

    # -- within -------------------------------------------------------------------------------------------------------
    def _reply_to(self, theirs: int) -> Reply:
        """The reply with their number: the one that goes on, or a new one."""
        reply = self._reply
        if reply is None or reply.theirs != theirs:
            self._settle_cut()
            self._finish()
            event_id = self._unused("assistant", theirs)
            reply = self._reply = Reply(theirs, event_id, self.trainee.take_asked(), born_ms=self._clock())
        return reply

    def _settle_cut(self, only: Reply | None = None, *, spoken: str | None = None) -> None:
        """Tell what was heard of an interrupted reply: their words for it, else an estimate."""
        if self._cut is None or (only is not None and self._cut[0] is not only):
            return
        (reply, at), self._cut = self._cut, None
        if reply is self._reply:
            self._reply = None
        heard = reply.heard_until(at) if spoken is None else spoken
        with contextlib.suppress(ValueError):
            self.said[self._place(reply.text)] = SaidBefore("assistant", f"{heard} –".strip())
        self._emit(BuyerCut(reply.event_id, reply.text, heard, at))

    def _place(self, text: str) -> int:
        return len(self.said) - 1 - self.said[::-1].index(SaidBefore("assistant", text))

    def _finish(self) -> None:
        """All of the reply was said."""
        reply, self._reply = self._reply, None
        if reply is not None and reply.text:
            end = self._clock() if reply.start_ms is None else reply.until_ms
            self._emit(BuyerFinished(reply.event_id, end, reply.first_audio_ms))

    def _unused(self, role: str, theirs: int) -> int:
        """Our number for theirs: one of our own where something else was said under it already."""
        ours = theirs + self._offset
        self._highest = max(self._highest, ours)
        return self._take_own_id() if (role, ours) in self._told else ours

    def _take_own_id(self) -> int:
        self._own_id -= 1
        return self._own_id
