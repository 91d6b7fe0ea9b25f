"""The audio formats an agent may be set to. 16-bit PCM at any rate passes through; µ-law is turned into it and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from integrations.errors import ProviderInvalidAnswer

_NAME = re.compile(r"(pcm|ulaw)_(\d{4,5})")
BIAS = 0x84
CLIP = 32635


@dataclass(frozen=True, slots=True)
class Format:
    """`rate` in Hz."""

    rate: int
    is_pcm: bool

    def duration_ms(self, size: int) -> int:
        """How long this many bytes sound."""
        return size * 1000 // (self.rate * (2 if self.is_pcm else 1))

    def silence(self, ms: int) -> bytes:
        """As 16-bit PCM."""
        return bytes(self.rate * ms // 1000 * 2)

    def decode(self, raw: bytes) -> bytes:
        """To 16-bit PCM."""
        if self.is_pcm:
            return raw
        decoded: bytes = _expanded()[np.frombuffer(raw, np.uint8)].tobytes()
        return decoded

    def encode(self, pcm: bytes) -> bytes:
        """From 16-bit PCM."""
        return pcm if self.is_pcm else _compressed(pcm)


def format_of(name: str) -> Format:
    """Raises `ProviderInvalidAnswer` for a format nobody told us of."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise ProviderInvalidAnswer("an unknown audio format", provider="elevenlabs")
    return Format(int(match[2]), match[1] == "pcm")


@cache
def _expanded() -> np.ndarray:
    """G.711 µ-law: the sample of each of the 256 codes."""
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = (((code & 0x0F).astype(np.int32) << 3) + BIAS) << ((code & 0x70) >> 4).astype(np.int32)
    return np.where(code & 0x80, BIAS - magnitude, magnitude - BIAS).astype("<i2")


def _compressed(pcm: bytes) -> bytes:
    samples = np.frombuffer(pcm, "<i2").astype(np.int32)
    magnitude = np.minimum(np.abs(samples), CLIP) + BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    compressed: bytes = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8).tobytes()
    return compressed
