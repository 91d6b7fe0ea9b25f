"""Speech to text, text to speech and voice detection as ports. Audio is 16-bit mono PCM, little endian."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Transcript:
    """`confidence` 0–1; `elapsed_ms`: how long the recognition took."""

    text: str
    confidence: float
    elapsed_ms: int


class SpeechToText(Protocol):
    def transcribe(self, pcm: bytes, *, rate: int, language: str) -> Transcript:
        """Blocking: call it from a worker thread."""
        ...


class TextToSpeech(Protocol):
    rate: int  # Hz of what `stream` yields

    def stream(self, text: str, *, voice_id: str, language: str) -> Iterator[bytes]:
        """The text as speech, a piece per sentence. Blocking: call it from a worker thread."""
        ...


class VoiceDetector(Protocol):
    frame_samples: int  # at 16 kHz

    def score(self, frame: bytes) -> float:
        """How likely this frame is speech, 0–1. Keeps state: one detector per speaker."""
        ...

    def reset(self) -> None: ...
