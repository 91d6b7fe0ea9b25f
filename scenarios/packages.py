"""Authored content as one file: personas, rubrics and scenarios as YAML (or JSON), out of an organisation and into one.

```yaml
parley_content: 1
personas:
  - key: dana-cole        # with the language, what the same persona is found by at the next import
    language: en
    name: Dana Cole
    ...
rubrics: [...]
scenarios:
  - key: first-call
    language: en
    persona: dana-cole    # keys, of this file or of what is there already
    rubric: five-criteria
```

An import is all or nothing and leaves drafts, unless it is told to publish.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from tenants.api.errors import field_messages
from tenants.errors import DomainError, InvalidInput

from . import authoring
from .contents import SCENARIO_FIELDS, persona_content, pick
from .models import Persona, Rubric, Scenario, Status
from .models.versions import Language, WorkingCopy
from .publishing import publish_persona, publish_rubric, publish_scenario, restore
from .serializers import AuthoredSerializer, PersonaSerializer, RubricSerializer, ScenarioByKeySerializer

FORMAT = 1
LARGEST = 1_000_000
MOST_ITEMS = 300
KINDS = ("personas", "rubrics", "scenarios")


class PackageRefused(InvalidInput):
    """A package with problems; nothing of it was imported. `problems` are plain sentences with the place of each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(_("This content package was refused: %(problem)s") % {"problem": problems[0]})
        self.details = {"field": "package", "issue": problems[0], "problems": problems}


@dataclass(frozen=True, slots=True)
class Change:
    """What an import did (or would do) to one item: `action` is "new", "changed" or "same"."""

    kind: str
    key: str
    language: str
    title: str
    action: str
    fields: tuple[str, ...] = ()


class _PlainLoader(yaml.SafeLoader):
    """YAML without anchors: a small file must not unfold into a large one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="anchors and aliases are not allowed", problem_mark=mark)
        return super().compose_node(parent, index)


SERIALIZERS: Mapping[str, type[AuthoredSerializer]] = {
    "personas": PersonaSerializer,
    "rubrics": RubricSerializer,
    "scenarios": ScenarioByKeySerializer,
}
MODELS: Mapping[str, type[WorkingCopy]] = {"personas": Persona, "rubrics": Rubric, "scenarios": Scenario}


def parse(text: str) -> dict[str, Any]:
    """The package in a file's text. Raises `PackageRefused` naming the line."""
    if len(text.encode()) > LARGEST:
        raise PackageRefused([_("The file is larger than %(most)d kB.") % {"most": LARGEST // 1000}])
    try:
        data = yaml.load(text, Loader=_PlainLoader)  # noqa: S506  a SafeLoader that allows less
        _as_text(data).encode()  # an escape may hold half a character, which no database takes
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = _("line %(line)d") % {"line": mark.line + 1} if mark else _("the file")
        problem = getattr(error, "problem", None) or _("this is not YAML or JSON")
        raise PackageRefused([f"{place}: {problem}"]) from None
    if not isinstance(data, dict) or data.get("parley_content") is None:
        raise PackageRefused([_("This is no content package: it does not begin with “parley_content: 1”.")])
    if data["parley_content"] != FORMAT:
        raise PackageRefused([_("This package was written by a newer Parley. Update this one first.")])
    return data


def _as_text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, default=str, skipkeys=True)


def dump(package: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(package), allow_unicode=True, sort_keys=False, width=110)


def export_package(
    *, personas: Iterable[Persona] = (), rubrics: Iterable[Rubric] = (), scenarios: Iterable[Scenario] = ()
) -> dict[str, Any]:
    """Working copies as a package. Scenarios take their persona and rubric along."""
    chosen = list(scenarios)
    people = {item.pk: item for item in [*personas, *[scenario.persona for scenario in chosen]]}
    yardsticks = {item.pk: item for item in [*rubrics, *[scenario.rubric for scenario in chosen]]}
    return {
        "parley_content": FORMAT,
        "personas": [{"key": key_of(item), **persona_content(item)} for item in people.values()],
        "rubrics": [
            {
                "key": key_of(item),
                **pick(item, ("name", "language", "description", "pass_mark")),
                "criteria": RubricSerializer(item).data["criteria"],
            }
            for item in yardsticks.values()
        ],
        "scenarios": [
            {
                "key": key_of(item),
                **pick(item, SCENARIO_FIELDS),
                "persona": key_of(item.persona),
                "rubric": key_of(item.rubric),
            }
            for item in chosen
        ],
    }


def key_of(item: WorkingCopy) -> str:
    return item.preset_key or str(item.pk)


def import_package(
    package: Mapping[str, Any],
    *,
    dry_run: bool = False,
    publish: bool = False,
    only_new: bool = False,
    preset: bool = False,
    author: Any = None,
) -> list[Change]:
    """Write a package into the organisation at hand and say what happened to each item.

    `only_new` leaves alone what is there; `preset` marks new items as shipped with Parley. Raises `PackageRefused`, also
    where something to be published is not ready; then nothing was written.
    """
    rows = checked(package)
    problems: list[str] = []
    with transaction.atomic():
        importer = _Importer(only_new=only_new, preset=preset)
        for kind, values in rows:
            key = values["key"]
            try:
                importer.write(kind, values)
            except DomainError as error:
                problems.append(f"{kind} ({key}): {error.message}")
        if publish and not problems:
            problems += importer.publish(author)
        if problems:
            raise PackageRefused(problems)
        if dry_run:
            transaction.set_rollback(True)
    return importer.changes


def checked(package: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The items of a package with their kind, in the order in which they can be written. Raises `PackageRefused`."""
    problems: list[str] = []
    unknown = [name for name in package if name not in {*KINDS, "parley_content"}]
    problems += [_("“%(name)s” is no part of a content package.") % {"name": name} for name in unknown]
    rows: list[tuple[str, dict[str, Any]]] = []
    seen: set[tuple[str, str, str]] = set()
    for kind in KINDS:
        items = package.get(kind) or []
        if not isinstance(items, list) or len(items) > MOST_ITEMS:
            problems.append(_("%(kind)s: a list of at most %(most)d is needed.") % {"kind": kind, "most": MOST_ITEMS})
            continue
        for index, item in enumerate(items):
            key = item.get("key") if isinstance(item, Mapping) else None
            if not isinstance(key, str) or not 0 < len(key) <= 80 or not key.isprintable():
                problems.append(f"{kind}[{index}].key: " + _("a text of at most 80 characters is needed."))
                continue
            serializer = SERIALIZERS[kind](data={name: value for name, value in item.items() if name != "key"})
            if not serializer.is_valid():
                for field, messages in field_messages(serializer.errors).items():
                    problems.append(f"{kind}[{index}] ({key}) {field}: {messages[0]}")
                continue
            values = {"language": Language.ENGLISH.value, **serializer.validated_data, "key": key}
            identity = (kind, key, values["language"])
            if identity in seen:
                problems.append(f"{kind}[{index}]: " + _("“%(key)s” is there twice.") % {"key": key})
            seen.add(identity)
            rows.append((kind, values))
    if problems:
        raise PackageRefused(problems)
    return rows


class _Importer:
    def __init__(self, *, only_new: bool, preset: bool) -> None:
        self.only_new = only_new
        self.preset = preset
        self.changes: list[Change] = []
        self.touched: list[WorkingCopy] = []

    def write(self, kind: str, values: dict[str, Any]) -> None:
        key, language = values.pop("key"), values["language"]
        if kind == "scenarios":
            values["persona"] = self._refer(Persona, values["persona"], language)
            values["rubric"] = self._refer(Rubric, values["rubric"], language)
        item = find(MODELS[kind], key, language)
        children = SERIALIZERS[kind].children
        action, fields = "same", differences(item, values, children) if item else ()
        if item is None:
            extra = {"preset_key": key, "is_preset": self.preset}
            item = authoring.create(model=MODELS[kind], values=values, children=children, **extra)
            action = "new"
        elif fields and not self.only_new:
            if item.status == Status.ARCHIVED:
                restore(item=item)
            item = authoring.update(item=item, values=values, children=children)
            action = "changed"
        self.changes.append(Change(kind, key, language, str(item), action, fields if action == "changed" else ()))
        if action != "same":
            self.touched.append(item)

    def publish(self, author: Any) -> list[str]:
        problems: list[str] = []
        for item in self.touched:
            try:
                match item:
                    case Persona():
                        publish_persona(persona=item, author=author)
                    case Rubric():
                        publish_rubric(rubric=item, author=author)
                    case Scenario():
                        publish_scenario(scenario=item, author=author)
            except DomainError as error:
                problems.append(f"{item}: {error.message}")
        return problems

    def _refer(self, model: type[Any], key: str, language: str) -> Any:
        item = find(model, key, language)
        if item is None:
            message = _("There is no %(kind)s “%(key)s” in this language, neither in the file nor here.")
            raise InvalidInput(message % {"kind": model._meta.verbose_name, "key": key})
        return item


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


def differences(item: WorkingCopy, values: Mapping[str, Any], children: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the fields that an import would change."""
    changed: list[str] = []
    for name, value in values.items():
        if name not in children:
            if getattr(item, name) != value:
                changed.append(name)
            continue
        present = [_child_values(child) for child in getattr(item, name).all()]
        wanted = [_with_defaults(getattr(item, name).model, row) for row in value]
        if present != wanted:
            changed.append(name)
    return tuple(changed)


def _child_values(child: Any) -> dict[str, Any]:
    names = {field.name for field in child._meta.concrete_fields} - {"id", "position", "persona", "rubric"}
    return {name: getattr(child, name) for name in names}


def _with_defaults(model: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    return _child_values(model(**row))
