"""Kokoro-82M by onnxruntime: phonemes and a style in, 24 kHz speech out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from integrations.speech.weights import Weights

RATE = 24000
MOST_PHONEMES = 500  # the model's context is 512
QUIET = 0.01  # amplitude below which the model's lead-in and tail are cut
MARGIN = int(0.03 * RATE)

Samples = npt.NDArray[np.float32]


class Kokoro:
    """Loads on first use. Runs from several threads share the session's `threads`."""

    def __init__(self, weights: Weights, *, threads: int) -> None:
        self._weights = weights
        self._threads = threads
        self._lock = threading.Lock()
        self._session: Any = None
        self._vocabulary: dict[str, int] = {}
        self._styles: dict[str, Samples] = {}

    def load(self) -> None:
        with self._lock:
            if self._session is not None:
                return
            self._vocabulary = json.loads(self._weights.vocabulary().read_text(encoding="utf-8"))["vocab"]
            options = ort.SessionOptions()
            options.intra_op_num_threads = self._threads
            # Spinning threads steal the other core from recognition: four times slower when both are at work.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            options.log_severity_level = 3
            path = self._weights.model("kokoro") / "model.onnx"
            self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def has_styles(self, names: Iterable[str]) -> bool:
        return all(name in self._styles or self._weights.voice(name) is not None for name in names)

    def blend(self, parts: tuple[tuple[str, float], ...]) -> Samples:
        """The weighted mean of styles: (510, 1, 256), a row per number of phonemes."""
        return sum((weight * self._style(name) for name, weight in parts), start=np.zeros(1, np.float32))

    def speak(self, phonemes: str, *, style: Samples, pace: float) -> Samples:
        """Speech without the silence around it."""
        self.load()
        known = [self._vocabulary[char] for char in phonemes if char in self._vocabulary][:MOST_PHONEMES]
        if not known:
            return np.zeros(0, np.float32)
        audio = self._session.run(
            None,
            {
                "tokens": np.array([[0, *known, 0]], np.int64),
                "style": style[min(len(known), len(style)) - 1],
                "speed": np.array([pace], np.float32),
            },
        )[0]
        return trimmed(np.asarray(audio, np.float32).ravel())

    def _style(self, name: str) -> Samples:
        if name not in self._styles:
            path = self._weights.voice(name)
            if path is None:
                with np.load(self._weights.spare_voices()) as spare:
                    self._styles[name] = spare[name].reshape(-1, 1, 256)
            else:
                self._styles[name] = np.fromfile(path, np.float32).reshape(-1, 1, 256)
        return self._styles[name]


def trimmed(audio: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(audio) > QUIET)
    if loud.size == 0:
        return audio[:0]
    return audio[max(0, int(loud[0]) - MARGIN) : int(loud[-1]) + MARGIN]
