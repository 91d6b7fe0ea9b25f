"""What the vendor's messages and audio mean, as our events. Knows no sockets and no tasks; the clock is given.

The vendor numbers nothing and tells text late: an utterance's words come while it is spoken, its last words sometimes after
it. So utterances are put together here. One of the trainee is told when the buyer begins or after a moment of quiet; one of
the buyer when it was spoken to the end, or cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from integrations.voice.base import SaidBefore
from integrations.voice.events import (
    AudioOut,
    BuyerCut,
    BuyerFinished,
    BuyerSaid,
    Ended,
    Fault,
    Tentative,
    UserSaid,
    VoiceEvent,
)
from integrations.voice.speaking import estimated_ms
from integrations.voice.vapi import endings
from integrations.voice.vapi.tools import ToolWatch
from integrations.voice.vapi.utterances import BuyerUtterance, TraineeUtterance

BYTES_PER_MS = 32  # 16 kHz, 16 bits
PIECE_BYTES = 100 * BYTES_PER_MS
USER_QUIET_MS = 1500  # after the trainee's last words, when the buyer does not begin
BUYER_GRACE_MS = 600  # the last words of an utterance may come after its sound
BUYER_SILENT_MS = 2500  # the buyer's sound is over and nobody said so
CUT_TAIL_MS = 400  # sound of a cut utterance that was on its way
AUDIBLE = 200  # of 32767: what is quieter than this between utterances is the line, not a voice
MOST_FAREWELL_MS = 15_000
MOST_HISTORY = 400

Emit = Callable[[VoiceEvent], None]


class Dialogue:
    """`silent`: a text call, so the buyer's voice is not passed on."""

    def __init__(self, *, clock: Callable[[], int], emit: Emit, silent: bool = False) -> None:
        self._clock = clock
        self._emit = emit
        self._silent = silent
        self._trainee: TraineeUtterance | None = None
        self._buyer: BuyerUtterance | None = None
        self._tools = ToolWatch(clock=clock, emit=emit)
        self._next_id = 1
        self._asked_ms: int | None = None  # when the trainee ended what the buyer has not answered yet
        self._planned = ""  # what the model has written so far
        self._planned_turn: str | None = None
        self._told_text = ""  # what the last utterance told, for words of it that come later
        self._cut_at: int | None = None
        self._odd = b""  # half a sample that was cut off by a frame's end
        self.said: list[SaidBefore] = []
        self.alive = False
        self.over = False  # the last event was told
        self.ending: endings.Ending | None = None
        self._ends_at = 0

    # -- from the vendor ------------------------------------------------------------------------------------------------
    def message(self, data: Mapping[str, Any]) -> None:
        """One message, in an envelope or without. Unknown ones are passed over: the list grows."""
        inner = data.get("message")
        if "type" not in data and isinstance(inner, Mapping):
            data = inner
        self.alive = True
        match data.get("type"):
            case "transcript" | 'transcript[transcriptType="final"]':
                self._transcript(data)
            case "speech-update":
                self._speech(str(data.get("role", "")), str(data.get("status", "")), data.get("turn"))
            case "model-output":
                self._model_output(data)
            case "assistant.speechStarted":
                self._speech_text(str(data.get("text", "")))
            case "user-interrupted":
                self._cut()
            case "status-update":
                self._status(data)
            case "hang":
                self._emit(Fault("llm_timeout", "The voice service is slow to answer."))
            case "tool-calls":
                self._tools.called(data)
            case "tool-calls-result":
                self._tools.answered(data)

    def audio(self, pcm: bytes) -> None:
        """A piece of the line's sound, of any length."""
        self.alive = True
        pcm = self._odd + pcm
        self._odd = pcm[len(pcm) // 2 * 2 :]
        pcm = pcm[: len(pcm) // 2 * 2]
        if not pcm:
            return
        now = self._clock()
        if self._cut_at is not None and now - self._cut_at < CUT_TAIL_MS:
            return
        buyer = self._buyer
        if buyer is None:
            if not audible(pcm):
                return
            buyer = self._open_buyer(None)
        elif buyer.stopped_at is not None and not audible(pcm):
            return
        first = buyer.hear(now, len(pcm) // BYTES_PER_MS)
        if first and self._asked_ms is not None:
            # In a text call nobody hears it, so nobody waits for it: it is no response time.
            buyer.first_audio_ms = None if self._silent else now - self._asked_ms
            self._asked_ms = None
        if self._silent:
            return
        for at in range(0, len(pcm), PIECE_BYTES):
            self._emit(AudioOut(buyer.event_id, pcm[at : at + PIECE_BYTES]))

    def broken(self) -> None:
        """The vendor's line is gone: tell what was heard of both."""
        self._close_trainee()
        self._cut()

    # -- from us --------------------------------------------------------------------------------------------------------
    def typed(self, text: str) -> None:
        """A typed turn of the trainee; it cuts the buyer short."""
        now = self._clock()
        self._close_trainee()
        self._cut()
        self._emit(UserSaid(self._take_id(), text, now, now, confidence=1.0))
        self._remember("user", text)
        self._asked_ms = now

    def tick(self) -> None:
        """Called every tenth of a second or so: close what has been quiet long enough."""
        now = self._clock()
        if self.ending is not None:
            self._tell_ending()
            return
        buyer = self._buyer
        if buyer is not None and buyer.over(now, grace_ms=BUYER_GRACE_MS, silent_ms=BUYER_SILENT_MS):
            self._close_buyer()
        trainee = self._trainee
        if trainee is not None and trainee.quiet(now, USER_QUIET_MS):
            self._close_trainee()

    def flush(self) -> None:
        """The end: the trainee's last words and what was heard of the buyer's."""
        self._close_trainee()
        buyer, now = self._buyer, self._clock()
        if buyer is not None and (buyer.stopped_at is not None or (buyer.audio_ms and now >= buyer.end_ms(now))):
            self._close_buyer()
        else:
            self._cut()

    # -- what messages mean ---------------------------------------------------------------------------------------------
    def _transcript(self, data: Mapping[str, Any]) -> None:
        text = " ".join(str(data.get("transcript", "")).split())
        final = data.get("transcriptType", "final") == "final"
        if not text:
            return
        if data.get("role") == "user":
            self._trainee_words(text, final=final)
        elif data.get("role") in ("assistant", "bot"):
            self._buyer_words(text, final=final)

    def _trainee_words(self, text: str, *, final: bool) -> None:
        trainee = self._open_trainee()
        trainee.words(text, self._clock(), final=final)
        if not final:
            self._emit(Tentative(trainee.event_id, trainee.text()))
        elif self._buyer is not None and self._buyer.stopped_at is None and not trainee.speaking:
            # The buyer answers already: these are the last words of what it answers.
            self._close_trainee()

    def _buyer_words(self, text: str, *, final: bool) -> None:
        if self._told_text and self._buyer is None and plain(text) in self._told_text:
            return
        self._buyer_begins()
        buyer = self._buyer or self._open_buyer(None)
        buyer.words(text, final=final)

    def _speech(self, role: str, status: str, turn: Any) -> None:
        now = self._clock()
        if role == "user":
            if status == "started":
                self._open_trainee().speaking = True
            elif self._trainee is not None:
                self._trainee.stops(now)
            return
        if role != "assistant":
            return
        number = int(turn) if isinstance(turn, int | float) else None
        if status == "started":
            self._buyer_begins()
            if self._buyer is not None and not self._buyer.goes_on(number):
                self._close_buyer()
            if self._buyer is None:
                self._open_buyer(number)
            else:
                self._buyer.stopped_at = None
        elif self._buyer is not None:
            self._buyer.stopped_at = now

    def _model_output(self, data: Mapping[str, Any]) -> None:
        output = data.get("output")
        if not isinstance(output, str):
            return
        turn = data.get("turnId")
        if turn != self._planned_turn or turn is None:
            if turn is not None:
                self._planned = ""
            self._planned_turn = turn
        self._planned += output
        if self._buyer is not None and self._buyer.planned_turn in (None, self._planned_turn):
            self._buyer.plan(self._planned, self._planned_turn)

    def _speech_text(self, text: str) -> None:
        """What is being spoken now: the whole turn so far, before it was heard."""
        text = " ".join(text.split())
        if not text or (self._told_text and self._buyer is None and plain(text) in self._told_text):
            return
        self._buyer_begins()
        (self._buyer or self._open_buyer(None)).spoken_text = text

    def _status(self, data: Mapping[str, Any]) -> None:
        if data.get("status") != "ended" or self.ending is not None:
            return
        now = self._clock()
        self.ending = endings.ending(str(data.get("endedReason", "")))
        # A buyer that hangs up is heard to its last word, however early its sound came.
        hangs_up = self.ending.by == "persona" and self._buyer is not None
        self._ends_at = min(self._buyer.end_ms(now), now + MOST_FAREWELL_MS) if hangs_up and self._buyer else now
        if hangs_up and self._buyer is not None and self._buyer.stopped_at is None:
            self._buyer.stopped_at = now
        self._tell_ending()

    def _tell_ending(self) -> None:
        if self.over or self.ending is None or self._clock() < self._ends_at:
            return
        self.over = True
        self.flush()
        if self.ending.fault:
            self._emit(Fault(self.ending.fault, "The voice service ended the call.", fatal=True))
        else:
            self._emit(Ended(self.ending.by, self.ending.reason))

    # -- utterances -----------------------------------------------------------------------------------------------------
    def _open_trainee(self) -> TraineeUtterance:
        if self._trainee is None:
            if self._buyer is not None and self._buyer.stopped_at is not None:
                self._close_buyer()
            self._trainee = TraineeUtterance(self._take_id(), self._clock())
        return self._trainee

    def _close_trainee(self) -> None:
        trainee, self._trainee = self._trainee, None
        text = trainee.text() if trainee is not None else ""
        if trainee is None or not text:
            return
        end = trainee.end_ms if trainee.end_ms is not None else self._clock()
        latency = {"text": max(0, trainee.final_at - end)} if trainee.final_at is not None else {}
        self._emit(UserSaid(trainee.event_id, text, trainee.start_ms, max(end, trainee.start_ms), latency=latency))
        self._remember("user", text)
        if self._buyer is None:
            self._asked_ms = end

    def _buyer_begins(self) -> None:
        """The buyer answers, so the trainee's turn is over, unless its words are still to come."""
        trainee = self._trainee
        if trainee is not None and trainee.finals and not trainee.speaking:
            self._close_trainee()

    def _open_buyer(self, turn: int | None) -> BuyerUtterance:
        self._buyer_begins()
        self._told_text, self._cut_at = "", None
        self._buyer = BuyerUtterance(self._take_id(), self._clock(), turn=turn)
        if self._planned:
            self._buyer.plan(self._planned, self._planned_turn)
        if self._trainee is not None and self._trainee.end_ms is not None:
            self._asked_ms = self._trainee.end_ms
        return self._buyer

    def _close_buyer(self) -> None:
        buyer, self._buyer = self._buyer, None
        if buyer is None:
            return
        self._planned = ""
        text, end = buyer.text(), buyer.end_ms(self._clock())
        if not text:
            return
        self._told_text = plain(buyer.whole_text())
        self._emit(BuyerSaid(buyer.event_id, text, buyer.start_ms, end))
        self._emit(BuyerFinished(buyer.event_id, end, buyer.first_audio_ms))
        self._remember("assistant", text)

    def _cut(self) -> None:
        """The buyer stops here; of its words those count that were heard."""
        buyer, self._buyer = self._buyer, None
        if buyer is None:
            return
        now = self._clock()
        self._planned = ""
        original = buyer.whole_text()
        if not original and not buyer.audio_ms:
            return
        # In a text call it is read and not heard: all of it was said.
        spoken = original if self._silent else buyer.heard_of(original, now, estimated_ms(original))
        self._told_text, self._cut_at = plain(original), now
        self._emit(BuyerSaid(buyer.event_id, original or "…", buyer.start_ms, now))
        if spoken != original or not original:
            self._emit(BuyerCut(buyer.event_id, original or "…", spoken, now))
        else:
            self._emit(BuyerFinished(buyer.event_id, now, buyer.first_audio_ms))
        if spoken:
            self._remember("assistant", spoken)

    def _remember(self, role: str, text: str) -> None:
        self.said.append(SaidBefore(role, text))
        del self.said[:-MOST_HISTORY]

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1


def plain(text: str) -> str:
    """Words only: transcripts and model output differ in punctuation."""
    return " ".join(re.findall(r"\w+", text.lower()))


def audible(pcm: bytes) -> bool:
    samples = np.frombuffer(pcm, dtype="<i2")
    return bool(samples.size) and int(np.abs(samples.astype(np.int32)).max()) > AUDIBLE
