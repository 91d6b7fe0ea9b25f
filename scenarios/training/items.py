"""The items of a published track, and which of them are open. Pure: no ORM."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from .questions import Question

# The only item of a scenario that is assigned by itself.
SINGLE = "call"


@dataclass(frozen=True, slots=True)
class AttachedFile:
    id: str
    name: str
    size_bytes: int
    content_type: str


@dataclass(frozen=True, slots=True)
class Item:
    """One step as it was published. `pass_mark` and `attempt_limit` are None where the rubric decides, or nothing limits.
    `scenario_version_id` is what a call of it is made on."""

    key: str
    kind: str
    title: str
    module: str = ""
    requires: tuple[str, ...] = ()
    pass_mark: int | None = None
    attempt_limit: int | None = None
    scenario_id: UUID | None = None
    scenario_version_id: UUID | None = None
    text: str = ""
    files: tuple[AttachedFile, ...] = ()
    questions: tuple[Question, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Item:
        def uuid(name: str) -> UUID | None:
            return UUID(data[name]) if data.get(name) else None

        return cls(
            key=data["key"],
            kind=data["kind"],
            title=data["title"],
            module=data.get("module", ""),
            requires=tuple(data.get("requires", ())),
            pass_mark=data.get("pass_mark"),
            attempt_limit=data.get("attempt_limit"),
            scenario_id=uuid("scenario_id"),
            scenario_version_id=uuid("scenario_version_id"),
            text=data.get("text", ""),
            files=tuple(AttachedFile(**file) for file in data.get("files", ())),
            questions=tuple(Question.from_json(row) for row in data.get("questions", ())),
        )


def items_of(content: Mapping[str, Any]) -> tuple[Item, ...]:
    """The items of a version's content, in order; `requires` says of each all that has to be passed before it."""
    rows: list[Item] = []
    for data in content["items"]:
        item = Item.from_json(data)
        if content.get("in_order", True) and rows and rows[-1].key not in item.requires:
            item = Item.from_json({**data, "requires": [rows[-1].key, *item.requires]})
        rows.append(item)
    return tuple(rows)


def single(*, scenario_id: UUID, version_id: UUID, title: str) -> tuple[Item, ...]:
    """A scenario that is assigned by itself, as the only item there is."""
    return (Item(key=SINGLE, kind="scenario", title=title, scenario_id=scenario_id, scenario_version_id=version_id),)


def unmet(item: Item, items: Sequence[Item], passed: Collection[str]) -> list[Item]:
    """What has to be passed before this item opens, in the track's order."""
    return [other for other in items if other.key in item.requires and other.key not in passed]


def cycle(requires: Mapping[str, Iterable[str]]) -> list[str]:
    """The keys of items that wait for each other, in a circle; empty where none do."""
    done: set[str] = set()
    for start in requires:
        path: list[str] = []
        if found := _circle(start, requires, path, done):
            return found
    return []


def _circle(key: str, requires: Mapping[str, Iterable[str]], path: list[str], done: set[str]) -> list[str]:
    if key in path:
        return [*path[path.index(key) :], key]
    if key in done:
        return []
    path.append(key)
    for other in requires.get(key, ()):
        if other in requires and (found := _circle(other, requires, path, done)):
            return found
    path.pop()
    done.add(key)
    return []
