"""Samples as a file that every browser plays."""

from __future__ import annotations

import io

import av
import numpy as np

CONTENT_TYPE = "audio/mpeg"
BIT_RATE = 48_000


def mp3(pcm: bytes, *, rate: int) -> bytes:
    """16-bit mono PCM as an MP3."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=rate)
        stream.layout = "mono"
        stream.bit_rate = BIT_RATE
        samples = np.frombuffer(pcm[: len(pcm) & ~1], "<i2").reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()
