"""One utterance of either side while it is being put together. Times are milliseconds of the call's clock."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class TraineeUtterance:
    """`finals`: pieces that will not change any more; `partial`: what may."""

    event_id: int
    start_ms: int
    finals: list[str] = field(default_factory=list)
    partial: str = ""
    speaking: bool = False
    end_ms: int | None = None
    final_at: int | None = None
    words_at: int = 0

    def words(self, text: str, now: int, *, final: bool) -> None:
        self.words_at = now
        if not final:
            self.partial = text
            return
        self.finals.append(text)
        self.partial = ""
        self.final_at = now
        if self.end_ms is None:
            self.end_ms = now

    def stops(self, now: int) -> None:
        self.speaking = False
        self.end_ms = now

    def text(self) -> str:
        return " ".join([*self.finals, self.partial]).strip()

    def quiet(self, now: int, quiet_ms: int) -> bool:
        """Nothing more comes: no voice, and no words, for this long; for twice as long where the words are not final."""
        last = max(self.end_ms or 0, self.words_at, self.start_ms)
        return not self.speaking and now - last >= (2 * quiet_ms if self.partial else quiet_ms)


@dataclass(slots=True)
class BuyerUtterance:
    """`spoken_text` and `planned` are known before they are heard, `finals` while they are. `audio_ms`: sound so far."""

    event_id: int
    start_ms: int
    turn: int | None = None
    finals: list[str] = field(default_factory=list)
    partial: str = ""
    planned: str = ""
    planned_turn: str | None = None
    spoken_text: str = ""
    audio_ms: int = 0
    first_audio_ms: int | None = None
    stopped_at: int | None = None

    def words(self, text: str, *, final: bool) -> None:
        if final:
            self.finals.append(text)
            self.partial = ""
        else:
            self.partial = text

    def plan(self, text: str, turn: str | None) -> None:
        self.planned = " ".join(text.split())
        self.planned_turn = turn

    def hear(self, now: int, audio_ms: int) -> bool:
        """Some more sound; True for the first."""
        first = self.audio_ms == 0
        if first:
            self.start_ms = now
        self.audio_ms += audio_ms
        return first

    def goes_on(self, turn: int | None) -> bool:
        """Does speech that starts now belong to this one?"""
        if self.stopped_at is None:
            return True
        return turn is not None and turn == self.turn

    def end_ms(self, now: int) -> int:
        """When its last sound will have been played."""
        if self.audio_ms:
            return self.start_ms + self.audio_ms
        return max(self.start_ms, self.stopped_at if self.stopped_at is not None else now)

    def over(self, now: int, *, grace_ms: int, silent_ms: int) -> bool:
        if self.stopped_at is not None:
            # Its sound may come faster than it is played.
            return now - self.stopped_at >= grace_ms and now >= self.end_ms(now)
        known = self.audio_ms or self.finals or self.spoken_text
        return bool(known) and now - self.end_ms(self.start_ms) >= silent_ms

    def text(self) -> str:
        """What was said: the transcript where there is one, else what was to be said."""
        said = " ".join(self.finals).strip()
        return said or self.spoken_text or self.planned or self.partial

    def whole_text(self) -> str:
        """What was begun: the longest that is known of it."""
        said = " ".join([*self.finals, self.partial]).strip()
        return max((said, self.spoken_text, self.planned), key=len)

    def heard_of(self, original: str, now: int, estimated_ms: int) -> str:
        """The words that were heard until `now`, by the share of their time that had passed."""
        heard_ms = min(self.audio_ms, max(0, now - self.start_ms))
        whole_ms = max(self.audio_ms, estimated_ms, 1)
        if self.stopped_at is not None and heard_ms >= self.audio_ms > 0:
            return original
        words = original.split()
        return " ".join(words[: int(len(words) * heard_ms / whole_ms)])
