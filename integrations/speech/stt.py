"""Speech to text by Whisper through CTranslate2.

Whisper pads everything to thirty seconds, and its encoder then takes most of the time. An utterance is short, so the padding
is cut down to a few seconds: three to five times faster at the same error rate. Below `LEAST_CONTEXT_S` the model starts to
repeat itself, and where it does so anyway the utterance is read again with the whole window.
"""

from __future__ import annotations

import math
import re
import threading
import time
from dataclasses import dataclass
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
import soxr
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from integrations.speech.base import Transcript
from integrations.speech.weights import Weights

RATE = 16000
FRAMES_PER_S = 100
WINDOW_S = 29.0  # Whisper's is 30; a little room for the padding
LEAST_CONTEXT_S = 10.0
PADDING_S = 1.5
MOST_TOKENS = 448  # Whisper's own limit; CTranslate2 generates half of what it is told
TOKENS_PER_S = 20  # halved likewise: nobody speaks faster, a longer answer is the model repeating itself
NO_SPEECH = 0.6
UNLIKELY = -1.0  # mean log probability
MUMBLED = -0.7

# What Whisper was trained to find in silence: the ends of videos. Dropped unless it is sure.
PHANTOMS = frozenset(
    [
        "you",
        "thank you",
        "thanks",
        "thanks for watching",
        "thank you for watching",
        "thank you very much",
        "bye",
        "bye bye",
        "the end",
        "please subscribe",
        "gracias",
        "gracias por ver el video",
        "suscribete",
        "subtitulos realizados por la comunidad de amara org",
        "subtitulos por la comunidad de amara org",
    ]
)
_ANNOTATION = re.compile(r"\[[^\]]*\]|\([^)]*\)|♪[^♪]*♪?|\*[^*]*\*")
_LOOP = re.compile(r"(\b.{1,40}?\b)(?:[\s,.!?]+\1){3,}", re.IGNORECASE)

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    text: str
    log_probability: float
    no_speech: float


class Whisper:
    """One model. Loads on first use; calls from several threads wait for one another inside CTranslate2."""

    def __init__(self, weights: Weights, name: str, *, threads: int) -> None:
        self._weights = weights
        self._name = name
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Any = None

    def load(self) -> Any:
        with self._lock:
            if self._model is None:
                path = str(self._weights.model(self._name))
                self._model = WhisperModel(path, device="cpu", compute_type="int8", cpu_threads=self._threads)
            return self._model

    def read(self, audio: Samples, *, language: str, context_s: float) -> Reading:
        """`audio`: 16 kHz, at most `WINDOW_S`. `context_s`: how much the encoder sees, audio and padding."""
        model = self.load()
        features = model.feature_extractor(audio, padding=0)
        frames = min(3000, max(features.shape[-1], int(context_s * FRAMES_PER_S)))
        features = np.pad(features[:, :frames], ((0, 0), (0, frames - min(frames, features.shape[-1]))))
        encoded = model.model.encode(
            ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None], np.float32))
        )
        multilingual = model.model.is_multilingual
        tokenizer = Tokenizer(
            model.hf_tokenizer, multilingual, task="transcribe", language=language if multilingual else "en"
        )
        result = model.model.generate(
            encoded,
            [model.get_prompt(tokenizer, [], without_timestamps=True)],
            beam_size=1,
            max_length=min(MOST_TOKENS, 40 + int(len(audio) / RATE * TOKENS_PER_S)),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        text = tokenizer.decode(result.sequences_ids[0]).strip()
        return Reading(text, float(result.scores[0]), float(result.no_speech_prob))


class EmbeddedSpeechToText:
    """A small model for drafts while somebody is still speaking (English only; other languages use the large one), a
    larger one for what is written down."""

    def __init__(self, *, small: Whisper, large: Whisper) -> None:
        self._small = small
        self._large = large

    @property
    def multilingual(self) -> Whisper:
        """The model that knows more than English."""
        return self._large

    def load(self, language: str) -> None:
        self._large.load()
        if language == "en":
            self._small.load()

    def transcribe(self, pcm: bytes, *, rate: int, language: str) -> Transcript:
        return self._transcribe(self._large, pcm, rate=rate, language=language)

    def draft(self, pcm: bytes, *, rate: int, language: str) -> Transcript:
        """Quicker and less exact."""
        return self._transcribe(self._small if language == "en" else self._large, pcm, rate=rate, language=language)

    def _transcribe(self, model: Whisper, pcm: bytes, *, rate: int, language: str) -> Transcript:
        started = time.perf_counter()
        audio: Samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
        if rate != RATE:
            audio = soxr.resample(audio, rate, RATE)
        window = int(WINDOW_S * RATE)
        readings = []
        for start in range(0, len(audio), window):
            piece = audio[start : start + window]
            if len(piece) < RATE // 20:
                continue
            reading = model.read(
                piece, language=language, context_s=max(LEAST_CONTEXT_S, len(piece) / RATE + PADDING_S)
            )
            if repeats(reading.text):
                reading = model.read(piece, language=language, context_s=30.0)
            readings.append(reading)
        kept = [(text, reading) for reading in readings if (text := cleaned(reading))]
        confidence = math.exp(min((reading.log_probability for _, reading in kept), default=-10.0))
        elapsed = int((time.perf_counter() - started) * 1000)
        return Transcript(" ".join(text for text, _ in kept), round(confidence if kept else 0.0, 3), elapsed)


def repeats(text: str) -> bool:
    return _LOOP.search(text) is not None


def cleaned(reading: Reading) -> str:
    """The words of a reading; empty when it is more likely noise than speech."""
    text = _LOOP.sub(r"\1", _ANNOTATION.sub(" ", reading.text))
    text = re.sub(r"\s+", " ", text).strip()
    if not any(char.isalnum() for char in text):
        return ""
    if reading.no_speech > NO_SPEECH and reading.log_probability < UNLIKELY:
        return ""
    if plain(text) in PHANTOMS and (reading.no_speech > NO_SPEECH or reading.log_probability < MUMBLED):
        return ""
    return text


def plain(text: str) -> str:
    """Lower case letters and digits only, accents off: to compare what was heard."""
    folded = text.lower().translate(str.maketrans("áéíóúüñ", "aeiouun"))
    return " ".join(re.findall(r"[a-z0-9']+", folded))
