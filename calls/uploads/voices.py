"""Which of two speakers says which piece, where both are on one channel: a suggestion, which a person confirms or changes.

Each piece is described by the shape of its sound (cepstral means) and its pitch; pieces fall into two groups. Where the two
groups are hardly apart, the speakers are taken to take turns. Nothing of the description is kept: it is no voiceprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from calls.uploads.models import FIRST, SECOND
from calls.uploads.sound import Span
from integrations.speech.decoding import RATE

Vector = npt.NDArray[np.float64]

WINDOW, HOP, FFT = 400, 160, 512
BANDS, COEFFICIENTS = 26, 12
LOWEST_HZ, HIGHEST_HZ = 100.0, 4000.0
DEEPEST_VOICE_HZ, HIGHEST_VOICE_HZ = 70, 350
VOICED = 0.45
LOUD_DB = 30.0  # below the loudest window of the piece: only silence and breath
PITCH_WEIGHT = 2.5
LEAST_MS = 600  # of a piece that says something about its speaker
ROUNDS = 30
# How many times farther apart two voices are than the pieces of one voice are spread.
LEAST_APART = 1.5
# Differences as small as these (of each mean, and of the pitch) are one voice.
SAME_VOICE = np.array([0.2] * COEFFICIENTS + [0.03])
# Somebody else speaks after so long a pause, where nothing else tells.
TURN_PAUSE_MS = 700


def tell_apart(pieces: Sequence[tuple[Span, Vector | None]]) -> tuple[list[str], str]:
    """A speaker for each piece, and how they were told apart: `voices` or `turns`. The same input gives the same answer."""
    described = [(index, vector) for index, (_span, vector) in enumerate(pieces) if vector is not None]
    groups = _two_groups([vector for _index, vector in described])
    spans = [span for span, _vector in pieces]
    if groups is None:
        return by_turns(spans), "turns"
    speakers: list[str] = [""] * len(pieces)
    for (index, _vector), second in zip(described, groups, strict=True):
        speakers[index] = SECOND if second else FIRST
    for index, speaker in enumerate(speakers):  # too short to tell: whoever spoke last goes on
        speakers[index] = speaker or (speakers[index - 1] if index else next(one for one in speakers if one))
    if speakers and speakers[0] == SECOND:  # who speaks first is the first speaker
        speakers = [FIRST if speaker == SECOND else SECOND for speaker in speakers]
    return speakers, "voices"


def by_turns(spans: Sequence[Span]) -> list[str]:
    """Turn by turn: a long pause hands over."""
    speakers: list[str] = []
    for index, span in enumerate(spans):
        last = speakers[-1] if speakers else SECOND
        pause = span.start_ms - spans[index - 1].end_ms if index else TURN_PAUSE_MS
        speakers.append((SECOND if last == FIRST else FIRST) if pause >= TURN_PAUSE_MS else last)
    return speakers


def describe(pcm: bytes) -> Vector | None:
    """Twelve cepstral means and the weighted pitch of a piece; None for one too short or without a voice."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64) / 32768
    if len(samples) < LEAST_MS * RATE // 1000:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    power = np.mean(windows * windows, axis=1)
    loud = windows[10 * np.log10(power + 1e-9) > 10 * np.log10(power.max() + 1e-9) - LOUD_DB]
    pitch = _pitch(loud)
    if pitch is None:
        return None
    spectrum = np.abs(np.fft.rfft(loud * np.hanning(WINDOW), FFT)) ** 2
    bands = np.log(spectrum @ _filters().T + 1e-10)
    return np.append((bands @ _cosines().T).mean(axis=0), pitch)


def _pitch(windows: Vector) -> float | None:
    """The median pitch of the voiced windows, log2 of Hz; by autocorrelation over two windows' length."""
    centred = windows - windows.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(centred, 2 * FFT)) ** 2
    correlation = np.fft.irfft(spectrum)[:, : WINDOW - 40]
    correlation = correlation / (correlation[:, :1] + 1e-9)
    low, high = RATE // HIGHEST_VOICE_HZ, RATE // DEEPEST_VOICE_HZ
    # A window holds fewer periods of a deeper voice, so its peak is lower by nature.
    lags = np.arange(low, high)
    shown = correlation[:, low:high] / (1 - lags / WINDOW)
    best = shown.argmax(axis=1)
    voiced = shown[np.arange(len(shown)), best] > VOICED
    if voiced.sum() < 5:
        return None
    return float(np.median(np.log2(RATE / lags[best[voiced]])))


@cache
def _filters() -> Vector:
    """Triangles on the mel scale."""

    def mel(hz: float) -> float:
        return 2595 * float(np.log10(1 + hz / 700))

    points = 700 * (10 ** (np.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), BANDS + 2) / 2595) - 1)
    hz = np.fft.rfftfreq(FFT, 1 / RATE)
    rising = (hz - points[:-2, None]) / (points[1:-1] - points[:-2])[:, None]
    falling = (points[2:, None] - hz) / (points[2:] - points[1:-1])[:, None]
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None))


@cache
def _cosines() -> Vector:
    orders = np.arange(1, COEFFICIENTS + 1)[:, None]
    return np.asarray(np.cos(np.pi * orders * (np.arange(BANDS) + 0.5) / BANDS) * np.sqrt(2 / BANDS))


def _two_groups(vectors: Sequence[Vector]) -> list[bool] | None:
    """Two means from the two ends of the main axis; None where the groups are too near or one is nearly empty."""
    if len(vectors) < 4:
        return None
    data = np.stack(vectors)
    data = (data - data.mean(axis=0)) / np.maximum(data.std(axis=0), SAME_VOICE)
    data[:, -1] *= PITCH_WEIGHT
    _u, _s, axes = np.linalg.svd(data, full_matrices=False)
    second = data @ axes[0] > 0
    for _round in range(ROUNDS):
        if not 0 < second.sum() < len(second):
            return None
        one, two = data[~second].mean(axis=0), data[second].mean(axis=0)
        nearer = np.linalg.norm(data - two, axis=1) < np.linalg.norm(data - one, axis=1)
        if (nearer == second).all():
            break
        second = nearer
    spread = np.sqrt(np.mean(np.where(second, np.sum((data - two) ** 2, 1), np.sum((data - one) ** 2, 1))))
    if np.linalg.norm(one - two) < LEAST_APART * max(float(spread), 1.0):
        return None
    return [bool(value) for value in second]
