"""What is missing or wrong in a track or a program, in plain words. An error stops publishing; a warning does not."""

from __future__ import annotations

from collections import Counter

from django.utils.translation import gettext as _

from scenarios.models import Status
from scenarios.validation import Note, error, shorten, warning

from .items import cycle
from .models import Program, Track, TrackItem
from .questions import QuestionsInvalid, checked

MOST_ITEMS = 60
MOST_TRACKS = 20
LONGEST_TEXT = 60_000


def check_track(track: Track) -> list[Note]:
    items = list(track.items.select_related("scenario"))
    notes: list[Note] = []
    if not track.title.strip():
        notes.append(error("title", _("Give the track a title.")))
    if not items:
        notes.append(error("items", _("The track is empty: add a call, something to read, or a knowledge check.")))
    if len(items) > MOST_ITEMS:
        notes.append(error("items", _("A track has at most %(most)d items; make two of it.") % {"most": MOST_ITEMS}))
    if track.valid_months is not None and not 1 <= track.valid_months <= 120:
        notes.append(error("valid_months", _("A certificate is valid for 1 to 120 months.")))
    if track.valid_months and not track.certificate:
        notes.append(warning("valid_months", _("The track gives no certificate, so nothing expires.")))
    for index, item in enumerate(items):
        notes += _check_item(f"items[{index}]", item, track)
    notes += _check_order(track, items)
    known = {item.key for item in items if item.kind == TrackItem.Kind.READING}
    for file in track.files.all():
        if file.item_key and not file.withdrawn and file.item_key not in known:
            message = _("The file “%(file)s” goes with “%(key)s”, which is no reading of this track.")
            notes.append(error("files", message % {"file": file.name, "key": file.item_key}))
    return notes


def _check_item(path: str, item: TrackItem, track: Track) -> list[Note]:
    named = {"name": shorten(item.shown_title)}
    notes: list[Note] = []
    if item.pass_mark is not None and not 0 <= item.pass_mark <= 100:
        notes.append(error(f"{path}.pass_mark", _("The pass mark of “%(name)s” must be 0 to 100.") % named))
    if item.attempt_limit is not None and item.attempt_limit < 1:
        notes.append(error(f"{path}.attempt_limit", _("“%(name)s” must allow one attempt at least.") % named))
    match item.kind:
        case TrackItem.Kind.SCENARIO:
            notes += _check_scenario(path, item, track, named)
        case TrackItem.Kind.READING:
            if not item.title.strip():
                notes.append(error(f"{path}.title", _("Give the reading a title.")))
            if not item.text.strip():
                notes.append(error(f"{path}.text", _("“%(name)s” has nothing to read.") % named))
            if len(item.text) > LONGEST_TEXT:
                message = _("“%(name)s” has more than %(most)d characters; make two of it.")
                notes.append(error(f"{path}.text", message % {**named, "most": LONGEST_TEXT}))
        case _:
            notes += _check_questions(path, item, named)
    if item.kind == TrackItem.Kind.READING and (item.pass_mark is not None or item.attempt_limit is not None):
        message = _("Pass mark and attempts mean nothing for “%(name)s”: reading is done once it was read.")
        notes.append(warning(f"{path}.pass_mark", message % named))
    return notes


def _check_scenario(path: str, item: TrackItem, track: Track, named: dict[str, str]) -> list[Note]:
    scenario = item.scenario
    if scenario is None:
        return [error(f"{path}.scenario", _("Choose the scenario of item %(key)s.") % {"key": item.key})]
    if scenario.status == Status.ARCHIVED:
        message = _("The scenario “%(name)s” is archived; restore it or choose another one.")
        return [error(f"{path}.scenario", message % {"name": scenario.title})]
    if scenario.newest_published() is None:
        message = _("The scenario “%(name)s” was never published, so nobody could practise it.")
        return [error(f"{path}.scenario", message % {"name": scenario.title})]
    if scenario.language != track.language:
        message = _("“%(name)s” is in another language than the track.")
        return [warning(f"{path}.scenario", message % named)]
    return []


def _check_questions(path: str, item: TrackItem, named: dict[str, str]) -> list[Note]:
    notes: list[Note] = []
    if not item.title.strip():
        notes.append(error(f"{path}.title", _("Give the knowledge check a title.")))
    if not item.questions:
        notes.append(error(f"{path}.questions", _("“%(name)s” asks nothing: write at least one question.") % named))
    try:
        checked(item.questions)
    except QuestionsInvalid as problem:
        message = _("“%(name)s”: %(problem)s") % {**named, "problem": problem}
        notes.append(error(f"{path}.questions", message))
    return notes


def _check_order(track: Track, items: list[TrackItem]) -> list[Note]:
    """Items must name each other, not themselves in a circle, and in an ordered track only what comes before."""
    notes: list[Note] = []
    titles = {item.key: shorten(item.shown_title) for item in items}
    for key, count in Counter(item.key for item in items).items():
        if count > 1:
            notes.append(error("items", _("Two items have the key “%(key)s”.") % {"key": key}))
    places = {item.key: index for index, item in enumerate(items)}
    for index, item in enumerate(items):
        for key in item.requires:
            values = {"name": titles[item.key], "other": titles.get(key, key)}
            if key not in places:
                message = _("“%(name)s” opens after “%(other)s”, which is no item of this track.")
            elif track.in_order and places[key] > index:
                message = _("“%(name)s” opens after “%(other)s”, which comes later. Move one of them.")
            else:
                continue
            notes.append(error(f"items[{index}].requires", message % values))
    if not notes and (found := cycle({item.key: item.requires for item in items})):
        message = _("These wait for each other, so none of them would ever open: %(items)s.")
        notes.append(error("items", message % {"items": " → ".join(titles[key] for key in found)}))
    return notes


def check_program(program: Program) -> list[Note]:
    steps = list(program.tracks.select_related("track"))
    notes: list[Note] = []
    if not program.title.strip():
        notes.append(error("title", _("Give the program a title.")))
    if not steps:
        notes.append(error("tracks", _("The program is empty: add a track.")))
    if len(steps) > MOST_TRACKS:
        notes.append(error("tracks", _("A program has at most %(most)d tracks.") % {"most": MOST_TRACKS}))
    for index, step in enumerate(steps):
        named = {"name": step.track.title}
        if step.track.status == Status.ARCHIVED:
            message = _("The track “%(name)s” is archived; restore it or take it out.")
            notes.append(error(f"tracks[{index}]", message % named))
        elif step.track.newest_published() is None:
            notes.append(error(f"tracks[{index}]", _("Publish the track “%(name)s” first.") % named))
        elif step.track.language != program.language:
            message = _("“%(name)s” is in another language than the program.")
            notes.append(warning(f"tracks[{index}]", message % named))
    return notes
