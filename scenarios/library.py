"""The content that comes with Parley, and its way into an organisation: copied when it is opened, its own from then on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db import transaction

from tenants.models import Organization

from . import packages, presets
from .branching.graph import Graph
from .branching.people import personas_in
from .contents import persona_content, rubric_content, scenario_content
from .gates import GateClosed
from .models import (
    Criterion,
    HiddenPain,
    Objection,
    Persona,
    PersonaVersion,
    PresetRecord,
    Rubric,
    RubricVersion,
    Scenario,
    ScenarioVersion,
    Status,
)
from .models.versions import Version, WorkingCopy, hash_content
from .publishing import publish_persona, publish_rubric, publish_scenario
from .validation import NotReady

logger = structlog.get_logger(__name__)
T = TypeVar("T")
Identity = tuple[str, str, str]  # kind, key, language


def preset_package(language: str) -> dict[str, Any]:
    """The presets in one language, and in English what there is in English only, as a content package."""
    people = _in_language(presets.personas(), language)
    scenarios = _in_language(presets.scenarios(), language)
    needed = {(scenario.rubric, scenario.language) for scenario in scenarios}
    rubrics = [rubric for key, rubric in presets.rubrics().items() if rubric.language == language or key in needed]
    return {
        "parley_content": packages.FORMAT,
        "personas": [_item(person) for person in people],
        "rubrics": [
            {"key": rubric.slug, "description": rubric.description, **rubric.spec.to_json()} for rubric in rubrics
        ],
        "scenarios": [_item(scenario) for scenario in scenarios],
    }


def install_presets(*, organization: Organization) -> list[packages.Change]:
    """Copy the presets of the organisation's language into its schema, which is the active one, and publish them.

    What is there already is left as its authors made it, so this can be repeated.
    """
    package = preset_package(organization.language)
    if not any(model.objects.exists() for model in (Persona, Rubric, Scenario)):
        changes = _install_all(package)
    else:
        changes = packages.import_package(package, publish=True, only_new=True, preset=True)
    _record((change.kind, change.key, change.language) for change in changes)
    return changes


@transaction.atomic
def deliver_new_presets(*, organization: Organization) -> list[packages.Change]:
    """Bring what Parley ships and this organisation, whose schema is the active one, was never given.

    What its authors changed, renamed or archived stays so, and their unpublished changes stay unpublished: a scenario that
    would take such a persona or rubric along comes as a draft, and one whose persona or rubric is archived doesn't come.
    """
    package = preset_package(organization.language)
    known = set(PresetRecord.objects.values_list("kind", "key", "language"))
    items = {kind: [item for item in package[kind] if _identity(kind, item) not in known] for kind in packages.KINDS}
    usable = {
        (of, item["key"], item["language"]) for of in ("personas", "rubrics") for item in items[of]
    }  # new themselves
    items["scenarios"] = [item for item in items["scenarios"] if _parts_are_usable(item, usable)]
    if not any(items.values()):
        return []
    changes = packages.import_package({**package, **items}, only_new=True, preset=True)
    for change in changes:
        if change.action == "new":
            _publish_quietly(packages.find(packages.MODELS[change.kind], change.key, change.language))
    _record((change.kind, change.key, change.language) for change in changes)
    return [change for change in changes if change.action == "new"]


def _identity(kind: str, item: Mapping[str, Any]) -> Identity:
    return kind, item["key"], item["language"]


def _record(identities: Iterable[Identity]) -> None:
    rows = [PresetRecord(kind=kind, key=key, language=language) for kind, key, language in identities]
    PresetRecord.objects.bulk_create(rows, ignore_conflicts=True)


def _parts_are_usable(scenario: Mapping[str, Any], new: set[Identity]) -> bool:
    parts: tuple[tuple[str, type[WorkingCopy]], ...] = (("persona", Persona), ("rubric", Rubric))
    for part, model in parts:
        needed = [scenario[part]]
        if part == "persona" and scenario.get("graph") is not None:
            needed += Graph.from_json(scenario["graph"]).people
        if not all(_is_usable(model, f"{part}s", key, scenario["language"], new) for key in needed):
            return False
    return True


def _is_usable(model: type[WorkingCopy], of: str, key: str, language: str, new: set[Identity]) -> bool:
    if (of, key, language) in new:
        return True
    there = packages.find(model, key, language)
    return there is not None and there.status != Status.ARCHIVED


def _publish_quietly(item: WorkingCopy) -> None:
    """Publish something new, unless that would publish what an author has not finished; then it stays a draft."""
    try:
        match item:
            case Persona():
                publish_persona(persona=item)
            case Rubric():
                publish_rubric(rubric=item)
            case Scenario():
                named = personas_in(Graph.from_json(item.graph).people) if item.graph is not None else {}
                parts = (item.persona, item.rubric, *named.values())
                if not any(part.published_revision != part.revision for part in parts):
                    publish_scenario(scenario=item)
    except (NotReady, GateClosed) as refused:
        logger.warning("a new preset stays a draft", key=item.preset_key, reason=str(refused))


@transaction.atomic
def _install_all(package: Mapping[str, Any]) -> list[packages.Change]:
    """The import into an empty schema, in a dozen queries: people wait while an organisation is opened."""
    children: dict[type[Any], list[Any]] = {Objection: [], HiddenPain: [], Criterion: []}
    owners = {"objections": (Objection, "persona"), "hidden_pains": (HiddenPain, "persona")}
    owners["criteria"] = (Criterion, "rubric")
    rows: dict[str, list[Any]] = {kind: [] for kind in packages.KINDS}
    by_key: dict[tuple[str, str, str], Any] = {}
    for kind, values in packages.checked(package):
        key, language = values.pop("key"), values["language"]
        for part, of in (("persona", "personas"), ("rubric", "rubrics")):
            if part in values:
                values[part] = by_key[of, values[part], language]
        if values.get("graph") is not None:
            graph = Graph.from_json(values["graph"])
            ids = {name: str(by_key["personas", name, language].pk) for name in graph.people}
            values["graph"] = graph.with_people(ids.__getitem__).to_json()
        lists = {name: values.pop(name, []) for name in packages.SERIALIZERS[kind].children}
        item = packages.MODELS[kind](**values, preset_key=key, is_preset=True)
        item.status, item.published_revision = Status.PUBLISHED, item.revision
        item._prefetched_objects_cache = {}  # type: ignore[attr-defined]  # so that contents need no query
        for name, entries in lists.items():
            model, owner = owners[name]
            made = [model(**entry, **{owner: item}, position=index) for index, entry in enumerate(entries)]
            item._prefetched_objects_cache[name] = made  # type: ignore[attr-defined]
            children[model] += made
        rows[kind].append(item)
        by_key[kind, key, language] = item
    for kind, model in packages.MODELS.items():
        model._default_manager.bulk_create(rows[kind])
    for model, made in children.items():
        model._default_manager.bulk_create(made)
    _freeze_all(rows)
    return [
        packages.Change(kind, item.preset_key, item.language, str(item), "new") for kind in rows for item in rows[kind]
    ]


def _freeze_all(rows: Mapping[str, list[Any]]) -> None:
    """First versions of everything; `publishing.freeze` would write the same one by one."""
    people = {item.pk: PersonaVersion(persona=item, content=persona_content(item)) for item in rows["personas"]}
    yardsticks = {item.pk: RubricVersion(rubric=item, content=rubric_content(item)) for item in rows["rubrics"]}
    situations = [
        ScenarioVersion(
            scenario=item,
            persona_version=people[item.persona_id],
            rubric_version=yardsticks[item.rubric_id],
            content=scenario_content(item, people[item.persona_id].content, others=_others(item, people)),
        )
        for item in rows["scenarios"]
    ]
    frozen: list[tuple[type[Version], list[Any]]] = [
        (PersonaVersion, list(people.values())),
        (RubricVersion, list(yardsticks.values())),
        (ScenarioVersion, situations),
    ]
    for model, versions in frozen:
        for version in versions:
            version.number, version.content_hash = 1, hash_content(version.content)
        model._default_manager.bulk_create(versions)


def _others(scenario: Scenario, people: Mapping[UUID, PersonaVersion]) -> dict[str, PersonaVersion]:
    """The versions of everybody whom the scenario's graph names."""
    graph = Graph.from_json(scenario.graph) if scenario.graph is not None else Graph()
    return {name: people[UUID(name)] for name in graph.people}


def _in_language(items: Mapping[tuple[str, str], T], language: str) -> list[T]:
    """One of each slug: in the language where there is one, else in English."""
    return [
        item
        for (slug, code), item in items.items()
        if code == language or (code == "en" and (slug, language) not in items)
    ]


def _item(preset: Any) -> dict[str, Any]:
    values = json.loads(json.dumps(asdict(preset)))  # tuples as lists, as a file would bring them
    return {"key": values.pop("slug"), **values}
