"""The flight recorder of a held call: what happens behind the conversation, and how long the trainee had to wait.

Everything is written by the journal, in order and beside the audio. Nothing here is told to the browser.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from calls.events import HIDDEN
from calls.flight.faults import STALL_MS
from integrations.voice.events import Fault, ToolCalled

# Nobody speaks faster than this; so what takes longer to say than was heard is not said yet.
LEAST_MS_PER_CHARACTER = 35
SHOWN_CHARACTERS = 300


class Notes(Protocol):
    """Where the record is written; never waits."""

    def note(self, type: str, data: dict[str, Any], *, at_ms: int) -> None: ...


class FlightLog:
    """One session's recorder. `clock` gives the milliseconds of the call; `rate` is that of the buyer's PCM."""

    def __init__(self, notes: Notes, *, clock: Callable[[], int], rate: int, text_only: bool = False) -> None:
        self._notes = notes
        self._clock = clock
        self.stalls = StallWatch(self.stalled, clock=clock, rate=rate, text_only=text_only)

    def _note(self, type: str, at_ms: int | None = None, **data: Any) -> None:
        self._notes.note(type, data, at_ms=max(0, self._clock() if at_ms is None else at_ms))

    # -- the line to the browser --------------------------------------------------------------------------------------
    def opened(self, provider: str, *, resumed: bool, unheld_ms: int = 0) -> None:
        """A session speaks. `unheld_ms`: for how long nobody had held the call, when it was taken up again."""
        self._note("session:opened", provider=provider, resumed=resumed, unheld_ms=unheld_ms)

    def line_lost(self, code: int, *, silent_ms: int = 0) -> None:
        """The browser's socket closed with `code`; nothing had come from it for `silent_ms` before."""
        self.stalls.pause()
        self._note("line:lost", self._clock() - silent_ms, code=code)

    def line_back(self) -> None:
        self._note("line:back")

    def taken_over(self) -> None:
        """Another socket speaks for the call: a second tab, or a line that was lost without a word."""
        self._note("line:taken_over")

    # -- the conversation ---------------------------------------------------------------------------------------------
    def stalled(self, from_ms: int, to_ms: int, *, where: str) -> None:
        """`where`: "reply" (the trainee waited for an answer) or "speech" (the buyer fell silent within one)."""
        self._note("stall", from_ms, from_ms=from_ms, to_ms=to_ms, where=where)

    # -- the provider -------------------------------------------------------------------------------------------------
    def provider_switched(self, old: str, new: str, reason: str) -> None:
        self._note("provider:switched", old=old, new=new, reason=reason[:SHOWN_CHARACTERS])

    def provider_fault(self, event: Fault) -> None:
        self._note(
            "provider:fault",
            error_type=event.error_type,
            message=event.message[:SHOWN_CHARACTERS],
            fatal=event.fatal,
            covered=event.covered,
        )

    def tool_called(self, event: ToolCalled) -> None:
        # What an agent looks up may be what the buyer hides.
        hidden = {"arguments": event.arguments[:SHOWN_CHARACTERS], "result": event.result[:SHOWN_CHARACTERS]}
        self._note(
            "tool:called",
            self._clock() - event.took_ms,
            name=event.name,
            is_error=event.is_error,
            took_ms=event.took_ms,
            **{HIDDEN: hidden},
        )


class StallWatch:
    """Measures the buyer's silences where there should be a voice: between the trainee's last word and the first audio,
    and within an utterance. Arithmetic on a clock, no task; `audio` is called for every frame.

    `stalled(from_ms, to_ms, where=…)` is told of each silence of `STALL_MS` or more, when it is over.
    """

    def __init__(
        self, stalled: Callable[..., None], *, clock: Callable[[], int], rate: int, text_only: bool = False
    ) -> None:
        self._stalled = stalled
        self._clock = clock
        self._bytes_per_ms = rate * 2 / 1000
        self._text_only = text_only
        self._asked_ms: int | None = None  # the trainee's last word; None while no answer is due
        self._answer: int | None = None  # the utterance that will be the answer
        self._speaking: int | None = None  # the utterance whose audio is coming
        self._least_ms = 0  # how long that one takes to say, at the least
        self._spoken_ms = 0.0  # of it, so far
        self._heard_until_ms = 0.0  # when all audio that was sent will have been heard

    def trainee_said(self, start_ms: int, end_ms: int) -> None:
        """An answer is due from `end_ms` on."""
        self.pause(start_ms)  # who had to speak again had been waiting until then
        self._asked_ms = end_ms

    def buyer_said(self, event_id: int, text: str) -> None:
        """The words of an utterance are known. To who only reads, they are the answer."""
        self._answer = event_id
        self._least_ms = len(text) * LEAST_MS_PER_CHARACTER
        if self._text_only:
            self._answered(self._clock())

    def audio(self, event_id: int, size: int, at_ms: int | None = None) -> None:
        """A piece of the buyer's voice, just sent: `size` bytes of PCM. `at_ms`: now, where the caller knows it."""
        now = self._clock() if at_ms is None else at_ms
        if self._asked_ms is not None:
            self._answered(now)
        elif event_id == self._speaking and now - self._heard_until_ms >= STALL_MS:
            self._stalled(int(self._heard_until_ms), now, where="speech")
        if event_id != self._speaking:
            self._speaking, self._spoken_ms = event_id, 0.0
        length_ms = size / self._bytes_per_ms
        self._spoken_ms += length_ms
        until = self._heard_until_ms
        self._heard_until_ms = (until if until > now else now) + length_ms

    def buyer_done(self, event_id: int) -> None:
        """The utterance was heard to its end, or cut."""
        if event_id == self._answer:
            self._answered(self._clock())
        self._speaking = None

    def pause(self, at_ms: int | None = None) -> None:
        """The line is lost, the call ends, the trainee speaks: nothing is waited for any longer."""
        now = self._clock() if at_ms is None else at_ms
        self._answered(now)
        # An utterance of which not nearly all was heard, and then nothing more.
        unsaid_ms = self._least_ms - self._spoken_ms
        if self._speaking is not None and unsaid_ms >= STALL_MS and now - self._heard_until_ms >= STALL_MS:
            self._stalled(int(self._heard_until_ms), now, where="speech")
        self._speaking = None

    def _answered(self, at_ms: int) -> None:
        asked, self._asked_ms = self._asked_ms, None
        if asked is not None and at_ms - asked >= STALL_MS:
            self._stalled(asked, at_ms, where="reply")
