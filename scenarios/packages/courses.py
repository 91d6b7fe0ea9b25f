"""Tracks, with the files of their readings, and programs as a package holds them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scenarios.contents import pick
from scenarios.training.files import checked_file, keep
from scenarios.training.items import cycle
from scenarios.training.models import Program, Track, TrackFile, TrackItem
from scenarios.training.publishing import publish_program, publish_track
from tenants.errors import InvalidInput

from .files import Files
from .kinds import Around, Kind, key_of
from .shapes import ProgramByKeySerializer, TrackByKeySerializer

TRACK_FIELDS = ("language", "title", "summary", "in_order", "certificate", "valid_months")
ITEM_FIELDS = ("key", "module", "kind", "title", "text", "questions", "requires", "pass_mark", "attempt_limit")
FILE_FIELDS = ("name", "item", "ending", "sha256")


class Tracks(Kind):
    name = "tracks"
    model = Track
    serializer = TrackByKeySerializer
    own_key = True

    def rows(self) -> QuerySet[Any]:
        return super().rows().prefetch_related("items__scenario", "files")

    def plain(self, item: Track) -> dict[str, Any]:
        items = [
            {**pick(row, ITEM_FIELDS), "scenario": key_of(row.scenario) if row.scenario else None}
            for row in item.items.all()
        ]
        files = [_file(file) for file in item.files.all() if not file.withdrawn]
        return {**pick(item, TRACK_FIELDS), "items": items, "files": sorted(files, key=_order)}

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        plain = dict(values)
        if "items" in plain:
            empty: dict[str, Any] = {
                "module": "",
                "kind": "scenario",
                "title": "",
                "text": "",
                "questions": [],
                "requires": [],
            }
            empty |= {"pass_mark": None, "attempt_limit": None, "scenario": None}
            names = (*ITEM_FIELDS, "scenario")
            plain["items"] = [{name: (empty | row)[name] for name in names} for row in plain["items"]]
        if "files" in plain:
            plain["files"] = sorted(({"item": "", **row} for row in plain["files"]), key=_order)
            plain["files"] = [{name: row[name] for name in FILE_FIELDS} for row in plain["files"]]
        return plain

    def with_files(self, values: Mapping[str, Any], files: Files) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        problems = []
        for index, row in enumerate(values.get("files", ())):
            try:
                checked_file(_upload(row, files.read(row["sha256"])))
            except InvalidInput as unfit:
                problems.append((f"files[{index}]", f"{row['name']}: {unfit.message}"))
        return dict(values), problems

    def flaws(self, plain: Mapping[str, Any]) -> list[tuple[str, str]]:
        items = plain.get("items") or []
        requires = {item["key"]: list(item.get("requires") or []) for item in items}
        found = super().flaws(plain)
        for index, item in enumerate(items):
            for other in requires[item["key"]]:
                if other not in requires:
                    problem = _("“%(key)s” is no item of this track.") % {"key": other}
                    found.append((f"items[{index}].requires", problem))
        if circle := cycle(requires):
            index = next(index for index, item in enumerate(items) if item["key"] == circle[0])
            problem = _("These items wait for each other: %(items)s.") % {"items": " → ".join(circle)}
            found.append((f"items[{index}].requires", problem))
        readings = {"", *(item["key"] for item in items if item.get("kind") == TrackItem.Kind.READING)}
        for index, file in enumerate(plain.get("files") or [] if "items" in plain else []):
            if file["item"] not in readings:
                problem = _("“%(key)s” is no reading of this track.") % {"key": file["item"]}
                found.append((f"files[{index}].item", problem))
        return found

    def values(self, plain: Mapping[str, Any], around: Around) -> dict[str, Any]:
        values = dict(plain)
        if "items" in values:
            values["items"] = [
                {**row, "scenario": around.item("scenarios", row["scenario"]) if row["scenario"] else None}
                for row in values["items"]
            ]
        return values

    def create(self, key: str, values: Mapping[str, Any], *, preset: bool, author: Any) -> Any:
        return super().create(key, _without_files(values), preset=preset, author=author)

    def update(self, item: Track, values: Mapping[str, Any], *, author: Any) -> Any:
        return super().update(item, _without_files(values), author=author)

    def bring_files(self, item: Track, plain: Mapping[str, Any], around: Around) -> list[str]:
        """Rows for what is named and not there; what is not named any more is withdrawn, since versions may show it."""
        stored: list[str] = []
        if "files" not in plain:
            return stored
        wanted = {(row["item"], row["sha256"]): row for row in plain["files"]}
        there: dict[tuple[str, str], TrackFile] = {}
        for file in item.files.order_by("withdrawn", "created_at"):  # of two, the one that is offered
            there.setdefault((file.item_key, file.sha256), file)
        item.files.exclude(pk__in=[there[name].pk for name in wanted if name in there]).update(withdrawn=True)
        for name, row in wanted.items():
            if name in there:
                TrackFile.objects.filter(pk=there[name].pk).update(name=row["name"], withdrawn=False)
                continue
            file = TrackFile(track=item, item_key=row["item"], name=row["name"])
            keep(file, checked_file(_upload(row, around.content(row["sha256"]))))
            stored.append(file.file_name)
            file.save()
        return stored

    def publish(self, item: Track, author: Any) -> None:
        publish_track(track=item, author=author)


class Programs(Kind):
    name = "programs"
    model = Program
    serializer = ProgramByKeySerializer
    own_key = True

    def rows(self) -> QuerySet[Any]:
        return super().rows().prefetch_related("tracks__track")

    def plain(self, item: Program) -> dict[str, Any]:
        return {
            **pick(item, ("language", "title", "summary")),
            "tracks": [step.track.key for step in item.tracks.all()],
        }

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return dict(values)

    def values(self, plain: Mapping[str, Any], around: Around) -> dict[str, Any]:
        values = dict(plain)
        if "tracks" in values:
            values["tracks"] = [{"track": around.item("tracks", key)} for key in values["tracks"]]
        return values

    def publish(self, item: Program, author: Any) -> None:
        publish_program(program=item, author=author)


def _file(file: TrackFile) -> dict[str, str]:
    """`ending` says what it is: its name may have been changed to one without."""
    ending = PurePosixPath(file.file_name).suffix.removeprefix(".")
    return {"name": file.name, "item": file.item_key, "ending": ending, "sha256": file.sha256}


def _order(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["name"], row["item"], row["sha256"]


def _upload(row: Mapping[str, str], content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{row['sha256']}.{row['ending']}", content)


def _without_files(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "files"}
