"""Private files, one folder an organisation. Nothing here has a public URL; views sign links and check who asks."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage
from django.utils.deconstruct import deconstructible

from .schemas import current_schema


def backend_for(url: str) -> Storage:
    """The storage that `STORAGE_URL` names: empty → private folder on disk, `s3://` → any S3-compatible store."""
    if not url:
        return FileSystemStorage(location=settings.MEDIA_ROOT, base_url=None, file_permissions_mode=0o600)
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname:
        raise ImproperlyConfigured("STORAGE_URL must look like s3://KEY:SECRET@bucket?endpoint_url=…")
    # Loading the S3 client takes a second and 60 MB, which installations with files on disk need not spend.
    from storages.backends.s3 import S3Storage  # noqa: PLC0415

    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return S3Storage(
        access_key=unquote(parts.username or "") or None,
        secret_key=unquote(parts.password or "") or None,
        bucket_name=parts.hostname,
        endpoint_url=query.get("endpoint_url"),
        region_name=query.get("region_name"),
        default_acl="private",
        querystring_auth=True,
        file_overwrite=False,
    )


@deconstructible
class PrivateFiles(Storage):
    """Every name is kept below `<schema>/`; a name that points anywhere else is refused."""

    def __init__(self) -> None:
        self._backend: Storage | None = None

    @property
    def backend(self) -> Storage:
        if self._backend is None:
            self._backend = backend_for(settings.STORAGE_URL)
        return self._backend

    def _scoped(self, name: str) -> str:
        if name.startswith("/") or ".." in name.split("/"):
            raise SuspiciousFileOperation("A file name may not leave its organisation's folder.")
        return f"{current_schema()}/{name}"

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        return self.backend.open(self._scoped(name), mode)

    def _save(self, name: str, content: File[Any]) -> str:
        return self.backend.save(self._scoped(name), content).split("/", 1)[1]

    def delete(self, name: str) -> None:
        self.backend.delete(self._scoped(name))

    def exists(self, name: str) -> bool:
        return self.backend.exists(self._scoped(name))

    def size(self, name: str) -> int:
        return self.backend.size(self._scoped(name))

    def url(self, name: str | None) -> str:
        raise ValueError("Private files have no public URL; sign a link instead.")
