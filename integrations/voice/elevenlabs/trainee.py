"""When the trainee spoke: the vendor tells the words, and not when they were said. Times are ms of the call's clock."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from integrations.voice.speaking import estimated_ms

SPEAKS = 0.5  # of the vendor's voice score
PAUSE_MS = 1500  # longer than this without voice: what came before was another sound
ENDPOINT_MS = 500  # what an agent usually waits before it takes a turn for finished
ECHO_MS = 10_000


class Trainee:
    """Fed with voice scores and guesses as they come; asked for times when the words are settled."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._voice_from: int | None = None
        self._voice_until: int | None = None
        self._words_from: int | None = None
        self._last_end = 0
        self._typed: deque[tuple[int, str]] = deque(maxlen=20)
        self._settled = asyncio.Event()
        self.unfinished = ""  # what seems to be said, until it is settled
        self.asked_ms: int | None = None  # when the last turn ended, until it is answered

    def voice(self, score: float) -> None:
        if score < SPEAKS:
            return
        now = self._clock()
        quiet = self._voice_until is None or now - self._voice_until > PAUSE_MS
        if self._voice_from is None or (quiet and not self.unfinished):
            self._voice_from = now
        self._voice_until = now
        self._settled.clear()

    def tentative(self, text: str) -> None:
        if self._words_from is None:
            self._words_from = self._clock() - estimated_ms(text)
        self.unfinished = text
        self._settled.clear()

    def times(self, text: str) -> tuple[int, int]:
        """Start and end of the utterance that has just been settled."""
        now = self._clock()
        end = self._voice_until
        if end is None or end < self._last_end:
            end = now - ENDPOINT_MS
        end = max(end, self._last_end)
        start = self._voice_from
        if start is None or start < self._last_end:
            start = self._words_from if self._words_from is not None else end - estimated_ms(text)
        return min(max(start, self._last_end), end), end

    def finished(self) -> None:
        """The utterance was told."""
        self._last_end = self._clock()
        self._voice_from = self._voice_until = self._words_from = None
        self.unfinished = ""
        self._settled.set()

    @property
    def midway(self) -> bool:
        """Something was said, or is being said, of which the words are not settled."""
        voice = self._voice_until
        return bool(self.unfinished) or (voice is not None and self._clock() - voice < PAUSE_MS)

    async def settled(self) -> None:
        await self._settled.wait()

    def take_asked(self) -> int | None:
        asked, self.asked_ms = self.asked_ms, None
        return asked

    # -- typed turns, which the vendor may or may not repeat ------------------------------------------------------------
    def typed(self, text: str) -> None:
        self._typed.append((self._clock(), _plain(text)))

    def was_typed(self, text: str) -> bool:
        """Is this transcript only what we sent as text? Each text is repeated once at most."""
        now = self._clock()
        while self._typed and now - self._typed[0][0] > ECHO_MS:
            self._typed.popleft()
        for entry in self._typed:
            if entry[1] == _plain(text):
                self._typed.remove(entry)
                return True
        return False


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
