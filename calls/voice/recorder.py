"""Both sides of a call on disk, as they are heard, second by second: a crash costs at most the last one.

Each side is a raw file (16-bit mono PCM; its rate is in the name) whose length is the time since the call's start, silence
included, so that the two sides line up and a call that goes on after a break appends to them. The finished recording is
made from them later (`calls.recordings`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

BYTES = 2
# The network delivers unevenly; only a longer pause than this is silence, or a line that stood still.
GAP_MS = 400
# Which of the two it was is known after this: what a line held back comes all at once.
CATCH_UP_MS = 500
# A microphone cannot be faster than time; what is this early is not kept.
EARLY_MS = 2000
BUFFER = 64 * 1024


def spool_folder(schema_name: str, call_id: UUID | str) -> Path:
    return Path(settings.CALL_SPOOL_DIR) / schema_name / str(call_id)


class Side:
    """One speaker's file."""

    def __init__(self, path: Path, rate: int) -> None:
        self.rate = rate
        self._file: BinaryIO = path.open("ab", buffering=BUFFER)
        self._bytes = path.stat().st_size

    @property
    def length_ms(self) -> int:
        return self._ms(self._bytes)

    def _ms(self, size: int) -> int:
        return size * 1000 // (self.rate * BYTES)

    def pad_to(self, at_ms: int) -> None:
        missing = at_ms * self.rate // 1000 * BYTES - self._bytes
        while missing > 0:
            piece = bytes(min(missing, BUFFER))
            self._file.write(piece)
            self._bytes += len(piece)
            missing -= len(piece)

    def write(self, pcm: bytes) -> None:
        self._file.write(pcm)
        self._bytes += len(pcm)

    def cut_at(self, at_ms: int) -> None:
        self._file.flush()
        keep = min(self._bytes, max(0, at_ms) * self.rate // 1000 * BYTES)
        self._file.truncate(keep)
        self._bytes = keep

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        with contextlib.suppress(ValueError):
            self._file.close()


class SpokenSide(Side):
    """What comes live from a microphone over a line that may stand still. What is said meanwhile comes late and all at
    once, and belongs into the gap; after a microphone that was off, the gap stays silent."""

    def __init__(self, path: Path, rate: int) -> None:
        super().__init__(path, rate)
        self._late = bytearray()  # what came since the gap, until it is known where it belongs
        self._late_from = self._late_until = 0  # when the first and the last of it came

    def hear(self, pcm: bytes, now: int) -> None:
        """`pcm` arrived at `now` (ms of the call)."""
        self.settle(now)
        early = self.length_ms + self._ms(len(self._late)) - now
        if early >= EARLY_MS:
            return
        if self._late or -early - self._ms(len(pcm)) > GAP_MS:
            if not self._late:
                self._late_from = now
            self._late_until = now
            self._late += pcm
        else:
            self.write(pcm)

    def settle(self, now: int | None = None) -> None:
        """Put down what came after a gap where it belongs: ending when it came to its end. Without `now`, at once."""
        if not self._late or (now is not None and now - self._late_from < CATCH_UP_MS):
            return
        self.pad_to(self._late_until - self._ms(len(self._late)))
        self.write(bytes(self._late))
        self._late.clear()

    def close(self) -> None:
        with contextlib.suppress(ValueError):
            self.settle()
        super().close()


class CallTape:
    """`clock`: ms since the call's start. The buyer's audio comes ahead of its time, so it is laid end to end from now."""

    def __init__(self, folder: Path, *, clock: Callable[[], int], trainee_rate: int, buyer_rate: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._clock = clock
        self._trainee = SpokenSide(folder / f"trainee-{trainee_rate}.pcm", trainee_rate)
        self._buyer = Side(folder / f"buyer-{buyer_rate}.pcm", buyer_rate)
        # The browser's last frames come in after the call has ended.
        self._rolling = True

    def trainee(self, pcm: bytes) -> None:
        if self._rolling:
            self._trainee.hear(pcm, self._clock())

    def buyer(self, pcm: bytes) -> None:
        if not self._rolling:
            return
        self._buyer.pad_to(self._clock())
        self._buyer.write(pcm)

    def cut_buyer(self) -> None:
        if not self._rolling:
            return
        self._buyer.cut_at(self._clock())

    def flush(self) -> None:
        if not self._rolling:
            return
        self._trainee.settle(self._clock())
        self._trainee.flush()
        self._buyer.flush()

    def close(self) -> None:
        self._rolling = False
        self._trainee.close()
        self._buyer.close()
