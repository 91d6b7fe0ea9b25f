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
# The network delivers unevenly; only a longer pause than this is silence.
GAP_MS = 400
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
        return self._bytes * 1000 // (self.rate * BYTES)

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


class CallTape:
    """`clock`: ms since the call's start. The buyer's audio comes ahead of its time, so it is laid end to end from now."""

    def __init__(self, folder: Path, *, clock: Callable[[], int], trainee_rate: int, buyer_rate: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._clock = clock
        self._trainee = Side(folder / f"trainee-{trainee_rate}.pcm", trainee_rate)
        self._buyer = Side(folder / f"buyer-{buyer_rate}.pcm", buyer_rate)
        # The browser's last frames come in after the call has ended.
        self._rolling = True

    def trainee(self, pcm: bytes) -> None:
        if not self._rolling:
            return
        now = self._clock()
        piece_ms = len(pcm) * 1000 // (self._trainee.rate * BYTES)
        start = now - piece_ms
        if start - self._trainee.length_ms > GAP_MS:
            self._trainee.pad_to(start)
        # A microphone cannot be faster than time; what is too early is not kept.
        if self._trainee.length_ms - now < GAP_MS * 5:
            self._trainee.write(pcm)

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
        self._trainee.flush()
        self._buyer.flush()

    def close(self) -> None:
        self._rolling = False
        self._trainee.close()
        self._buyer.close()
