"""What is in the sound of an upload: whether its two channels are two people, and where somebody speaks.

All of it works on raw 16 kHz files on disk, piece by piece, so that an hour costs no more memory than a minute.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from integrations.speech.decoding import RATE
from integrations.speech.vad import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SPEECH, SileroDetector

Levels = npt.NDArray[np.float32]

BLOCK_FRAMES = 2000  # about a minute
SILENT_DB = -60.0  # of full scale
QUIET_DB = -45.0
# One channel is this much louder than the other where only its speaker can be heard.
DOMINANT_DB = 6.0
# A microphone hears the other speaker, too; what is this much fainter than the other channel is the other speaker.
BLEED_DB = 9.0
LEAST_DOMINATED = 0.7
LEAST_SHARE = 0.04
# Speech that short is a noise.
LEAST_SPEECH_MS = 160
# Room before and after, so that no first or last sound is lost.
MARGIN_MS = 160
LONGEST_PIECE_MS = 20_000


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when somebody speaks, in ms."""

    start_ms: int
    end_ms: int

    @property
    def ms(self) -> int:
        return self.end_ms - self.start_ms


def samples_of(path: Path, span: Span) -> bytes:
    """That part of a raw file."""
    with path.open("rb") as file:
        file.seek(span.start_ms * RATE // 1000 * 2)
        return file.read(span.ms * RATE // 1000 * 2)


def frames_of(path: Path) -> Iterator[bytes]:
    """Whole frames of the detector's size, `BLOCK_FRAMES` at a time."""
    with path.open("rb") as file:
        while block := file.read(FRAME_BYTES * BLOCK_FRAMES):
            yield block[: len(block) // FRAME_BYTES * FRAME_BYTES]


def levels(path: Path) -> Levels:
    """The loudness of each frame, in dB of full scale."""
    found = [np.zeros(0, dtype=np.float32)]
    for block in frames_of(path):
        samples = np.frombuffer(block, "<i2").astype(np.float32).reshape(-1, FRAME_SAMPLES) / np.float32(32768)
        power = np.mean(samples * samples, axis=1)
        found.append((10 * np.log10(power + 1e-9)).astype(np.float32))
    return np.concatenate(found)


def are_two_people(left: Levels, right: Levels) -> bool:
    """Does each channel have a speaker of its own? A room recorded in stereo has everybody in both."""
    loud = np.maximum(left, right) > QUIET_DB
    heard = int(loud.sum())
    if not heard:
        return False
    difference = (left - right)[loud]
    mine, theirs = float((difference > DOMINANT_DB).sum()) / heard, float((difference < -DOMINANT_DB).sum()) / heard
    return mine + theirs >= LEAST_DOMINATED and min(mine, theirs) >= LEAST_SHARE


def mix(left: Path, right: Path, target: Path) -> None:
    """Both channels as one."""
    with left.open("rb") as one, right.open("rb") as two, target.open("wb") as mixed:
        while True:
            a = np.frombuffer(one.read(FRAME_BYTES * BLOCK_FRAMES), "<i2").astype(np.int32)
            b = np.frombuffer(two.read(FRAME_BYTES * BLOCK_FRAMES), "<i2").astype(np.int32)
            if not len(a) or not len(b):
                return
            length = min(len(a), len(b))
            mixed.write(((a[:length] + b[:length]) // 2).astype("<i2").tobytes())


def listen(path: Path, voiced: Path, *, own: Levels, other: Levels | None, until: float) -> bool:
    """Note for each frame whether somebody speaks in it, one byte each, from where `voiced` ends. False where time is up.

    `other`: the other channel, whose speaker is not meant. `until`: of `time.monotonic`.
    """
    done = voiced.stat().st_size if voiced.exists() else 0
    detector = SileroDetector()
    with path.open("rb") as file, voiced.open("ab") as notes:
        file.seek(done * FRAME_BYTES)
        while time.monotonic() < until:
            block = file.read(FRAME_BYTES * BLOCK_FRAMES)
            count = len(block) // FRAME_BYTES
            scores = [detector.score(block[at * FRAME_BYTES : (at + 1) * FRAME_BYTES]) for at in range(count)]
            mine = own[done : done + count]
            heard = mine > SILENT_DB
            if other is not None:
                heard &= mine > other[done : done + count] - BLEED_DB
            notes.write(bytes((np.asarray(scores) >= SPEECH) & heard) if count else b"")
            done += count
            if len(block) < FRAME_BYTES * BLOCK_FRAMES:
                return True
    return False


def spoken(voiced: bytes, *, pause_ms: int) -> list[Span]:
    """Where somebody speaks by these notes, cut at pauses of `pause_ms`."""
    flags = np.frombuffer(voiced, np.uint8).astype(bool)
    return pieces_of(runs_of(flags), pause_ms=pause_ms, length_ms=len(flags) * FRAME_MS)


def runs_of(voiced: npt.NDArray[np.bool_]) -> list[Span]:
    """Frames in a row with speech in them."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], voiced.astype(np.int8), [0]])))
    return [Span(int(a) * FRAME_MS, int(b) * FRAME_MS) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def pieces_of(runs: list[Span], *, pause_ms: int, length_ms: int, longest_ms: int = LONGEST_PIECE_MS) -> list[Span]:
    """Runs joined over short pauses, none longer than `longest_ms`, with a margin that stays clear of the neighbours."""
    groups: list[list[Span]] = []
    for run in (part for whole in runs for part in _parts(whole, longest_ms)):
        last = groups[-1] if groups else None
        if last and run.start_ms - last[-1].end_ms <= pause_ms and run.end_ms - last[0].start_ms <= longest_ms:
            last.append(run)
        else:
            groups.append([run])
    spans = [
        Span(group[0].start_ms, group[-1].end_ms) for group in groups if sum(run.ms for run in group) >= LEAST_SPEECH_MS
    ]
    if not spans:
        return []
    starts = [0, *(max((a.end_ms + b.start_ms) // 2, b.start_ms - MARGIN_MS) for a, b in pairwise(spans))]
    ends = [*(min((a.end_ms + b.start_ms) // 2, a.end_ms + MARGIN_MS) for a, b in pairwise(spans)), length_ms]
    return [
        Span(max(start, span.start_ms - MARGIN_MS), min(end, span.end_ms + MARGIN_MS))
        for span, start, end in zip(spans, starts, ends, strict=True)
    ]


def _parts(run: Span, longest_ms: int) -> list[Span]:
    cuts = [*range(run.start_ms, run.end_ms, longest_ms), run.end_ms]
    return [Span(a, b) for a, b in pairwise(cuts)]
