"""Audio files of people's browsers and telephones as plain samples.

What a file is, is read from its first bytes, and only that reader is tried: FFmpeg left to guess would take a playlist for
audio and open the addresses inside it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import av

RATE = 16000
TOLD_EVERY = 5 * RATE  # samples
BYTES_PER_SECOND = RATE * 2
HEAD = 16

CONTENT_TYPES = {
    "wav": "audio/wav",
    "matroska": "audio/webm",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "mp4": "audio/mp4",
    "mp3": "audio/mpeg",
}


class NotAudio(ValueError):
    """No audio that is understood here."""


class TooLong(ValueError):
    """More of it than is taken."""


def format_of(head: bytes) -> str:
    """The reader for a file that starts with these bytes, a key of `CONTENT_TYPES`; empty for anything else."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"\x1a\x45\xdf\xa3":  # webm is one kind of it
        return "matroska"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] == b"fLaC":
        return "flac"
    if head[4:8] == b"ftyp":
        return "mp4"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "mp3"
    return ""


def decode_to_files(
    source: BinaryIO,
    targets: Sequence[Path],
    *,
    most_seconds: float,
    on_read: Callable[[int], None] = lambda position: None,
) -> tuple[int, int]:
    """Write the file's sound as 16-bit PCM at `RATE`, one target a channel; memory stays constant however long it is.

    A stereo file fills two targets, any other is mixed into the first. Returns how many were filled and the length in ms.
    A file that ends in the middle counts up to there. `on_read` is told every few seconds of sound how many bytes of the file
    were read; what it raises ends the work. Raises `NotAudio`, and `TooLong` as soon as it is known to be.
    """
    name = format_of(source.read(HEAD))
    source.seek(0)
    if not name:
        raise NotAudio("the file is of no known kind")
    samples = told = 0
    channels = 1
    try:
        with ExitStack() as opened:
            container = opened.enter_context(av.open(source, "r", format=name))
            if not container.streams.audio:
                raise NotAudio("there is no sound in it")
            channels = 2 if container.streams.audio[0].channels == 2 else 1
            files = [opened.enter_context(target.open("wb")) for target in targets[:channels]]
            resampler = av.AudioResampler(format="s16p", layout="stereo" if channels == 2 else "mono", rate=RATE)
            for decoded in itertools.chain(container.decode(audio=0), [None]):
                for frame in resampler.resample(decoded):
                    samples += frame.samples
                    for file, side in zip(files, frame.to_ndarray(), strict=True):
                        file.write(side.tobytes())
                if samples > most_seconds * RATE:
                    raise TooLong("there is too much of it")
                if samples - told >= TOLD_EVERY:
                    told = samples
                    on_read(source.tell())
    except (av.FFmpegError, UnicodeDecodeError):
        if not samples:
            raise NotAudio("it cannot be read") from None
    if not samples:
        raise NotAudio("there is no sound in it")
    return channels, samples * 1000 // RATE


def decode(source: BinaryIO, *, most_seconds: float) -> bytes:
    """The file as 16-bit mono PCM at `RATE`. Raises `NotAudio`, and `TooLong` as soon as it is known to be."""
    name = format_of(source.read(HEAD))
    source.seek(0)
    if not name:
        raise NotAudio("the file is of no known kind")
    pcm = bytearray()
    try:
        with av.open(source, "r", format=name) as container:
            if not container.streams.audio:
                raise NotAudio("there is no sound in it")
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in container.decode(audio=0):
                for piece in resampler.resample(frame):
                    pcm += piece.to_ndarray().tobytes()
                if len(pcm) > most_seconds * BYTES_PER_SECOND:
                    raise TooLong("there is too much of it")
            for piece in resampler.resample(None):
                pcm += piece.to_ndarray().tobytes()
    except (av.FFmpegError, UnicodeDecodeError):
        # A browser that stopped in the middle leaves a last frame that cannot be read; what came before it counts.
        if not pcm:
            raise NotAudio("it cannot be read") from None
    return bytes(pcm)
