"""Where somebody speaks, on which channel, and which of two voices it is."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.uploads import voices
from calls.uploads.sound import LONGEST_PIECE_MS, Span, are_two_people, levels, pieces_of
from integrations.speech.decoding import NotAudio, TooLong, decode_to_files

from .sounds import HIGH, LOW, dialogue, hum, shared_dialogue, track, wav


def decoded(content: bytes, folder: Path, most_seconds: float = 60) -> tuple[list[Path], int]:
    targets = [folder / "0.pcm", folder / "1.pcm"]
    channels, ms = decode_to_files(io.BytesIO(content), targets, most_seconds=most_seconds)
    return targets[:channels], ms


def test_a_stereo_file_becomes_two_channels_of_the_same_length(tmp_path: Path) -> None:
    files, ms = decoded(dialogue(), tmp_path)
    assert ms == 12_000
    assert [file.stat().st_size for file in files] == [12 * 32_000] * 2


def test_what_is_too_long_stops_while_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(TooLong):
        decoded(dialogue(), tmp_path, most_seconds=5)


@pytest.mark.parametrize("content", [b"", b"MZ" + bytes(500), b"RIFF\0\0\0\0WAVE", dialogue()[:44]])
def test_what_cannot_be_played_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotAudio):
        decoded(content, tmp_path)


def test_each_side_on_its_own_channel_is_seen(tmp_path: Path) -> None:
    (left, right), _ms = decoded(dialogue(), tmp_path)
    assert are_two_people(levels(left), levels(right))


def test_a_room_in_stereo_is_not_two_channels(tmp_path: Path) -> None:
    both = track((LOW, 2.0), (0, 0.5), (HIGH, 2.0))
    (left, right), _ms = decoded(wav(both, (both * 0.9).astype(np.int16)), tmp_path)
    assert not are_two_people(levels(left), levels(right))


def test_a_channel_on_which_nobody_speaks_is_nobodys(tmp_path: Path) -> None:
    both = track((LOW, 3.0), (0, 0.5), (HIGH, 3.0))
    (left, right), _ms = decoded(wav(both, np.zeros_like(both)), tmp_path)
    assert not are_two_people(levels(left), levels(right))


@given(
    st.lists(st.tuples(st.integers(0, 4000), st.integers(32, 50_000)), max_size=12),
    st.integers(0, 2000),
)
def test_pieces_never_overlap_and_are_never_too_long(gaps: list[tuple[int, int]], pause_ms: int) -> None:
    runs, at = [], 0
    for gap, length in gaps:
        runs.append(Span(at + gap + 1, at + gap + 1 + length))
        at = runs[-1].end_ms
    found = pieces_of(runs, pause_ms=pause_ms, length_ms=at + 500)
    assert all(0 <= piece.start_ms < piece.end_ms <= at + 500 for piece in found)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(found))
    assert all(piece.ms <= LONGEST_PIECE_MS + 320 for piece in found)
    # No speech is lost but noises too short to be any.
    heard = sum(max(0, min(p.end_ms, r.end_ms) - max(p.start_ms, r.start_ms)) for p in found for r in runs)
    assert sum(run.ms for run in runs) - heard <= 160 * len(runs)


def test_two_voices_on_one_channel_are_told_apart() -> None:
    parts = [(LOW, 1.5), (HIGH, 1.2), (LOW, 2.0), (HIGH, 1.5), (HIGH, 1.0), (LOW, 1.4)]
    pieces, at = [], 0
    for pitch, seconds in parts:
        span = Span(at, at + int(seconds * 1000))
        pieces.append((span, voices.describe(hum(pitch, seconds).astype("<i2").tobytes())))
        at = span.end_ms + 400
    who, how = voices.tell_apart(pieces)
    assert (who, how) == (["A", "B", "A", "B", "B", "A"], "voices")


def test_one_voice_is_taken_in_turns() -> None:
    spans = [Span(0, 1500), Span(1900, 3000), Span(4200, 5000), Span(6000, 7000)]
    described = [(span, voices.describe(hum(LOW, span.ms / 1000).astype("<i2").tobytes())) for span in spans]
    assert voices.tell_apart(described) == (["A", "A", "B", "A"], "turns")


def test_what_is_too_short_goes_with_who_spoke_last() -> None:
    low, high = (voices.describe(hum(pitch, 1.5).astype("<i2").tobytes()) for pitch in (LOW, HIGH))
    order = [low, high, None, low, None, high, low]
    pieces = [(Span(at * 2000, at * 2000 + 1500), vector) for at, vector in enumerate(order)]
    assert voices.tell_apart(pieces)[0] == ["A", "B", "B", "A", "A", "B", "A"]


def test_silence_has_no_voice() -> None:
    assert voices.describe(bytes(32_000)) is None
    assert voices.describe(hum(LOW, 0.3).tobytes()) is None
    assert shared_dialogue()[:4] == b"RIFF"
