"""The browser sends audio until it has heard that the call is over; the tape is closed by then."""

from __future__ import annotations

from pathlib import Path

from calls.voice.recorder import CallTape


def test_what_comes_after_the_end_is_left_out(tmp_path: Path) -> None:
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
