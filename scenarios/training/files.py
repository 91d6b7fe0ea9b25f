"""Files that go with reading: which are taken, and where they are kept."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from tenants.errors import InvalidInput

from .models import TrackFile

LARGEST_FILE = 20_000_000
# By ending: what the file is sent as, and how its content must begin (nothing: it is text).
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    ".pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", (b"PK\x03\x04",)),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",)),
    ".png": ("image/png", (b"\x89PNG",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".mp3": ("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    ".mp4": ("video/mp4", ()),
    ".txt": ("text/plain; charset=utf-8", ()),
    ".md": ("text/plain; charset=utf-8", ()),
    ".csv": ("text/plain; charset=utf-8", ()),
}


class FileRefused(InvalidInput):
    pass


def checked_file(upload: UploadedFile) -> UploadedFile:
    """Raises `FileRefused` for a kind that is not taken, for content that is something else, and for what is too large."""
    size = upload.size or 0
    if not size:
        raise FileRefused(_("The file is empty."))
    if size > LARGEST_FILE:
        raise FileRefused(_("The file is larger than %(most)d MB.") % {"most": LARGEST_FILE // 1_000_000})
    ending = PurePosixPath(str(upload.name or "")).suffix.lower()
    if ending not in KINDS:
        message = _("Files of this kind are not taken. These are: %(kinds)s.")
        raise FileRefused(message % {"kinds": ", ".join(sorted(KINDS))})
    head = upload.read(12)
    upload.seek(0)
    _content_type, beginnings = KINDS[ending]
    is_mp4 = ending != ".mp4" or head[4:8] == b"ftyp"
    if (beginnings and not head.startswith(beginnings)) or not is_mp4:
        raise FileRefused(_("This is no %(ending)s file.") % {"ending": ending})
    return upload


def keep(file: TrackFile, upload: Any) -> None:
    """Put the content into the organisation's private storage and note what it is; the row is saved by the caller."""
    ending = PurePosixPath(str(upload.name)).suffix.lower()
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    file.file_name = default_storage.save(f"tracks/{file.pk}{ending}", upload)
    file.content_type = KINDS[ending][0]
    file.size_bytes = upload.size
    file.sha256 = digest.hexdigest()
