"""What the buyer is saying, while it is said: the vendor sends words and sound apart, and sound faster than it is played.

Times are milliseconds of the call's clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from integrations.voice.events import AudioOut
from integrations.voice.speaking import estimated_ms

MOST_KEPT = 3000  # pieces of sound: a minute, however small the pieces
COMPLETE = 0.85  # of the estimated length: so much sound is taken for all of it


@dataclass(slots=True)
class Reply:
    """`theirs` is the vendor's number of it, `event_id` ours. `asked_ms`: when the trainee had finished asking, None for
    what nobody asked for. `text` is "" until the words are known."""

    theirs: int
    event_id: int
    asked_ms: int | None
    text: str = ""
    start_ms: int | None = None
    until_ms: int = 0  # when what was received so far will have been played
    first_audio_ms: int | None = None
    born_ms: int = 0

    def hear(self, now: int, duration_ms: int) -> int:
        """More of its sound came; returns when that will have been played."""
        if self.start_ms is None:
            self.start_ms = self.until_ms = now
            self.first_audio_ms = None if self.asked_ms is None else max(0, now - self.asked_ms)
        # What comes late begins late.
        until = self.until_ms
        self.until_ms = until = (until if until > now else now) + duration_ms
        return until

    @property
    def audio_ms(self) -> int:
        return 0 if self.start_ms is None else self.until_ms - self.start_ms

    def complete(self) -> bool:
        """Has all of its sound come, by what its words would take?"""
        return self.audio_ms >= COMPLETE * estimated_ms(self.text)

    def heard_until(self, now: int) -> str:
        """The words that were heard by now, by the share of their time that has passed."""
        if self.start_ms is None:
            return ""
        whole = max(self.audio_ms, estimated_ms(self.text), 1)
        heard = min(max(0, now - self.start_ms), self.audio_ms)
        words = self.text.split()
        return " ".join(words[: int(len(words) * heard / whole)])


class Playing:
    """The sound that the browser was given and has not played yet: a line that is lost loses it, so it is kept."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[int, int, AudioOut]] = deque(maxlen=MOST_KEPT)  # (played until, duration, piece)

    def add(self, until_ms: int, duration_ms: int, audio: AudioOut, *, now: int) -> None:
        pieces = self._pieces
        while pieces and pieces[0][0] <= now:
            pieces.popleft()
        pieces.append((until_ms, duration_ms, audio))

    def take_unplayed(self, now: int) -> list[tuple[int, AudioOut]]:
        """(duration, piece) of what was not played by now; they are then forgotten."""
        left = [(duration, audio) for until, duration, audio in self._pieces if until > now]
        self._pieces.clear()
        return left

    def clear(self) -> None:
        self._pieces.clear()
