"""Recordings for tests: hums of a given pitch that stand for voices, and silence. Times in seconds."""

from __future__ import annotations

import io
import wave

import numpy as np

from integrations.speech.decoding import RATE

LOW, HIGH = 110.0, 215.0  # Hz of two voices
Part = tuple[float, float]  # pitch (0: silence) and length


def hum(pitch: float, seconds: float) -> np.ndarray:
    """A voice-like sound with the resonances of its pitch; int16 samples."""
    t = np.arange(int(seconds * RATE)) / RATE
    if not pitch:
        return np.zeros(len(t), dtype=np.int16)
    centre = 500 + pitch * 2
    partials = np.arange(1, 30)
    weights = np.exp(-(((partials * pitch - centre) / 700) ** 2)) + 0.05
    waves = np.sin(2 * np.pi * pitch * partials[:, None] * t) * weights[:, None]
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)
    sound = waves.sum(axis=0) * syllables
    return (sound / np.abs(sound).max() * 12000).astype(np.int16)


def track(*parts: Part) -> np.ndarray:
    return np.concatenate([hum(pitch, seconds) for pitch, seconds in parts])


def wav(*channels: np.ndarray) -> bytes:
    """The channels as one WAV file; the shorter ones end in silence."""
    length = max(len(channel) for channel in channels)
    padded = [np.pad(channel, (0, length - len(channel))) for channel in channels]
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.stack(padded, axis=1).astype("<i2").tobytes())
    return target.getvalue()


def dialogue() -> bytes:
    """Twelve seconds: the left channel speaks, the right one answers, twice."""
    left = track((LOW, 2.0), (0, 3.0), (LOW, 2.0), (0, 5.0))
    right = track((0, 2.5), (HIGH, 2.0), (0, 3.0), (HIGH, 3.0))
    return wav(left, right)


def shared_dialogue() -> bytes:
    """Both voices on one channel."""
    voices = [(LOW, 1.5), (0, 0.5), (HIGH, 1.5), (0, 0.5)] * 4
    return wav(track(*voices))
