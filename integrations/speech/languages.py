"""Which language is spoken? Asked of the embedded multilingual Whisper, so nothing leaves the installation for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from integrations.speech.stt import RATE, Samples, Whisper

# Whisper looks at thirty seconds; fewer than these say little.
LEAST_SECONDS = 1.5


class LanguageDetector(Protocol):
    def detect(self, clips: Sequence[bytes]) -> dict[str, float]:
        """How likely each language is (ISO 639-1 → 0–1) over clips of 16 kHz PCM; empty where there is too little."""
        ...


class WhisperLanguages:
    def __init__(self, model: Whisper) -> None:
        self._model = model

    def detect(self, clips: Sequence[bytes]) -> dict[str, float]:
        """The mean over the clips, weighted by their length."""
        total: dict[str, float] = {}
        seconds = 0.0
        for clip in clips:
            audio: Samples = np.frombuffer(clip, "<i2").astype(np.float32) / np.float32(32768)
            length = len(audio) / RATE
            if length < LEAST_SECONDS:
                continue
            _best, _probability, every = self._model.load().detect_language(audio=audio)
            seconds += length
            for name, probability in every:
                total[name] = total.get(name, 0.0) + float(probability) * length
        return {name: value / seconds for name, value in total.items()} if seconds else {}
