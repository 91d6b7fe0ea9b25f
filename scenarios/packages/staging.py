"""Packages that wait until somebody has seen what they would do, and says yes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from scenarios.exchange.models import StagedPackage

from . import archives
from .files import Place
from .reading import Package
from .refusals import PackageRefused


def stage(content: IO[bytes] | bytes, *, made_by: Any, source: str = "", target: str = "") -> StagedPackage:
    """Put a package aside for the answer of whoever brought it."""
    file = ContentFile(content) if isinstance(content, bytes) else File(content)
    if not isinstance(content, bytes):
        content.seek(0)
    name = default_storage.save(f"packages/{uuid4()}", file)
    return StagedPackage.objects.create(made_by=made_by, stored_as=name, source=source, target=target)


def staged(name: str, *, made_by: Any) -> StagedPackage:
    """What this person put aside. Raises `PackageRefused` where it is gone, or somebody else's."""
    try:
        found = StagedPackage.objects.filter(pk=UUID(name), made_by=made_by).first()
    except ValueError:
        found = None
    if found is None:
        raise PackageRefused([_("What you looked at is no longer kept. Choose it once more.")])
    return found


@contextmanager
def opened(row: StagedPackage, *places: Place) -> Iterator[Package]:
    """The package, and its files inside of the block. Raises `PackageRefused`."""
    with default_storage.open(row.stored_as) as file:
        yield archives.read(file, *places)


def drop(row: StagedPackage) -> None:
    """It was imported, or is not wanted."""
    default_storage.delete(row.stored_as)
    StagedPackage.objects.filter(pk=row.pk).delete()


def tidy_up() -> None:
    """Drop what nobody answered for a day."""
    for row in StagedPackage.objects.filter(created_at__lt=timezone.now() - StagedPackage.LIFETIME):
        drop(row)
