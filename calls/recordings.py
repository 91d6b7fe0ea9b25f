"""From the two raw sides of a call to one private stereo file: the trainee left, the buyer right."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import av
import numpy as np
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from calls.models import Call, Recording
from calls.voice.recorder import spool_folder
from tenants.context import current_organization
from tenants.schemas import current_schema

RATE = 24000  # Hz of the finished file
BIT_RATE = 64_000
CONTENT_TYPE = "audio/mpeg"
PIECE_SECONDS = 5


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
    sides = [next(iter(sorted(folder.glob(f"{name}-*.pcm"))), None) for name in ("trainee", "buyer")]
    if not any(side is not None and side.stat().st_size for side in sides):
        return None
    with tempfile.NamedTemporaryFile(suffix=".mp3") as target:
        duration_ms = encode(sides, target.name)
        digest = hashlib.sha256(Path(target.name).read_bytes()).hexdigest()
        size = Path(target.name).stat().st_size
        with Path(target.name).open("rb") as content:
            name = default_storage.save(f"recordings/{call.pk}.mp3", File(content))
    with transaction.atomic():
        recording, made = Recording.objects.get_or_create(
            call=call,
            defaults={
                "file_name": name,
                "content_type": CONTENT_TYPE,
                "size_bytes": size,
                "duration_ms": duration_ms,
                "sha256": digest,
                "expires_at": (call.ended_at or timezone.now())
                + timedelta(days=current_organization().recording_retention_days),
            },
        )
    if not made:  # somebody else was quicker; theirs stays
        default_storage.delete(name)
    return recording


def delete_expired(*, most: int = 50) -> int:
    """Delete the sound whose time is up; the row stays and says that there was one. Returns how many."""
    expired = Recording.objects.filter(expires_at__lte=timezone.now()).exclude(file_name="")[:most]
    for recording in expired:
        default_storage.delete(recording.file_name)
        Recording.objects.filter(pk=recording.pk).update(file_name="", size_bytes=0)
    return len(expired)


def pieces(path: Path | None) -> Iterator[np.ndarray]:
    """A side at `RATE`, piece by piece."""
    if path is None:
        return
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


def encode(sides: list[Path | None], target: str) -> int:
    """Write the stereo MP3; memory stays constant however long the call. Returns its length in ms."""
    streams = [pieces(side) for side in sides]
    left = [np.zeros(0, dtype=np.int16) for _ in streams]
    done = [False for _ in streams]
    step = RATE * PIECE_SECONDS
    total = 0
    with av.open(target, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE)
        stream.layout = "stereo"
        stream.bit_rate = BIT_RATE
        while not all(done) or any(len(side) for side in left):
            for index, source in enumerate(streams):
                while len(left[index]) < step and not done[index]:
                    piece = next(source, None)
                    if piece is None:
                        done[index] = True
                    else:
                        left[index] = np.concatenate([left[index], piece])
            length = min(step, max(len(side) for side in left))
            if length == 0:
                break
            block = np.zeros((length, len(streams)), dtype=np.int16)
            for index, side in enumerate(left):
                taken = side[:length]
                block[: len(taken), index] = taken
                left[index] = side[length:]
            frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate = RATE
            frame.pts = total
            total += length
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return total * 1000 // RATE
