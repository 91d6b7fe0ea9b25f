"""Sentences as vectors: the port."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    dimensions: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Array (len(texts), dimensions), rows of length 1, so that a dot product is the cosine similarity.

        The same text gives the same row whatever stands beside it. Any text is fine, an empty one too.
        """
        ...
