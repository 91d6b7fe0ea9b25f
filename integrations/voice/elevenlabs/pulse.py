"""Whether the vendor is still alive: its socket may stay open while nothing comes any more."""

from __future__ import annotations

import time

STALL_SECONDS = 8.0  # without any frame, where pings were regular
GAPS_MISSED = 4  # of the longest pause between two pings


class Pulse:
    """How often the vendor pings is not written anywhere, so it is learnt from the pings themselves.

    `frames` is counted up by who receives them; when the newest came is known as finely as `stopped` is asked.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A conversation begins."""
        self._last_frame = self._last_ping = time.monotonic()
        self.frames = self._counted = 0
        self._pings = 0
        self._gap = 0.0

    def ping(self) -> None:
        now = time.monotonic()
        if self._pings:
            self._gap = max(self._gap, now - self._last_ping)
        self._pings += 1
        self._last_ping = now

    @property
    def stopped(self) -> bool:
        now = time.monotonic()
        if self.frames != self._counted:
            self._counted, self._last_frame = self.frames, now
        quiet = now - self._last_frame
        return self._pings > 1 and quiet > max(STALL_SECONDS, GAPS_MISSED * self._gap)
