"""An organisation's content as a package: in a fixed order, so that the same content gives the same file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scenarios.branching.graph import Graph
from scenarios.branching.people import personas_in
from scenarios.models import Persona, Rubric, Scenario
from scenarios.training.models import Program, Track

from .reading import FORMAT
from .registry import KINDS, ORDER, REGISTRY


def export_package(
    *,
    personas: Iterable[Persona] = (),
    rubrics: Iterable[Rubric] = (),
    scenarios: Iterable[Scenario] = (),
    tracks: Iterable[Track] = (),
    programs: Iterable[Program] = (),
    knowledge: Iterable[Any] = (),
) -> dict[str, Any]:
    """Working copies as a package, with everything that they need: programs take their tracks along, tracks their scenarios,
    those their persona, their rubric, and everybody in their graphs."""
    courses = list(programs)
    chosen_tracks = _once([*tracks, *[step.track for program in courses for step in program.tracks.all()]])
    items = [item for track in chosen_tracks for item in track.items.all()]
    chosen = _once([*scenarios, *[item.scenario for item in items if item.scenario]])
    names = {name for item in chosen if item.graph is not None for name in Graph.from_json(item.graph).people}
    in_graphs = personas_in(names).values()
    found: dict[str, list[Any]] = {
        "personas": _once([*personas, *[scenario.persona for scenario in chosen], *in_graphs]),
        "rubrics": _once([*rubrics, *[scenario.rubric for scenario in chosen]]),
        "scenarios": chosen,
        "tracks": chosen_tracks,
        "programs": courses,
        "knowledge": list(knowledge),
    }
    package: dict[str, Any] = {"parley_content": FORMAT}
    for name in ORDER:
        if found[name] or name in KINDS:
            package[name] = _listed(name, found[name])
    return package


def export_everything(*, language: str = "", documents: bool = True) -> dict[str, Any]:
    """All that is in use in the organisation at hand, or all in one language; longer documents are named by their hash."""
    rows = {name: kind.rows() for name, kind in REGISTRY.items() if documents or name != "knowledge"}
    if language:
        rows = {name: found.filter(language=language) for name, found in rows.items()}
    return export_package(**rows)


def _listed(name: str, items: list[Any]) -> list[dict[str, Any]]:
    kind = REGISTRY[name]
    ordered = sorted(items, key=lambda item: (kind.language(item), kind.key(item)))
    return [{"key": kind.key(item), **kind.plain(item)} for item in ordered]


def _once(items: Iterable[Any]) -> list[Any]:
    return list({item.pk: item for item in items}.values())
