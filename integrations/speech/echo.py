"""Is the microphone hearing the loudspeaker? Browsers cancel echo, but not perfectly and not everywhere.

An echo is a delayed, coloured copy of what was played, so it correlates with it at some delay; another person's voice
does not. Costs a few milliseconds, and only when somebody seems to cut in.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

RATE = 8000  # enough to tell voices apart
ECHO = 0.55  # normalised correlation; the same voice saying something else stays below 0.5
_EPSILON = 1e-9


def likeness(heard: bytes, played: bytes, *, heard_rate: int, played_rate: int) -> float:
    """0–1: the best normalised correlation of what was heard with any stretch of what was played.
    Both 16-bit mono PCM; `played` is the longer one."""
    mic = _samples(heard, heard_rate)
    out = _samples(played, played_rate)
    if mic.size < RATE // 20 or out.size < mic.size:
        return 0.0
    size = 1 << (out.size + mic.size).bit_length()
    products = np.fft.irfft(np.fft.rfft(out, size) * np.conj(np.fft.rfft(mic, size)), size)
    products = products[: out.size - mic.size + 1]
    energy = np.concatenate([[0.0], np.cumsum(np.square(out, dtype=np.float64))])
    windows = energy[mic.size :] - energy[: energy.size - mic.size]
    scale = np.sqrt(np.maximum(windows, 0.0) * float(np.square(mic, dtype=np.float64).sum()))
    # Where next to nothing was played there is no echo, only division by almost zero.
    audible = windows > max(float(windows.max()) * 1e-3, _EPSILON)
    if not audible.any():
        return 0.0
    return float(np.clip(np.max(products[audible] / (scale[audible] + _EPSILON)), 0.0, 1.0))


def _samples(pcm: bytes, rate: int) -> npt.NDArray[np.float32]:
    audio: npt.NDArray[np.float32] = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
    return audio if rate == RATE or audio.size == 0 else soxr.resample(audio, rate, RATE)
