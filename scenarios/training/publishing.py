"""Draft → published → archived, for tracks and programs, as for everything that is authored.

Whoever has begun a track stays on the version they began with; whoever begins later, or begins the next round, gets the
version of that day.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from scenarios.models.versions import hash_content
from scenarios.publishing import copy_row, copy_title, freeze, locked
from scenarios.validation import refuse_unless_ready
from tenants.schemas import current_schema

from .contents import program_content, track_content
from .models import Program, ProgramTrack, ProgramVersion, Track, TrackItem, TrackVersion
from .signals import track_published
from .validation import check_program, check_track


@transaction.atomic
def publish_track(*, track: Track, author: Any = None) -> TrackVersion:
    """Freeze the track as its next version; the same content again gives the version that is there. Raises `NotReady`."""
    track = locked(track)
    refuse_unless_ready(check_track(track))
    version = freeze(track, TrackVersion, {"track": track}, content=track_content(track), author=author)
    transaction.on_commit(
        partial(track_published.send_robust, sender=Track, schema_name=current_schema(), track_id=track.pk)
    )
    return version


@transaction.atomic
def publish_program(*, program: Program, author: Any = None) -> ProgramVersion:
    """Raises `NotReady`."""
    program = locked(program)
    refuse_unless_ready(check_program(program))
    return freeze(program, ProgramVersion, {"program": program}, content=program_content(program), author=author)


def differs_from_published(item: Track | Program) -> bool:
    """Would publishing make a new version? Also where only a scenario of the track has one since."""
    version = item.newest_published()
    if version is None or item.has_unpublished_changes:
        return True
    content = track_content(item) if isinstance(item, Track) else program_content(item)
    return bool(version.content_hash != hash_content(content))


@transaction.atomic
def duplicate_track(*, track: Track) -> Track:
    """A draft with items of its own; files stay with the track they were brought for."""
    title = copy_title(track, "title")
    copy = copy_row(track, title=title, key=_free_key(track, title))
    TrackItem.objects.bulk_create(
        TrackItem(**{name: getattr(item, name) for name in ITEM_COLUMNS}, track=copy) for item in track.items.all()
    )
    return copy


@transaction.atomic
def duplicate_program(*, program: Program) -> Program:
    """A draft of the same tracks: those are shared, not copied."""
    title = copy_title(program, "title")
    copy = copy_row(program, title=title, key=_free_key(program, title))
    ProgramTrack.objects.bulk_create(
        ProgramTrack(program=copy, track_id=step.track_id, position=step.position) for step in program.tracks.all()
    )
    return copy


ITEM_COLUMNS = [field.attname for field in TrackItem._meta.concrete_fields if field.attname not in {"id", "track_id"}]


def _free_key(item: Track | Program, title: str) -> str:
    return type(item)(title=title).free_key() if slugify(title) else ""
