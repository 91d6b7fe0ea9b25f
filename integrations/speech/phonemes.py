"""How a text is pronounced, in the phoneme alphabet that Kokoro was trained on."""

from __future__ import annotations

import re
import threading
from typing import Any

import espeakng_loader
from hibari.g2p import G2P
from phonemizer.backend import EspeakBackend
from phonemizer.backend.espeak.wrapper import EspeakWrapper

# espeak writes diphthongs and affricates as two letters tied by "^"; Kokoro knows them as one.
TIED = {
    "a^ɪ": "I",
    "a^ʊ": "W",
    "d^z": "ʣ",
    "d^ʒ": "ʤ",
    "e^ɪ": "A",
    "o^ʊ": "O",
    "ə^ʊ": "Q",
    "s^s": "S",
    "t^s": "ʦ",
    "t^ʃ": "ʧ",
    "ɔ^ɪ": "Y",
}
_MARKUP = re.compile(r"[\[\]]")  # the English reader takes [word](/phonemes/) as an instruction


class Phonemizer:
    """English by rules and lexicons (American, British), Spanish by espeak-ng. Both keep state, hence the lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._english: dict[str, Any] = {}
        self._spanish: Any = None

    def load(self, accent: str) -> None:
        with self._lock:
            self._reader(accent)

    def phonemes(self, text: str, *, accent: str) -> str:
        """`accent`: "us", "gb" or "es"."""
        with self._lock:
            reader = self._reader(accent)
            if accent == "es":
                return untie(reader.phonemize([text])[0].strip())
            return str(reader(_MARKUP.sub("", text)))

    def _reader(self, accent: str) -> Any:
        if accent == "es":
            if self._spanish is None:
                EspeakWrapper.set_library(espeakng_loader.get_library_path())
                EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
                self._spanish = EspeakBackend("es", preserve_punctuation=True, with_stress=True, tie="^")
            return self._spanish
        if accent not in self._english:
            self._english[accent] = G2P(british=accent == "gb")
        return self._english[accent]


def untie(phonemes: str) -> str:
    for tied, single in TIED.items():
        phonemes = phonemes.replace(tied, single)
    return phonemes.replace("^", "").replace("-", "")
