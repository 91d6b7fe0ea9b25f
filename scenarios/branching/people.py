"""Who may speak in a graph: the personas of this organisation, by the names that a graph uses for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from scenarios.models import Persona, Scenario, Status

from .graph import Graph
from .validation import Person, Problem, problems_of


def person_of(persona: Persona) -> Person:
    """What `validate` wants to know of a persona; its objections and pains are read."""
    return Person(
        name=persona.name,
        language=persona.language,
        archived=persona.status == Status.ARCHIVED,
        objections={objection.key: objection.text for objection in persona.objections.all()},
        pains={pain.key: pain.pain for pain in persona.hidden_pains.all()},
    )


def personas_in(names: Iterable[str]) -> dict[str, Persona]:
    """The personas that a graph names by their ids, as far as they are in this organisation."""
    ids = [found for name in names if (found := as_id(name))]
    if not ids:
        return {}
    rows = Persona.objects.filter(pk__in=ids).prefetch_related("objections", "hidden_pains")
    return {str(persona.pk): persona for persona in rows}


def people_of(scenario: Scenario, graph: Graph) -> dict[str, Person]:
    """Everybody who speaks in a graph of this scenario, its own buyer under ""."""
    people = {name: person_of(persona) for name, persona in personas_in(graph.people).items()}
    if scenario.persona_id:
        people[""] = person_of(scenario.persona)
    return people


def problems_in(scenario: Scenario, data: Any = None) -> list[Problem]:
    """What is wrong with the scenario's graph, or with `data` in its place. A scenario without branching has no problems."""
    data = scenario.graph if data is None else data
    if data is None:
        return []
    try:
        people = people_of(scenario, Graph.from_json(data))
    except ValueError:
        people = {}
    limit = scenario.time_limit_minutes * 60 if scenario.time_limit_minutes else None
    return problems_of(data, personas=people, time_limit_seconds=limit)


def as_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def known_ids(graph: Graph, *, language: str) -> Graph:
    """The graph with its people named by their ids, where it named some by the keys they came with."""
    ids = {name: str(found) for name in graph.people if (found := as_id(name))}
    if keys := [name for name in graph.people if name not in ids]:
        rows = Persona.objects.filter(language=language, preset_key__in=keys).values_list("preset_key", "pk")
        ids |= {key: str(pk) for key, pk in rows}
    return graph.with_people(lambda name: ids.get(name, name))
