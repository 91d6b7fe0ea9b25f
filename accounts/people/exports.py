"""The right to take one's data along: a ZIP file, made in the background, fetched by a signed link, gone after a week."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from typing import IO, Any
from uuid import UUID

import structlog
from django.core import signing
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import portability
from accounts.models import User
from accounts.signals import PersonalFile
from tenants.context import current_organization
from tenants.schemas import current_schema

from . import audit
from .models import DataExport

logger = structlog.get_logger(__name__)
LINK = "accounts.export"
LINK_LIFETIME = timedelta(hours=1)
PIECE = 256 * 1024
# A worker that died in the middle has not come back after this long.
STUCK = timedelta(hours=1)
Status = DataExport.Status


@transaction.atomic
def request_export(*, user: User) -> DataExport:
    """The export that is being made, or a new one; the caller has it made after commit."""
    try:
        with transaction.atomic():
            export = DataExport.objects.create(user=user)
    except IntegrityError:
        return DataExport.objects.get(user=user, status__in=[Status.PENDING, Status.RUNNING])
    audit.record(user, "person.exported", user)
    return export


def newest(*, user: User) -> DataExport | None:
    return DataExport.objects.filter(user=user).first()


def make(*, export_id: UUID) -> bool:
    """Write the file; False where somebody else does or did. What goes wrong leaves a failed export, and another can be
    asked for."""
    begun = DataExport.objects.filter(pk=export_id, status=Status.PENDING)
    if not begun.update(status=Status.RUNNING, started_at=timezone.now()):
        return False
    export = DataExport.objects.select_related("user").get(pk=export_id)
    try:
        with tempfile.TemporaryFile() as file:
            for percent in _write(export.user, file):
                DataExport.objects.filter(pk=export.pk).update(progress=percent)
            export.size_bytes = file.tell()
            file.seek(0)
            export.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            export.file_name = default_storage.save(f"exports/{export.pk}.zip", File(file))
    except Exception:
        DataExport.objects.filter(pk=export.pk).update(status=Status.FAILED)
        raise
    export.status, export.progress = Status.DONE, 100
    export.expires_at = timezone.now() + DataExport.LIFETIME
    export.save()
    return True


def _write(user: User, target: IO[bytes]) -> Iterator[int]:
    """Write the archive piece by piece; yields how far it is, in percent. Sound is packed as it is."""
    organization = current_organization()
    document = portability.export_person(user=user, organization=organization)
    files = [
        PersonalFile("data.json", partial(BytesIO, _json(document))),
        *portability.files_of(user=user, organization=organization),
    ]
    listed: dict[str, Any] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, part in enumerate(files, start=1):
            entry = zipfile.ZipInfo(part.path, timezone.localtime().timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED if part.path.endswith(".mp3") else zipfile.ZIP_DEFLATED
            digest, size = hashlib.sha256(), 0
            with part.open() as source, archive.open(entry, "w", force_zip64=True) as packed:
                while piece := source.read(PIECE):
                    packed.write(piece)
                    digest.update(piece)
                    size += len(piece)
            listed[part.path] = {"sha256": digest.hexdigest(), "size_bytes": size}
            yield number * 99 // len(files)
        archive.writestr("manifest.json", _json({"exported_at": document["exported_at"], "files": listed}))


def _json(value: Any) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2).encode()


def sign(export: DataExport) -> str:
    """The token of a link: for one organisation, file and person."""
    return signing.dumps({"s": current_schema(), "e": str(export.pk), "u": str(export.user_id)}, salt=LINK)


def link_expires_at(export: DataExport) -> datetime | None:
    return min(export.expires_at, timezone.now() + LINK_LIFETIME) if export.expires_at else None


def by_token(*, export_id: UUID, token: str) -> DataExport | None:
    """The finished export that a link is for; None where it is forged, old, another's, or the file is gone."""
    try:
        data = signing.loads(token, salt=LINK, max_age=LINK_LIFETIME)
    except signing.BadSignature:
        return None
    if data != {"s": current_schema(), "e": str(export_id), "u": data.get("u")}:
        return None
    return DataExport.objects.filter(
        pk=export_id, user_id=data["u"], status=Status.DONE, expires_at__gt=timezone.now()
    ).first()


def forget(*, user: User) -> None:
    """Delete a person's exports with their files."""
    _remove(DataExport.objects.filter(user=user))


def tidy_up() -> list[UUID]:
    """Give up what a dead worker left and remove what is too old; answers the exports that still wait for a worker."""
    now = timezone.now()
    DataExport.objects.filter(status=Status.RUNNING, started_at__lt=now - STUCK).update(status=Status.FAILED)
    _remove(DataExport.objects.filter(Q(expires_at__lt=now) | Q(created_at__lt=now - DataExport.LIFETIME * 2)))
    settled = now - timedelta(minutes=1)  # the task of a new one is on its way
    return list(DataExport.objects.filter(status=Status.PENDING, created_at__lt=settled).values_list("pk", flat=True))


def _remove(exports: Any) -> None:
    names = [name for name in exports.values_list("file_name", flat=True) if name]
    exports.delete()
    for name in names:
        default_storage.delete(name)
