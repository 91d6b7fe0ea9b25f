"""The files that a package names by the SHA-256 of their content, and where their bytes are found.

They travel in an archive beside `content.yaml`; one that the organisation keeps already need not come along.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from scenarios.knowledge.models import KnowledgeDocument
from scenarios.training.files import LARGEST_FILE
from scenarios.training.models import TrackFile
from tenants.context import organization_context
from tenants.errors import InvalidInput
from tenants.models import Organization

LARGEST_INSIDE = 1_000_000  # bytes of a document that may stand in the package itself
# Takes a hash and answers the content, or None where there is no such file. May raise `FileUnfit`.
Place = Callable[[str], bytes | None]


class FileUnfit(InvalidInput):
    """A file of a package that is missing, too large, damaged or another than the package says."""


def largest_file() -> int:
    """Bytes of the largest file that a reading or the knowledge base takes."""
    return max(LARGEST_FILE, int(settings.KNOWLEDGE_MAX_BYTES))


class Files:
    """The files of one package. What is read is always what its hash says."""

    def __init__(self, *places: Place) -> None:
        self._places = places
        self._given: dict[str, bytes] = {}

    def give(self, content: bytes) -> str:
        """Remember content that stood in the package itself; answers its hash."""
        sha256 = hashlib.sha256(content).hexdigest()
        self._given[sha256] = content
        return sha256

    def read(self, sha256: str) -> bytes:
        """Raises `FileUnfit`."""
        places: tuple[Place, ...] = (self._given.get, *self._places, kept_here)
        for place in places:
            content = place(sha256)
            if content is not None:
                return _proved(content, sha256)
        raise FileUnfit(_("This file is not in the package."))


def _proved(content: bytes, sha256: str) -> bytes:
    if len(content) > largest_file():
        raise FileUnfit(too_large())
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileUnfit(_("This is not the file that was put in: its content was changed."))
    return content


def too_large() -> str:
    return _("The file is larger than %(most)d MB.") % {"most": largest_file() // 1_000_000}


def files_of(package: Mapping[str, Any]) -> Files:
    """Those that came with a package; data that came from no file has none."""
    found = getattr(package, "files", None)
    return found if isinstance(found, Files) else Files()


def kept_here(sha256: str) -> bytes | None:
    """A file of a reading or a document that the organisation at hand has."""
    names = list(TrackFile.objects.filter(sha256=sha256).values_list("file_name", flat=True)[:1])
    names += KnowledgeDocument.objects.filter(sha256=sha256).values_list("stored_as", flat=True)[:1]
    for name in names:
        try:
            with default_storage.open(name) as file:
                return bytes(file.read())
        except FileNotFoundError:
            continue
    return None


def kept_by(organization: Organization) -> Place:
    """The same of another organisation; whoever asks has made sure that they may."""

    def find(sha256: str) -> bytes | None:
        with organization_context(organization):
            return kept_here(sha256)

    return find


def named_in(package: Mapping[str, Any]) -> Iterator[str]:
    """The hash of every file that a package names, each once."""
    rows = [row for track in package.get("tracks", ()) for row in track.get("files", ())]
    rows += package.get("knowledge", ())
    yield from dict.fromkeys(row["sha256"] for row in rows if "sha256" in row)


def with_small_documents_inside(package: Mapping[str, Any], files: Files) -> dict[str, Any]:
    """The same package for a file that stands alone: every document that is not too large in it as text or base64."""
    if "knowledge" not in package:
        return dict(package)
    return {**package, "knowledge": [_inside(row, files) for row in package["knowledge"]]}


def as_text(content: bytes) -> str | None:
    """None for text in an old encoding, which goes as it is, like any other file."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def _inside(row: Mapping[str, Any], files: Files) -> dict[str, Any]:
    content = files.read(row["sha256"]) if "sha256" in row else b""
    if not content or len(content) > LARGEST_INSIDE:
        return dict(row)
    plain = {name: value for name, value in row.items() if name != "sha256"}
    text = as_text(content)
    return {**plain, "base64": base64.b64encode(content).decode("ascii")} if text is None else {**plain, "text": text}
