"""When has the trainee finished? Pure: probabilities of speech in, frame by frame; what happened out.

A fixed silence is either slow for quick talkers or cuts off slow ones. So the silence that ends a turn follows the pauses
that this speaker makes inside turns, and is shorter after a sentence that sounds finished than after "and".
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

SHORTEST_MS = 350
LONGEST_MS = 1200
FIRST_MS = 480  # before anything is known of the speaker
PAUSE_MS = 128  # shorter silences belong to words
SPEECH_ON = 0.55
SPEECH_OFF = 0.35
ONSET_FRAMES = 3
LEAST_SPEECH_MS = 130  # of voiced frames; shorter is a click
SOON_MS = 700  # speech this soon after a turn was closed: it was closed too early
REMEMBERED = 12

_TRAILING = re.compile(
    r"(?:,|…|\.\.\.|-|\b(?:and|but|or|so|because|if|that|the|a|an|to|of|with|for|my|your|our|um|uh|like|well"
    r"|y|o|pero|porque|si|que|el|la|los|las|un|una|de|con|para|mi|su|eh|este|pues|entonces))[\s.]*$",
    re.IGNORECASE,
)
_FINISHED = re.compile(r"[.?!][\"'”’»]?$")


def completeness(text: str) -> float:
    """How much of the usual patience a turn with these words needs: less than 1 when it sounds finished."""
    if not text:
        return 1.0
    if _TRAILING.search(text):
        return 1.7
    return 0.8 if _FINISHED.search(text) else 1.0


class Patience:
    """The silence in ms after which a turn is over, learnt from one speaker's pauses."""

    def __init__(self) -> None:
        self._pauses: deque[int] = deque(maxlen=REMEMBERED)

    def paused_within(self, ms: int) -> None:
        """The speaker paused this long and went on."""
        self._pauses.append(min(ms, LONGEST_MS))

    def timeout_ms(self, *, factor: float = 1.0) -> int:
        base = float(FIRST_MS)
        if len(self._pauses) >= 3:
            ordered = sorted(self._pauses)
            base = ordered[int(0.8 * (len(ordered) - 1))] * 1.25 + 80
        return int(min(LONGEST_MS, max(SHORTEST_MS, base * factor)))


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """`at_ms`: where in the audio the speech began."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """Silence for `PAUSE_MS` since `end_ms`: a good moment to start recognising."""

    end_ms: int


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The turn is over. `voiced_ms`: how much of it was speech."""

    start_ms: int
    end_ms: int
    voiced_ms: int


Signal = SpeechBegan | SpeechPaused | SpeechResumed | SpeechEnded


@dataclass(slots=True)
class Endpointer:
    """Feed it every frame; times are of the audio fed so far. `factor` scales the patience for the words heard so far."""

    frame_ms: int
    patience: Patience = field(default_factory=Patience)
    factor: float = 1.0
    position_ms: int = 0
    speaking: bool = False  # between SpeechBegan and SpeechEnded
    voiced_ms: int = 0
    start_ms: int = 0
    end_ms: int = 0  # where the last voiced frame ended
    _onset: int = 0
    _paused: bool = False
    _last_ended_ms: int | None = None
    _voiced: bool = False

    def feed(self, probability: float) -> list[Signal]:
        self.position_ms += self.frame_ms
        voiced = probability >= (SPEECH_OFF if self._voiced else SPEECH_ON)
        self._voiced = voiced
        return self._heard_voice() if voiced else self._heard_silence()

    @property
    def silent_ms(self) -> int:
        return self.position_ms - self.end_ms

    def _heard_voice(self) -> list[Signal]:
        out: list[Signal] = []
        self.voiced_ms += self.frame_ms
        if not self.speaking:
            self._onset += 1
            if self._onset < ONSET_FRAMES:
                return out
            self.speaking = True
            self._paused = False
            self.start_ms = self.position_ms - ONSET_FRAMES * self.frame_ms
            self.factor = 1.0
            if self._last_ended_ms is not None and self.start_ms - self._last_ended_ms <= LONGEST_MS + SOON_MS:
                gap = self.start_ms - self._last_ended_ms
                if gap <= self.patience.timeout_ms() + SOON_MS:
                    self.patience.paused_within(gap)
            out.append(SpeechBegan(self.start_ms))
        elif self._paused:
            self._paused = False
            self.patience.paused_within(self.silent_ms - self.frame_ms)
            self.factor = 1.0
            out.append(SpeechResumed(self.position_ms - self.frame_ms))
        self.end_ms = self.position_ms
        return out

    def _heard_silence(self) -> list[Signal]:
        if not self.speaking:
            self._onset = 0
            self.voiced_ms = 0
            return []
        out: list[Signal] = []
        if not self._paused and self.silent_ms >= PAUSE_MS:
            self._paused = True
            out.append(SpeechPaused(self.end_ms))
        if self.silent_ms >= self.patience.timeout_ms(factor=self.factor):
            out.append(self._end())
        return out

    def _end(self) -> SpeechEnded:
        ended = SpeechEnded(self.start_ms, self.end_ms, self.voiced_ms)
        self.speaking = self._paused = False
        self._onset = self.voiced_ms = 0
        self._last_ended_ms = self.end_ms
        return ended
