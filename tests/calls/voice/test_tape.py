"""The tape of a call: both sides at their times, whatever the line did; and nothing after the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calls.voice.recorder import CallTape

RATE = 16000
FRAME_MS = 20
VOICE = b"\1\0" * (RATE * FRAME_MS // 1000)


class Line:
    """A microphone's frames, one for each 20 ms, and when they come."""

    def __init__(self, folder: Path) -> None:
        self.now = 0
        self._file = folder / f"trainee-{RATE}.pcm"
        self.tape = CallTape(folder, clock=lambda: self.now, trainee_rate=RATE, buyer_rate=24000)

    def live(self, *, from_ms: int, to_ms: int) -> None:
        """Each frame comes when it is over."""
        for at in range(from_ms + FRAME_MS, to_ms + 1, FRAME_MS):
            self.now = at
            self.tape.trainee(VOICE)

    def late(self, *, from_ms: int, to_ms: int) -> None:
        """The line stood still all the while, and then all of it comes."""
        self.now = to_ms
        for _frame in range(from_ms, to_ms, FRAME_MS):
            self.tape.trainee(VOICE)

    def kept(self) -> list[tuple[int, int]]:
        """Where on the tape there is a voice: from, to (ms)."""
        self.tape.close()
        loud = np.frombuffer(self._file.read_bytes(), "<i2").reshape(-1, len(VOICE) // 2).any(axis=1)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(int), [0])))) * FRAME_MS
        return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


def test_what_a_line_held_back_stays_where_it_was_said(line: Line) -> None:
    """What comes after it is not moved, either."""
    line.live(from_ms=1000, to_ms=2000)
    line.late(from_ms=2000, to_ms=3000)
    line.live(from_ms=3000, to_ms=4000)
    line.now = 6000
    line.live(from_ms=6000, to_ms=7000)
    assert line.kept() == [(1000, 4000), (6000, 7000)]


def test_a_microphone_that_was_off_leaves_a_silence(line: Line) -> None:
    line.live(from_ms=0, to_ms=1000)
    line.live(from_ms=3000, to_ms=5000)
    assert line.kept() == [(0, 1000), (3000, 5000)]


def test_a_word_after_a_silence_is_kept_before_the_next_silence(line: Line) -> None:
    """It came within the time in which it is not known yet whether more of it was held back."""
    line.live(from_ms=2000, to_ms=2200)
    line.live(from_ms=4000, to_ms=4200)
    assert line.kept() == [(2000, 2200), (4000, 4200)]


def test_what_was_said_after_a_silence_is_on_disk_a_moment_later(line: Line, tmp_path: Path) -> None:
    line.live(from_ms=2000, to_ms=2200)
    line.now = 3000
    line.tape.flush()
    assert (tmp_path / f"trainee-{RATE}.pcm").stat().st_size == RATE * 2 * 2200 // 1000


def test_a_microphone_is_no_faster_than_time(line: Line, tmp_path: Path) -> None:
    line.live(from_ms=0, to_ms=1000)
    for _frame in range(1000):
        line.tape.trainee(VOICE)
    line.tape.close()
    assert (tmp_path / f"trainee-{RATE}.pcm").stat().st_size <= RATE * 2 * 3


def test_both_sides_of_the_tape_keep_the_calls_time(tmp_path: Path) -> None:
    now = 0
    tape = CallTape(tmp_path, clock=lambda: now, trainee_rate=16000, buyer_rate=24000)
    now = 1000
    tape.buyer(bytes(24000 * 2))  # one second, heard from 1 s to 2 s
    now = 1500
    tape.cut_buyer()
    now = 3000
    tape.trainee(bytes(16000 * 2))  # one second, spoken from 2 s to 3 s
    tape.close()
    assert (tmp_path / "buyer-24000.pcm").stat().st_size == 24000 * 2 * 3 // 2
    assert (tmp_path / "trainee-16000.pcm").stat().st_size == 16000 * 2 * 3


def test_a_tape_goes_on_after_a_break(tmp_path: Path) -> None:
    first = CallTape(tmp_path, clock=lambda: 1000, trainee_rate=16000, buyer_rate=24000)
    first.trainee(bytes(32000))
    first.close()
    second = CallTape(tmp_path, clock=lambda: 5000, trainee_rate=16000, buyer_rate=24000)
    second.trainee(bytes(32000))
    second.close()
    assert (tmp_path / "trainee-16000.pcm").stat().st_size == 5 * 32000


def test_what_comes_after_the_end_is_left_out(tmp_path: Path) -> None:
    """The browser sends audio until it has heard that the call is over; the tape is closed by then."""
    tape = CallTape(tmp_path, clock=lambda: 1000, trainee_rate=16000, buyer_rate=24000)
    tape.trainee(b"\1\0" * 400)
    tape.buyer(b"\1\0" * 400)
    tape.close()
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    tape.trainee(b"\1\0" * 400)
    tape.buyer(b"\1\0" * 400)
    tape.cut_buyer()
    tape.flush()
    tape.close()
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == sizes
