"""Where an upload's bytes lie while it is worked on. Web and workers share the spool; no name of the owner's is used."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings

from tenants.schemas import current_schema


def folder() -> Path:
    path = Path(settings.CALL_SPOOL_DIR) / current_schema() / "uploads"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def original(upload_id: UUID) -> Path:
    """The file as it was sent, as far as it is here."""
    return folder() / f"{upload_id}.part"


def channel(upload_id: UUID, number: int) -> Path:
    """One channel as raw 16 kHz PCM; −1: all of them mixed."""
    return folder() / f"{upload_id}.{'mixed' if number < 0 else number}.pcm"


def voiced(upload_id: UUID, number: int) -> Path:
    """In which frames of a channel somebody speaks."""
    return channel(upload_id, number).with_suffix(".voiced")


def clear(upload_id: UUID) -> None:
    """Nothing of the upload stays in the spool."""
    for path in folder().glob(f"{upload_id}.*"):
        path.unlink(missing_ok=True)


def present() -> set[UUID]:
    """The uploads that have anything in the spool."""
    found = set()
    for path in folder().iterdir():
        try:
            found.add(UUID(path.name.split(".")[0]))
        except ValueError:
            continue
    return found
