"""Files in packages: they travel in an archive, come out byte by byte, and are refused whole where they are others."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError
from django_tenants.utils import tenant_context

from scenarios import packages
from scenarios.knowledge import library
from scenarios.knowledge.models import KnowledgeDocument
from scenarios.packages import archives
from scenarios.training.files import keep
from scenarios.training.models import Track, TrackFile, TrackItem
from tests.cast import Cast
from tests.scenarios.test_package_exchange import run

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
LONG = ("A seat costs nine francs, and a line ends\r\n in spaces   \n" * 30_000).encode()
OLD = "Los años no pasan en balde.".encode("latin-1")


def attach(track: Track, content: bytes, name: str, *, item: str = "") -> TrackFile:
    file = TrackFile(track=track, item_key=item, name=name)
    keep(file, SimpleUploadedFile(name, content))
    file.save()
    return file


def write_files() -> None:
    track = Track.objects.create(key="x-track", title="First week")
    TrackItem.objects.create(track=track, key="read", kind="reading", title="Read", text="# Rules")
    attach(track, PDF, "prices.pdf", item="read")
    attach(track, b"Hello\r\n", "notes.txt")
    for content, name in ((LONG, "long.md"), (OLD, "old.txt"), (b"\xef\xbb\xbf# Short\r\n", "short.md")):
        library.add(file=content, file_name=name, actor=None, source=f"x-{name}")


def ours() -> dict[str, Any]:
    whole = packages.export_everything()
    listed = {kind: [row for row in whole.get(kind, []) if row["key"].startswith("x-")] for kind in packages.ORDER}
    return {"parley_content": 1, **listed}


def zipped(package: dict[str, Any]) -> bytes:
    target = io.BytesIO()
    archives.write(target, package, packages.Files())
    return target.getvalue()


@pytest.fixture
def archive(cast: Cast) -> bytes:
    """Acme's content, with its files."""
    with tenant_context(cast.acme):
        write_files()
        return zipped(packages.signed(ours()))


def read(raw: bytes) -> packages.Package:
    return archives.read(io.BytesIO(raw))


def repacked(raw: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The archive with other members."""
    with zipfile.ZipFile(io.BytesIO(raw)) as old:
        members = {name: old.read(name) for name in old.namelist()}
    change(members)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return target.getvalue()


def test_files_go_along_and_come_out_byte_by_byte(cast: Cast, archive: bytes) -> None:
    with tenant_context(cast.acme):
        assert zipped(packages.signed(ours())) == archive
    with tenant_context(cast.globex):
        before = read(archive)
        packages.import_package(before)
        after = ours()
        assert {name: after[name] for name in packages.ORDER} == {name: before[name] for name in packages.ORDER}
        assert {one.action for one in packages.import_package(read(archive))} == {"same"}
        assert [one for one in packages.differences(read(archive)) if one.side != "here"] == []
        kept = {file.name: (file.item_key, file.content_type, file.file_name) for file in TrackFile.objects.all()}
        assert kept["prices.pdf"][:2] == ("read", "application/pdf")
        assert default_storage.open(kept["prices.pdf"][2]).read() == PDF
        assert default_storage.open(kept["notes.txt"][2]).read() == b"Hello\r\n"
        stored = {row.file_name: row.stored_as for row in KnowledgeDocument.objects.filter(source__startswith="x-")}
        assert default_storage.open(stored["long.md"]).read() == LONG
        assert default_storage.open(stored["old.txt"]).read() == OLD
        assert default_storage.open(stored["short.md"]).read() == b"\xef\xbb\xbf# Short\r\n"


def test_a_file_that_is_taken_out_is_withdrawn_and_offered_again(cast: Cast, archive: bytes) -> None:
    with tenant_context(cast.globex):
        packages.import_package(read(archive))
        package = read(archive)
        del package["signature"]
        package["tracks"][0]["files"] = [row for row in package["tracks"][0]["files"] if row["name"] == "notes.txt"]
        [track] = [one for one in packages.import_package(package) if one.kind == "tracks"]
        assert (track.action, track.fields) == ("changed", ("files",))
        assert list(TrackFile.objects.filter(withdrawn=True).values_list("name", flat=True)) == ["prices.pdf"]
        packages.import_package(read(archive))
        assert TrackFile.objects.filter(withdrawn=False).count() == TrackFile.objects.count() == 2


def test_two_people_bring_different_files(cast: Cast, archive: bytes) -> None:
    with tenant_context(cast.globex):
        packages.import_package(read(archive))
        attach(Track.objects.get(key="x-track"), b"Ours", "ours.txt")
        package = read(archive)
        del package["signature"]
        package["tracks"][0]["files"][1]["name"] = "Price list"
        [track] = [one for one in packages.import_package(package) if one.kind == "tracks"]
        assert (track.action, track.conflicts) == ("changed", ())
        names = TrackFile.objects.filter(withdrawn=False).values_list("name", flat=True)
        assert set(names) == {"Price list", "notes.txt", "ours.txt"}


def test_what_is_here_already_need_not_come_along(cast: Cast, archive: bytes) -> None:
    with tenant_context(cast.acme):
        assert {one.action for one in packages.import_package(packages.parse(packages.dump(ours())))} == {"same"}
    with tenant_context(cast.globex), pytest.raises(packages.PackageRefused, match="not in the package"):
        packages.import_package(packages.parse(packages.dump(read(archive))))


def hashed(content: bytes) -> str:
    return f"files/{hashlib.sha256(content).hexdigest()}"


def line_of(raw: bytes, content: bytes) -> str:
    """Where content.yaml names a file."""
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        lines = opened.read("content.yaml").decode().splitlines()
    wanted = hashlib.sha256(content).hexdigest()
    return f"line {next(number for number, line in enumerate(lines, start=1) if wanted in line)}: "


def test_a_file_that_was_changed_is_refused_with_the_line(cast: Cast, archive: bytes) -> None:
    tampered = repacked(archive, lambda members: members.update({hashed(LONG): LONG + b"!"}))
    missing = repacked(archive, lambda members: members.__delitem__(hashed(LONG)))
    with tenant_context(cast.globex):
        for raw, problem in ((tampered, "its content was changed"), (missing, "not in the package")):
            with pytest.raises(packages.PackageRefused) as refused:
                packages.import_package(read(raw))
            [told] = refused.value.problems
            assert told.startswith(line_of(archive, LONG))
            assert problem in told
        assert not Track.objects.filter(key="x-track").exists()
        assert not KnowledgeDocument.objects.filter(source__startswith="x-").exists()


def test_a_file_that_is_none_of_its_kind_is_refused_with_the_line(cast: Cast, archive: bytes) -> None:
    page = b"<script>alert(1)</script>"

    def disguise(members: dict[str, bytes]) -> None:
        text = members["content.yaml"].decode()
        text = text[: text.index("signature:")]
        members["content.yaml"] = text.replace(
            hashlib.sha256(PDF).hexdigest(), hashlib.sha256(page).hexdigest()
        ).encode()
        members[hashed(page)] = page

    disguised = repacked(archive, disguise)
    with tenant_context(cast.globex), pytest.raises(packages.PackageRefused) as refused:
        packages.import_package(read(disguised))
    [told] = refused.value.problems
    assert "prices.pdf: This is no .pdf file." in told
    assert told.startswith("line ")


def test_files_that_are_too_large_are_refused(cast: Cast, archive: bytes, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("scenarios.packages.files.LARGEST_FILE", 5_000)
    settings.KNOWLEDGE_MAX_BYTES = 5_000
    with tenant_context(cast.globex), pytest.raises(packages.PackageRefused) as refused:
        packages.import_package(read(archive))
    assert len(refused.value.problems) == 2
    assert all("larger than" in problem for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda members: members.__delitem__("content.yaml"), "holds no content.yaml"),
        (lambda members: members.update({"files/../../etc/passwd": b"x"}), "not named by a hash"),
        (lambda members: members.update({"files/prices.pdf": b"x"}), "not named by a hash"),
        (lambda members: members.update({"content.yaml": b"\xff\xfe"}), "not UTF-8 text"),
        (lambda members: members.update({"content.yaml": b"a" * 4_000_001}), "larger than 4000 kB"),
        (
            lambda members: members.update({f"files/{number:064x}": b"" for number in range(1_001)}),
            "more than 1000 files",
        ),
    ],
    ids=["no-content", "path", "name", "bytes", "long", "many"],
)
def test_archives_that_are_none_are_refused(archive: bytes, change: Any, problem: str) -> None:
    with pytest.raises(packages.PackageRefused, match=problem):
        read(repacked(archive, change))


def test_broken_archives_are_refused(cast: Cast, archive: bytes) -> None:
    with pytest.raises(packages.PackageRefused, match="damaged"):
        read(archive[:-40])
    at = archive.index(hashed(LONG).encode()) + 80
    with tenant_context(cast.globex), pytest.raises(packages.PackageRefused, match=r"damaged|changed"):
        packages.import_package(read(archive[:at] + b"\x00\x01\x02\x03" + archive[at + 4 :]))


def test_nothing_is_left_in_the_storage_of_an_import_that_came_to_nothing(cast: Cast, archive: bytes) -> None:
    def files() -> set[str]:
        root = Path(default_storage.backend.location) / cast.globex.schema_name  # type: ignore[attr-defined]
        return {str(path) for path in root.rglob("*") if path.is_file()}

    with tenant_context(cast.globex):
        before = files()
        packages.import_package(read(archive), dry_run=True)
        assert files() == before
        package = read(archive)
        del package["signature"]
        package["tracks"][0]["items"] = []  # without an item it cannot be published
        for file in package["tracks"][0]["files"]:
            file["item"] = ""
        with pytest.raises(packages.PackageRefused):
            packages.import_package(package, publish=True)
        assert files() == before


def test_small_documents_stand_in_a_plain_file(cast: Cast, archive: bytes, tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    assert "3 files are named and not carried along" in run("export", "--organization", "acme", "--output", str(file))
    rows = {row["key"]: row for row in packages.parse(file.read_text())["knowledge"]}
    assert base64.b64decode(rows["x-old.txt"]["base64"]) == OLD
    assert "sha256" in rows["x-long.md"]
    run("import", str(file), "--organization", "acme")
    with pytest.raises(CommandError, match="not in the package"):
        run("import", str(file), "--organization", "globex")


def test_the_command_takes_files_along(cast: Cast, archive: bytes, tmp_path: Path) -> None:
    file = tmp_path / "acme.zip"
    assert "4 files" in run("export", "--organization", "acme", "--output", str(file))
    run("import", str(file), "--organization", "globex")
    with tenant_context(cast.globex):
        assert {file.sha256 for file in TrackFile.objects.all()} >= {hashlib.sha256(PDF).hexdigest()}
