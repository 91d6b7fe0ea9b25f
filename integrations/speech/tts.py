"""Text to speech with a persona's voice.

Two engines, both at 24 kHz. Kokoro has every voice of the catalogue and needs about 0.3 s per second of speech; hibari is a
small student of one Kokoro voice ("ada" here) that needs a hundredth. Where Kokoro's voices were not fetched, hibari
reads English in its one voice and Kokoro reads Spanish with a voice that came with the model: understandable, but not the
voice the author chose, and said so in the log.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from hibari import Hibari

from integrations.speech.cache import SpokenCache
from integrations.speech.kokoro import RATE, Kokoro, Samples, trimmed
from integrations.speech.phonemes import Phonemizer
from integrations.speech.sentences import pieces
from integrations.speech.voices import Voice, voice_for

logger = logging.getLogger(__name__)

FAST_BLEND = (("af_heart", 1.0),)  # the voice that hibari learnt
SPARE = {"female": (("jf_alpha", 1.0),), "male": (("jm_kumo", 1.0),)}
LOUDNESS = 0.1  # root mean square of full scale
PEAK = 0.95
SAMPLE_BYTES = 2


class EmbeddedTextToSpeech:
    """Blocking and safe to call from several threads. `idle_kokoro`: a second session with one thread for what is
    synthesised ahead, so that it can be given a low priority."""

    rate = RATE

    def __init__(self, *, kokoro: Kokoro, idle_kokoro: Kokoro, phonemizer: Phonemizer, cache: SpokenCache) -> None:
        self._kokoro = kokoro
        self._idle_kokoro = idle_kokoro
        self._phonemizer = phonemizer
        self._cache = cache
        self._lock = threading.Lock()
        self._hibari: Any = None
        self._warned = False

    def load(self, voice: Voice) -> None:
        """Load what this voice needs, and run it once."""
        self._synthesise("Hm.", voice, self._kokoro)

    def stream(self, text: str, *, voice_id: str, language: str) -> Iterator[bytes]:
        voice = voice_for(voice_id, language=language)
        for piece in pieces(text):
            yield self.say(piece.text, voice) + silence(piece.pause_ms)

    def say(self, text: str, voice: Voice, *, ahead: bool = False) -> bytes:
        """One piece as PCM without silence around it. `ahead`: nobody waits for it and an author wrote it, so it is
        kept on disk."""
        key = self._key(text, voice)
        pcm = self._cache.get(key)
        if pcm is None:
            pcm = to_pcm(self._synthesise(text, voice, self._idle_kokoro if ahead else self._kokoro))
            self._cache.put(key, pcm, keep=ahead)
        elif ahead:  # it was said before it was asked for as a line to keep
            self._cache.put(key, pcm, keep=True)
        return pcm

    def at_hand(self, text: str, voice: Voice) -> bool:
        """Whether this can be spoken at once."""
        return self._is_fast(voice) or self._cache.has(self._key(text, voice))

    def worth_preparing(self, text: str, voice: Voice) -> bool:
        """Whether synthesising this ahead saves anybody time, now or in a later call."""
        return not self._is_fast(voice) and not self._cache.kept(self._key(text, voice))

    def _key(self, text: str, voice: Voice) -> str:
        engine = "hibari" if self._is_fast(voice) else "kokoro"
        return SpokenCache.key(engine, voice.id, repr(voice.blend), str(voice.pace), text)

    def _is_fast(self, voice: Voice) -> bool:
        return voice.blend == FAST_BLEND or (voice.language == "en" and not self._has_voice(voice))

    def _has_voice(self, voice: Voice) -> bool:
        found = self._kokoro.has_styles(style for style, _ in voice.blend)
        if not found and not self._warned:
            self._warned = True
            logger.warning("voices of the catalogue are missing; run npm ci and manage.py prepare_speech")
        return found

    def _synthesise(self, text: str, voice: Voice, kokoro: Kokoro) -> Samples:
        phonemes = self._phonemizer.phonemes(text, accent=voice.accent)
        if self._is_fast(voice):
            model = self._fast_model()
            return trimmed(np.asarray(model.from_phonemes(phonemes, speed=voice.pace, seed=0), np.float32))
        blend = voice.blend if self._has_voice(voice) else SPARE[voice.gender]
        return kokoro.speak(phonemes, style=kokoro.blend(blend), pace=voice.pace)

    def _fast_model(self) -> Any:
        with self._lock:
            if self._hibari is None:
                self._hibari = Hibari(threads=1)
            return self._hibari


def to_pcm(audio: Samples) -> bytes:
    """16-bit PCM of even loudness."""
    if audio.size == 0:
        return b""
    peak = float(np.abs(audio).max())
    level = float(np.sqrt(np.mean(np.square(audio))))
    gain = min(PEAK / max(peak, 1e-4), LOUDNESS / max(level, 1e-4))
    return (np.clip(audio * gain, -1.0, 1.0) * 32767).astype("<i2").tobytes()


def silence(ms: int, *, rate: int = RATE) -> bytes:
    return bytes(rate * ms // 1000 * SAMPLE_BYTES)
