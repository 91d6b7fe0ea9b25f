"""Programs that come with Parley, as YAML files `<key>.<language>.yaml`, and their way into an organisation.

They are copied as drafts and the organisation's own from then on.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from scenarios.models import Scenario, Status
from scenarios.packages import find
from tenants.errors import Conflict, NotFound

from .models import Program, ProgramTrack, Track, TrackItem
from .publishing import publish_program, publish_track
from .questions import parse

FOLDER = Path(__file__).parent / "presets"


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """`items` are the columns of `TrackItem`, with `scenario` as the key of a shipped scenario."""

    key: str
    title: str
    summary: str
    valid_months: int | None
    items: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Blueprint:
    key: str
    language: str
    title: str
    summary: str
    tracks: tuple[TrackPlan, ...]


@functools.cache
def shipped() -> Mapping[tuple[str, str], Blueprint]:
    """All of them by (key, language)."""
    found: dict[tuple[str, str], Blueprint] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        key, language = path.stem.rsplit(".", 1)
        data = yaml.safe_load(path.read_text("utf-8"))
        tracks = tuple(_track(track) for track in data["tracks"])
        found[key, language] = Blueprint(key, language, data["title"], data["summary"], tracks)
    return found


def _track(data: dict[str, Any]) -> TrackPlan:
    items = tuple({**item, "questions": parse(item.get("questions", ""))} for item in data["items"])
    return TrackPlan(data["key"], data["title"], data["summary"], data.get("valid_months"), items)


def in_language(language: str) -> list[Blueprint]:
    """One of each key: in the language where there is one, else in English."""
    return [
        plan
        for (key, code), plan in shipped().items()
        if code == language or (code == "en" and (key, language) not in shipped())
    ]


@transaction.atomic
def copy(*, key: str, language: str, publish: bool = False) -> Program:
    """A draft of the program with drafts of its tracks; a track that was copied before is taken as it is.

    Raises `NotFound` for an unknown key; `Conflict` where it was copied before, or where a scenario that it needs is not
    here.
    """
    plan = next((plan for plan in in_language(language) if plan.key == key), None)
    if plan is None:
        raise NotFound
    if Program.objects.usable().filter(preset_key=key, language=plan.language).exists():
        raise Conflict(_("“%(title)s” is here already.") % {"title": plan.title})
    program = Program(
        key=_free(Program, key),
        preset_key=key,
        is_preset=True,
        title=plan.title,
        summary=plan.summary,
        language=plan.language,
    )
    program.save(force_insert=True)
    for position, track in enumerate(_copied_track(one, plan.language) for one in plan.tracks):
        ProgramTrack.objects.create(program=program, track=track, position=position)
        if publish:
            publish_track(track=track)
    if publish:
        publish_program(program=program)
        program.refresh_from_db()
    return program


def _copied_track(plan: TrackPlan, language: str) -> Track:
    known: Track | None = Track.objects.usable().filter(preset_key=plan.key, language=language).first()
    if known is not None:
        return known
    track = Track(
        key=_free(Track, plan.key),
        preset_key=plan.key,
        is_preset=True,
        title=plan.title,
        summary=plan.summary,
        valid_months=plan.valid_months,
        language=language,
    )
    track.save(force_insert=True)
    for position, item in enumerate(plan.items):
        values = {**item, "scenario": _scenario(item["scenario"], language) if "scenario" in item else None}
        TrackItem.objects.create(track=track, position=position, **values)
    return track


def _scenario(key: str, language: str) -> Scenario:
    found: Scenario | None = find(Scenario, key, language)
    if found is None or found.status == Status.ARCHIVED:
        message = _("This program needs the scenario “%(key)s”, which is not in use here. Restore it first.")
        raise Conflict(message % {"key": found.title if found else key})
    return found


def _free(model: type[Track] | type[Program], key: str) -> str:
    """The key itself, unless something has it."""
    return key if not model.objects.filter(key=key).exists() else model(title=key).free_key()
