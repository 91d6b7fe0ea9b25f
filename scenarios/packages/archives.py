"""A package with its files: a ZIP file with `content.yaml` and, beside it, `files/<SHA-256>` for each file that it names.

What names no files stays a plain YAML file. Whatever else is in an archive (a take-out holds more) is not looked at.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _

from .files import Files, FileUnfit, Place, largest_file, named_in, too_large
from .reading import LARGEST, Package, dump, parse
from .refusals import PackageRefused

CONTENT = "content.yaml"
FOLDER = "files/"
MOST_FILES = 1_000
MOST_BYTES = 1_000_000_000  # of all files together, unpacked
_BEGINNING = b"PK\x03\x04"
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_OLDEST = (1980, 1, 1, 0, 0, 0)  # what ZIP can say; a real time would make two archives of the same content differ


def read(file: IO[bytes], *places: Place) -> Package:
    """The package in a YAML file, a JSON file or an archive; `places` are where else its files may be found. The file has to
    stay open until the package was imported. Raises `PackageRefused` naming the line."""
    file.seek(0)
    beginning = file.read(len(_BEGINNING))
    file.seek(0)
    if beginning == _BEGINNING:
        return _from_archive(file, places)
    return parse(_decoded(file.read(LARGEST + 1)), Files(*places))


def write(target: IO[bytes], package: Mapping[str, Any], files: Files) -> None:
    """The archive: the same content gives the same bytes. Raises `FileUnfit` for a file that is not there any more."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member(CONTENT), dump(package))
        for sha256 in sorted(named_in(package)):
            archive.writestr(_member(FOLDER + sha256), files.read(sha256))


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _OLDEST)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    return member


def _decoded(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise PackageRefused([_("The file is larger than %(most)d kB.") % {"most": LARGEST // 1000}])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise PackageRefused([_("This file is not UTF-8 text.")]) from None


def _from_archive(file: IO[bytes], places: tuple[Place, ...]) -> Package:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        raise PackageRefused([_("This archive is damaged.")]) from None
    members = _members(archive)
    if CONTENT not in members:
        raise PackageRefused([_("This archive holds no content.yaml.")])
    if members[CONTENT].file_size > LARGEST:
        raise PackageRefused([f"{CONTENT}: " + _("The file is larger than %(most)d kB.") % {"most": LARGEST // 1000}])

    def find(sha256: str) -> bytes | None:
        member = members.get(FOLDER + sha256)
        return None if member is None else _unpacked(archive, member)

    try:
        text = _decoded(_unpacked(archive, members[CONTENT]))
    except FileUnfit as unfit:
        raise PackageRefused([f"{CONTENT}: {unfit.message}"]) from None
    return parse(text, Files(find, *places))


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """What of an archive is looked at, by name. Raises `PackageRefused` for what may not stand there."""
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename
        if name != CONTENT and (not name.startswith(FOLDER) or name == FOLDER):
            continue
        if name != CONTENT and not _HASH.match(name.removeprefix(FOLDER)):
            raise PackageRefused([_("“%(name)s” in the archive is not named by a hash.") % {"name": name[:120]}])
        if name in found:
            raise PackageRefused([_("“%(key)s” is there twice.") % {"key": name}])
        found[name] = member
    total = sum(member.file_size for member in found.values())
    if len(found) > MOST_FILES + 1 or total > MOST_BYTES:
        message = _("The archive holds more than %(files)d files or %(most)d MB.")
        raise PackageRefused([message % {"files": MOST_FILES, "most": MOST_BYTES // 1_000_000}])
    return found


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Never more than the largest file, whatever the archive says of its size. Raises `FileUnfit`."""
    most = largest_file()
    if member.file_size > most:
        raise FileUnfit(too_large())
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or member.flag_bits & 1:
        raise FileUnfit(_("This archive is packed in a way that is not read, or has a password."))
    try:
        with archive.open(member) as packed:
            return packed.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise FileUnfit(_("This file in the archive is damaged.")) from None
