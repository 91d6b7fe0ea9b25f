"""What a package can hold: personas, rubrics, scenarios, tracks, programs and documents, each as plain data and back.

The *plain* form of an item is what stands in a file, less its key: texts, numbers, lists, and other items by their keys.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from scenarios import authoring
from scenarios.branching.graph import Graph
from scenarios.contents import CRITERION_FIELDS, SCENARIO_FIELDS, persona_content, pick
from scenarios.models import Persona, Rubric, Scenario, Status
from scenarios.models.versions import WorkingCopy
from scenarios.publishing import publish_persona, publish_rubric, publish_scenario, restore
from scenarios.serializers import AuthoredSerializer, PersonaSerializer, RubricSerializer, ScenarioByKeySerializer

from .files import Files

if TYPE_CHECKING:
    from .checking import Item

SLUG = re.compile(r"[-a-zA-Z0-9_]+\Z")


class Around(Protocol):
    """What an item that is being written can reach."""

    def item(self, kind: str, key: str) -> Any:
        """The item of this organisation that a key means. Raises `InvalidInput` where there is none."""

    def content(self, sha256: str) -> bytes:
        """A file that the package names. Raises `InvalidInput`."""


class Kind(ABC):
    """One kind of authored thing. Subclasses say how it is read, compared and written."""

    name: ClassVar[str]
    model: ClassVar[type[Any]]
    serializer: ClassVar[type[AuthoredSerializer]]
    # Kept as `preset_key`; of keyed things (tracks, programs) it is their own key.
    own_key: ClassVar[bool] = False

    def rows(self) -> QuerySet[Any]:
        """Everything in use, ready to be exported without further queries."""
        rows: QuerySet[Any] = self.model._default_manager.exclude(status=Status.ARCHIVED)
        return rows

    def key(self, item: Any) -> str:
        return str(item.key) if self.own_key else key_of(item)

    def language(self, item: Any) -> str:
        return str(item.language)

    def remembered_as(self, item: Item) -> tuple[str, str, str]:
        """What the last package's item is found by: what has a key of its own may change its language."""
        return item.kind, item.key, "" if self.own_key else item.language

    def only_tried(self, plain: Mapping[str, Any]) -> bool:
        """For a dry run: True where writing would leave more than rows behind, so it was only looked at. Raises
        `DomainError` where it could not be written."""
        return False

    def find(self, key: str, language: str) -> Any:
        """What a key means here, or None."""
        if self.own_key:
            return self.model._default_manager.filter(key=key).first()
        return find(self.model, key, language)

    @abstractmethod
    def plain(self, item: Any) -> dict[str, Any]:
        """What stands in a file about an item, in full."""

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Validated values as plain data, with rows of children in full."""
        plain = dict(values)
        for name, child in self.serializer.children.items():
            if name in plain:
                plain[name] = [_with_defaults(child, row) for row in plain[name]]
        return plain

    def with_files(self, values: Mapping[str, Any], files: Files) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Validated values in the one form in which they are compared, and (path, problem) of each file that is no good."""
        return dict(values), []

    def flaws(self, plain: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What no serializer sees: (path, problem)."""
        if self.own_key and not SLUG.match(plain["key"]):
            return [("key", _("only letters, digits, “-” and “_” are possible here."))]
        return []

    def values(self, plain: Mapping[str, Any], around: Around) -> dict[str, Any]:
        """Plain data as values for the model: keys become items of this organisation. Raises `InvalidInput`."""
        return dict(plain)

    def create(self, key: str, values: Mapping[str, Any], *, preset: bool, author: Any) -> Any:
        extra = {"key": key} if self.own_key else {"preset_key": key}
        children = self.serializer.children
        return authoring.create(model=self.model, values=values, children=children, is_preset=preset, **extra)

    def update(self, item: Any, values: Mapping[str, Any], *, author: Any) -> Any:
        if item.status == Status.ARCHIVED:
            restore(item=item)
        return authoring.update(item=item, values=values, children=self.serializer.children)

    def stored(self, item: Any) -> list[str]:
        """Names of files that writing an item put into the storage, to be taken out if the import comes to nothing."""
        return []

    def bring_files(self, item: Any, plain: Mapping[str, Any], around: Around) -> list[str]:
        """Keep the files that belong to an item, once every row was written; the names of those that were stored."""
        return []

    @abstractmethod
    def publish(self, item: Any, author: Any) -> None:
        """Raises `DomainError` where it is not ready."""


class Personas(Kind):
    name = "personas"
    model = Persona
    serializer = PersonaSerializer

    def rows(self) -> QuerySet[Any]:
        return of_the_library(super().rows()).prefetch_related("objections", "hidden_pains")

    def plain(self, item: Persona) -> dict[str, Any]:
        return persona_content(item)

    def publish(self, item: Persona, author: Any) -> None:
        publish_persona(persona=item, author=author)


class Rubrics(Kind):
    name = "rubrics"
    model = Rubric
    serializer = RubricSerializer

    def rows(self) -> QuerySet[Any]:
        return super().rows().prefetch_related("criteria")

    def plain(self, item: Rubric) -> dict[str, Any]:
        return {
            **pick(item, ("name", "language", "description", "pass_mark")),
            "criteria": [pick(criterion, CRITERION_FIELDS) for criterion in item.criteria.all()],
        }

    def publish(self, item: Rubric, author: Any) -> None:
        publish_rubric(rubric=item, author=author)


class Scenarios(Kind):
    name = "scenarios"
    model = Scenario
    serializer = ScenarioByKeySerializer

    def rows(self) -> QuerySet[Any]:
        return of_the_library(super().rows()).select_related("persona", "rubric")

    def plain(self, item: Scenario) -> dict[str, Any]:
        plain = {**pick(item, SCENARIO_FIELDS), "persona": key_of(item.persona), "rubric": key_of(item.rubric)}
        plain["graph"] = None
        if item.graph is not None:
            graph = Graph.from_json(item.graph)
            keys = persona_keys(graph)
            plain["graph"] = graph.with_people(lambda name: keys.get(name, name)).to_json()
        return plain

    def values(self, plain: Mapping[str, Any], around: Around) -> dict[str, Any]:
        values = dict(plain)
        for part, kind in (("persona", "personas"), ("rubric", "rubrics")):
            if part in values:
                values[part] = around.item(kind, values[part])
        if values.get("graph") is not None:
            graph = Graph.from_json(values["graph"])
            values["graph"] = graph.with_people(lambda name: str(around.item("personas", name).pk)).to_json()
        return values

    def publish(self, item: Scenario, author: Any) -> None:
        publish_scenario(scenario=item, author=author)


def of_the_library(rows: Any) -> QuerySet[Any]:
    """What people made for themselves goes nowhere, until an author takes it into the library."""
    found: QuerySet[Any] = rows.of_the_library()
    return found


def key_of(item: WorkingCopy) -> str:
    """How a file calls an item: by the key it came with, else by its id."""
    return item.preset_key or str(item.pk)


def find(model: type[WorkingCopy], key: str, language: str) -> Any:
    """The working copy that a key means here: by the key it came with, else by its id."""
    rows = model._default_manager.filter(language=language)
    found = rows.filter(preset_key=key).first()
    if found is None:
        try:
            found = rows.filter(pk=UUID(key)).first()
        except ValueError:
            return None
    return found


def persona_keys(graph: Graph) -> dict[str, str]:
    """The keys of everybody whom a graph names by id."""
    ids = []
    for name in graph.people:
        try:
            ids.append(UUID(name))
        except ValueError:
            continue
    rows = Persona.objects.filter(pk__in=ids).values_list("pk", "preset_key") if ids else []
    return {str(pk): preset_key or str(pk) for pk, preset_key in rows}


def _with_defaults(model: type[Model], row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of children with every field that a file can hold."""
    child = model(**row)
    skipped = {"id", "position", "persona", "rubric"}
    return {
        field.name: getattr(child, field.name) for field in model._meta.concrete_fields if field.name not in skipped
    }
