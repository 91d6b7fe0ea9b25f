"""Tracks and programs as the plain data that a version freezes."""

from __future__ import annotations

from typing import Any

from scenarios.contents import pick

from .models import Program, Track, TrackFile, TrackItem

TRACK_FIELDS = ("key", "title", "summary", "language", "in_order", "certificate", "valid_months")
PROGRAM_FIELDS = ("key", "title", "summary", "language")


def track_content(track: Track) -> dict[str, Any]:
    """What a version freezes. A scenario is pinned in its published version; one that has none is caught by validation."""
    files = [file for file in track.files.all() if not file.withdrawn]
    items = track.items.select_related("scenario").prefetch_related("scenario__versions")
    return {**pick(track, TRACK_FIELDS), "items": [_item(item, files) for item in items]}


def _item(item: TrackItem, files: list[TrackFile]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "key": item.key,
        "kind": item.kind,
        "title": item.shown_title,
        "module": item.module,
        "requires": list(item.requires),
        "pass_mark": item.pass_mark,
        "attempt_limit": item.attempt_limit,
    }
    if item.kind == TrackItem.Kind.SCENARIO:
        version = item.scenario.newest_published() if item.scenario else None
        content |= {
            "scenario_id": str(item.scenario_id) if item.scenario_id else None,
            "scenario_version_id": str(version.pk) if version else None,
        }
    elif item.kind == TrackItem.Kind.READING:
        mine = [file for file in files if file.item_key in {"", item.key}]
        content |= {"text": item.text, "files": [_file(file) for file in mine]}
    else:
        content |= {"questions": list(item.questions)}
    return content


def _file(file: TrackFile) -> dict[str, Any]:
    return {
        "id": str(file.pk),
        "name": file.name,
        "size_bytes": file.size_bytes,
        "content_type": file.content_type,
    }


def program_content(program: Program) -> dict[str, Any]:
    steps = program.tracks.select_related("track")
    tracks = [{"id": str(step.track_id), "key": step.track.key, "title": step.track.title} for step in steps]
    return {**pick(program, PROGRAM_FIELDS), "tracks": tracks}
