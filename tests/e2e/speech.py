"""What the browser's microphone plays: a person's voice, and sales lines read by a synthesiser.

The person is a volunteer of LibriVox reading "Sense and Sensibility" (public domain); CMU Sphinx ships the clip among its
test data. It is fetched when a test needs it, from Debian's package or from PocketSphinx's source archive on PyPI, which
hold the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import wave
from pathlib import Path

import numpy as np
import soxr

from config.runtime.places import ROOT

CLIP = "sense_and_sensibility_01_austen_64kb-0880.wav"
CLIP_SHA256 = "fbec491ef00ee734a67f0ee318e98c51c157b479e1629ff4f4426861ecac0414"
CLIP_WORDS = "he was not an ill disposed young man"
MICROPHONE_HZ = 48_000


def human_clip() -> Path:
    """The clip, 16 kHz mono; kept in `var/cache` once it was fetched."""
    kept = ROOT / "var" / "cache" / "test-audio" / CLIP
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as name:
            found = from_debian(Path(name)) or from_pypi(Path(name))
            assert found, "neither Debian's archive nor PyPI gave the recording"
            shutil.copyfile(found, kept)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == CLIP_SHA256
    return kept


def from_debian(folder: Path) -> Path | None:
    """Downloaded and unpacked, not installed."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return None
    subprocess.run(["apt-get", "download", "pocketsphinx-testdata"], cwd=folder, capture_output=True, check=False)
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package.name, "unpacked"], cwd=folder, capture_output=True, check=False)
    return next(folder.rglob(CLIP), None)


def from_pypi(folder: Path) -> Path | None:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "pocketsphinx"]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(
        [*command, "pocketsphinx==5.1.1"], cwd=folder, env=environment, capture_output=True, check=False, text=True
    )
    for archive in folder.glob("pocketsphinx-*.tar.gz"):
        with tarfile.open(archive) as opened:
            member = next((item for item in opened if item.name.endswith(CLIP)), None)
            if member:
                opened.extract(member, folder, filter="data")
    return next(folder.rglob(CLIP), None)


def samples_of(path: Path, rate: int) -> np.ndarray:
    """A mono WAV file as float samples (n,) at `rate` Hz."""
    with wave.open(str(path)) as opened:
        pcm = np.frombuffer(opened.readframes(opened.getnframes()), dtype="<i2")
        return np.asarray(soxr.resample(pcm.astype("float32") / 32768, opened.getframerate(), rate))


def synthetic(text: str, rate: int, *, voice_id: str = "ada", language: str = "en") -> np.ndarray:
    """A line read by the embedded synthesiser, as float samples (n,)."""
    from integrations.speech.engine import default_engine  # loads model weights

    engine = default_engine()
    pcm = b"".join(engine.tts.stream(text, voice_id=voice_id, language=language))
    samples = np.frombuffer(pcm, dtype="<i2").astype("float32") / 32768
    return np.asarray(soxr.resample(samples, engine.rate, rate))


def microphone(target: Path, pieces: list[np.ndarray | float]) -> Path:
    """Write what the microphone plays: speech, and silences given in seconds. Chromium loops nothing and adds silence."""
    track = [
        np.zeros(int(piece * MICROPHONE_HZ), dtype="float32") if isinstance(piece, float | int) else piece
        for piece in pieces
    ]
    pcm = (np.clip(np.concatenate(track), -1, 1) * 32767).astype("<i2")
    with wave.open(str(target), "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(MICROPHONE_HZ)
        opened.writeframes(pcm.tobytes())
    return target


def word_errors(said: str, heard: str) -> float:
    """Word error rate, deaf to case and punctuation."""
    import jiwer

    def plain(text: str) -> str:
        return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())

    return float(jiwer.wer(plain(said), plain(heard) or "-"))
