"""The sound of an upload as it is kept: an MP3 to listen to while it is sorted out, and the call's recording afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import av
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from calls import recordings
from calls.models import Call, Recording
from calls.uploads.models import CallUpload
from calls.uploads.sound import Span
from tenants.context import current_organization
from tenants.schemas import current_schema


def keep_sound(upload: CallUpload, source: Path, *, on_ms: Callable[[int], None]) -> dict[str, Any]:
    """Encode the file for listening. Returns `CallUpload.sound`. Raises `av.FFmpegError`. `on_ms`: told how far it is."""
    with tempfile.NamedTemporaryFile(suffix=".mp3") as target:
        duration_ms = recordings.transcode(str(source), target.name, kind=upload.kind, on_ms=on_ms)
        return _store(upload, Path(target.name), duration_ms)


def _store(upload: CallUpload, path: Path, duration_ms: int) -> dict[str, Any]:
    return {**recordings.store(path, f"recordings/upload-{upload.pk}.mp3"), "duration_ms": duration_ms}


def without(upload: CallUpload, silenced: Sequence[Span]) -> dict[str, Any]:
    """The kept sound with these parts made silent, for whoever's words are left out. The old file goes after commit."""
    if not silenced or not upload.sound:
        return upload.sound
    old = upload.sound["file_name"]
    with (
        tempfile.NamedTemporaryFile(suffix=".mp3") as source,
        tempfile.NamedTemporaryFile(suffix=".mp3") as target,
    ):
        with default_storage.open(old) as file:
            for part in file.chunks():
                source.write(part)
        source.flush()
        spans = [(span.start_ms, span.end_ms) for span in silenced]
        duration_ms = recordings.transcode(source.name, target.name, kind="mp3", silent_ms=spans)
        sound = _store(upload, Path(target.name), duration_ms)
    delete_after_commit(old)
    return sound


def as_recording(call: Call, sound: dict[str, Any]) -> Recording:
    """The kept sound as the recording of the call."""
    days = current_organization().recording_retention_days
    return Recording.objects.create(
        call=call,
        file_name=sound["file_name"],
        content_type=recordings.CONTENT_TYPE,
        size_bytes=sound["size_bytes"],
        duration_ms=sound["duration_ms"],
        sha256=sound["sha256"],
        expires_at=timezone.now() + timedelta(days=days),
    )


def drop_sound(upload: CallUpload) -> None:
    """Delete the kept sound, after commit."""
    if upload.sound:
        CallUpload.objects.filter(pk=upload.pk).update(sound={})
        delete_after_commit(upload.sound["file_name"])


def delete_after_commit(name: str) -> None:
    """A file of the organisation at hand."""
    transaction.on_commit(partial(_delete, current_schema(), name), robust=True)


def _delete(schema_name: str, name: str) -> None:
    with schema_context(schema_name):
        default_storage.delete(name)


# What encoding raises for a file that cannot be played.
UNPLAYABLE = (av.FFmpegError, UnicodeDecodeError)
