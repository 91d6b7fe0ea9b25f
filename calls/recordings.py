"""From the two raw sides of a call to one private stereo file: the trainee left, the buyer right."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import numpy as np
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from calls.models import Call, Recording
from calls.services import shared_ms
from calls.voice.recorder import spool_folder
from integrations.errors import ProviderInvalidAnswer
from integrations.voice.records import RecordedAudio
from tenants.context import current_organization
from tenants.schemas import current_schema

RATE = 24000  # Hz of the finished file
BIT_RATE = 64_000
TOLD_EVERY = 5 * RATE  # samples
CONTENT_TYPE = "audio/mpeg"
PIECE_SECONDS = 5
SIDES = ("trainee", "buyer")
MOST_VENDOR_BYTES = 512 * 1024 * 1024


def finish(*, call_id: UUID) -> Recording | None:
    """Encode what was taped and keep it; None when nothing was. Doing it twice gives the first recording."""
    call = Call.objects.get(pk=call_id)
    known = Recording.objects.filter(call=call).first()
    folder = spool_folder(current_schema(), call_id)
    if known is None and call.recording_consent and folder.is_dir():
        known = _encode_and_keep(call, folder)
    if not call.is_live:
        shutil.rmtree(folder, ignore_errors=True)
    return known


def _encode_and_keep(call: Call, folder: Path) -> Recording | None:
    if not any(path.stat().st_size for path in folder.glob("*.pcm")):
        return None
    if call.is_redo:
        _lay_beginning(call, folder)
    sides = [sorted(folder.glob(f"{name}-*.pcm")) for name in SIDES]
    with tempfile.NamedTemporaryFile(suffix=".mp3") as target:
        duration_ms = encode(sides, target.name)
        return _keep(call, Path(target.name), duration_ms)


def _lay_beginning(call: Call, folder: Path) -> None:
    """A redo's own tape is silent as long as both calls are one: put the first call's sound there, if it is kept still."""
    first = Recording.objects.filter(call_id=call.forked_from_id).exclude(file_name="").first()
    if first is None:
        return
    wanted = shared_ms(call.pk) * RATE // 1000
    resampler = av.AudioResampler(format="s16p", layout="stereo", rate=RATE)
    with ExitStack() as opened:
        kept = opened.enter_context(default_storage.open(first.file_name))
        sound = opened.enter_context(av.open(kept, "r"))
        raw = [opened.enter_context((folder / f"{name}-shared-{RATE}.pcm").open("wb")) for name in SIDES]
        for decoded in sound.decode(audio=0):
            for frame in resampler.resample(decoded):
                for file, samples in zip(raw, frame.to_ndarray(), strict=True):
                    file.write(samples[:wanted].tobytes())
                wanted -= frame.samples
                if wanted <= 0:
                    return


def keep_from_vendor(*, call_id: UUID, audio: RecordedAudio) -> Recording | None:
    """Keep a vendor's recording of a call, in our format; None where the trainee did not agree. The first one stays.

    Nothing of it is held in memory. Raises `ProviderInvalidAnswer` for what is not sound, and whatever `audio` raises.
    """
    call = Call.objects.get(pk=call_id)
    known = Recording.objects.filter(call=call).first()
    if known is not None or not call.recording_consent:
        return known
    with tempfile.NamedTemporaryFile() as source, tempfile.NamedTemporaryFile(suffix=".mp3") as target:
        size = 0
        for chunk in audio.chunks:
            size += len(chunk)
            if size > MOST_VENDOR_BYTES:
                raise ProviderInvalidAnswer("the recording is larger than any call's", provider=call.provider)
            source.write(chunk)
        source.flush()
        try:
            duration_ms = transcode(source.name, target.name)
        except av.FFmpegError:
            raise ProviderInvalidAnswer("the recording is not sound", provider=call.provider) from None
        return _keep(call, Path(target.name), duration_ms)


def _keep(call: Call, path: Path, duration_ms: int) -> Recording:
    kept = store(path, f"recordings/{call.pk}.mp3")
    with transaction.atomic():
        recording, made = Recording.objects.get_or_create(
            call=call,
            defaults={
                **kept,
                "content_type": CONTENT_TYPE,
                "duration_ms": duration_ms,
                "expires_at": (call.ended_at or timezone.now())
                + timedelta(days=current_organization().recording_retention_days),
            },
        )
    if not made:  # somebody else was quicker; theirs stays
        default_storage.delete(kept["file_name"])
    return recording


def store(path: Path, name: str) -> dict[str, Any]:
    """Put a file into the private store. Returns `{file_name, size_bytes, sha256}`; the name may differ where it is taken."""
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while piece := content.read(1024 * 1024):
            digest.update(piece)
        size = content.tell()
        content.seek(0)
        return {
            "file_name": default_storage.save(name, File(content)),
            "size_bytes": size,
            "sha256": digest.hexdigest(),
        }


def transcode(
    source: str,
    target: str,
    *,
    kind: str = "",
    silent_ms: Sequence[tuple[int, int]] = (),
    on_ms: Callable[[int], None] = lambda done_ms: None,
) -> int:
    """Any sound file as our MP3; memory stays constant. Returns its length in ms. Raises `av.FFmpegError`.

    `kind`: the one reader that is tried, for files of people we do not know. `silent_ms`: from when to when nothing is to be
    heard. `on_ms` is told every few seconds of sound how far it is; what it raises ends the work.
    """
    total = told = 0
    with av.open(source, format=kind or None) as reader, av.open(target, "w", format="mp3") as writer:
        if not reader.streams.audio:
            raise av.InvalidDataError(0, "no sound in it")
        stream = writer.add_stream("libmp3lame", rate=RATE)
        stream.layout = "stereo"
        stream.bit_rate = BIT_RATE
        resampler = av.AudioResampler(format="s16p", layout="stereo", rate=RATE)
        for decoded in itertools.chain(_readable(reader), [None]):
            for resampled in resampler.resample(decoded):
                frame = _silenced(resampled, total, silent_ms) if silent_ms else resampled
                frame.pts = total
                total += frame.samples
                writer.mux(stream.encode(frame))
            if total - told >= TOLD_EVERY:
                told = total
                on_ms(total * 1000 // RATE)
        writer.mux(stream.encode(None))
    return total * 1000 // RATE


def _readable(reader: av.container.InputContainer) -> Iterator[av.AudioFrame]:
    """Its frames. What breaks off in the middle counts up to there; what does not begin raises `av.FFmpegError`."""
    begun = False
    try:
        for frame in reader.decode(audio=0):
            begun = True
            yield frame
    except av.FFmpegError:
        if not begun:
            raise


def _silenced(frame: av.AudioFrame, at: int, silent_ms: Sequence[tuple[int, int]]) -> av.AudioFrame:
    """The frame, which begins at sample `at`, with what lies in these spans at zero."""
    samples = frame.to_ndarray().copy()
    for start, end in silent_ms:
        first, last = start * RATE // 1000 - at, end * RATE // 1000 - at
        samples[:, max(0, first) : max(0, last)] = 0
    silent = av.AudioFrame.from_ndarray(samples, format="s16p", layout="stereo")
    silent.sample_rate = RATE
    return silent


def delete_expired(*, most: int = 50) -> int:
    """Delete the sound whose time is up; the row stays and says that there was one. Returns how many."""
    expired = Recording.objects.filter(expires_at__lte=timezone.now()).exclude(file_name="")[:most]
    for recording in expired:
        default_storage.delete(recording.file_name)
        Recording.objects.filter(pk=recording.pk).update(file_name="", size_bytes=0)
    return len(expired)


def pieces(path: Path) -> Iterator[np.ndarray]:
    """A file of one side at `RATE`, piece by piece."""
    rate = int(path.stem.rsplit("-", 1)[1])
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with path.open("rb") as raw:
        while data := raw.read(rate * 2 * PIECE_SECONDS):
            samples = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")
            frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = rate
            for resampled in resampler.resample(frame):
                yield resampled.to_ndarray().reshape(-1)
    for resampled in resampler.resample(None):
        yield resampled.to_ndarray().reshape(-1)


def encode(sides: Sequence[Sequence[Path]], target: str) -> int:
    """Write the stereo MP3: the first side left, the second right; memory stays constant however long the call.

    A side has several files where the voice changed its rate in mid-call; each counts from the call's start, so they are
    laid over each other. Returns the length in ms.
    """
    streams = [(channel, pieces(path)) for channel, side in enumerate(sides) for path in side]
    left = [np.zeros(0, dtype=np.int16) for _ in streams]
    done = [False for _ in streams]
    step = RATE * PIECE_SECONDS
    total = 0
    with av.open(target, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE)
        stream.layout = "stereo"
        stream.bit_rate = BIT_RATE
        while not all(done) or any(len(side) for side in left):
            for index, (_channel, source) in enumerate(streams):
                while len(left[index]) < step and not done[index]:
                    piece = next(source, None)
                    if piece is None:
                        done[index] = True
                    else:
                        left[index] = np.concatenate([left[index], piece])
            length = min(step, max(len(side) for side in left))
            if length == 0:
                break
            mixed = np.zeros((length, len(sides)), dtype=np.int32)
            for index, (channel, _source) in enumerate(streams):
                taken = left[index][:length]
                mixed[: len(taken), channel] += taken
                left[index] = left[index][length:]
            block = np.clip(mixed, -32768, 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate = RATE
            frame.pts = total
            total += length
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return total * 1000 // RATE
