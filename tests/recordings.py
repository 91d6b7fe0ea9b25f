"""Recordings of people, fetched when a test wants them: LibriVox readings (public domain) out of a Debian package.

They are too large to be committed and no package index carries them. Where Debian's archive cannot be reached the list is
empty, and tests fall back to synthetic speech.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KEPT = Path(__file__).resolve().parent.parent / "var" / "cache" / "recordings"
PACKAGE = "pocketsphinx-testdata"
URL = "https://deb.debian.org/debian/pool/main/p/pocketsphinx/pocketsphinx-testdata_0.8+5prealpha+1-15_all.deb"
INSIDE = "/test/data/librivox/"
LINE = re.compile(r"<s> (.+) </s> \((.+)\)")


@dataclass(frozen=True, slots=True)
class Recording:
    """`path`: a WAV file, 16 kHz mono 16 bit. `text`: what is said, lower case without punctuation."""

    path: Path
    text: str

    def pcm(self) -> bytes:
        with wave.open(str(self.path)) as file:
            assert file.getframerate() == 16000
            return file.readframes(file.getnframes())


@cache
def librivox() -> tuple[Recording, ...]:
    """Five sentences read by one person; empty when they cannot be had."""
    transcription = KEPT / "transcription"
    if not transcription.is_file():
        package = _download()
        if package is None:
            return ()
        _unpack(package)
    found = (LINE.match(line) for line in transcription.read_text().splitlines())
    return tuple(Recording(KEPT / f"{match[2]}.wav", match[1].strip()) for match in found if match)


def _download() -> bytes | None:
    try:
        with urllib.request.urlopen(URL, timeout=20) as answer:
            return bytes(answer.read())
    except OSError:
        pass
    if shutil.which("apt-get") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["apt-get", "download", PACKAGE], cwd=folder, capture_output=True, timeout=120, check=False
        )
        packages = list(Path(folder).glob("*.deb"))
        return packages[0].read_bytes() if done.returncode == 0 and packages else None


def _unpack(package: bytes) -> None:
    """Take the recordings out of a .deb: an ar archive with a tarball in it."""
    at = 8
    while at < len(package):
        name = package[at : at + 16].decode().strip().rstrip("/")
        size = int(package[at + 48 : at + 58])
        if name.startswith("data.tar"):
            with tarfile.open(fileobj=io.BytesIO(package[at + 60 : at + 60 + size])) as archive:
                _keep(archive)
            return
        at += 60 + size + size % 2


def _keep(archive: tarfile.TarFile) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    # The transcription is written last: it says that all the rest is there.
    for member in sorted(archive.getmembers(), key=lambda member: member.name.endswith("transcription")):
        content = archive.extractfile(member) if INSIDE in member.name else None
        if content is not None:
            (KEPT / Path(member.name).name).write_bytes(content.read())
