"""What stands in a package, looked at before anything is written. Every problem is told, each with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from scenarios.models.versions import Language
from tenants.api.errors import field_messages

from .files import Files, files_of
from .reading import place
from .refusals import PackageRefused
from .registry import ORDER, REGISTRY

MOST_ITEMS = 1_000
LONGEST_KEY = 80
LONGEST_SOURCE = 200
AROUND = {"parley_content", "signature"}


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a package: its validated `values`, and where it stands (`scenarios[3]`)."""

    kind: str
    key: str
    language: str
    values: dict[str, Any]
    where: str

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.kind, self.key, self.language


def items_of(package: Mapping[str, Any], files: Files | None = None) -> list[Item]:
    """The items in the order in which they can be written, with every file that they name looked at. Raises
    `PackageRefused`."""
    files = files or files_of(package)
    problems = [
        place(package, str(name)) + _("“%(name)s” is no part of a content package.") % {"name": name}
        for name in package
        if name not in {*ORDER, *AROUND}
    ]
    found: list[Item] = []
    seen: set[tuple[str, str, str]] = set()
    for kind in ORDER:
        rows = package.get(kind) or []
        if not isinstance(rows, list) or len(rows) > MOST_ITEMS:
            message = _("%(kind)s: a list of at most %(most)d is needed.") % {"kind": kind, "most": MOST_ITEMS}
            problems.append(place(package, kind) + message)
            continue
        for index, row in enumerate(rows):
            item = _item(package, kind, index, row, files, problems)
            if item is None:
                continue
            if item.identity in seen:
                message = _("“%(key)s” is there twice.") % {"key": item.key}
                problems.append(f"{place(package, item.where)}{item.where}: {message}")
            seen.add(item.identity)
            found.append(item)
    if problems:
        raise PackageRefused(problems)
    return found


def checked(package: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The kind and the validated values, with `key`, of each item. Raises `PackageRefused`."""
    return [(item.kind, {**item.values, "key": item.key}) for item in items_of(package)]


def _item(
    package: Mapping[str, Any], kind: str, index: int, row: Any, files: Files, problems: list[str]
) -> Item | None:
    where = f"{kind}[{index}]"
    key = row.get("key") if isinstance(row, Mapping) else None
    longest = LONGEST_SOURCE if kind == "knowledge" else LONGEST_KEY
    if not isinstance(key, str) or not 0 < len(key) <= longest or not key.isprintable():
        message = _("a text of at most %(most)d characters is needed.") % {"most": longest}
        problems.append(f"{place(package, where)}{where}.key: {message}")
        return None
    about = REGISTRY[kind]
    serializer = about.serializer(data={name: value for name, value in row.items() if name != "key"})
    if not serializer.is_valid():
        for field, messages in field_messages(serializer.errors).items():
            problems.append(f"{place(package, f'{where}.{field}')}{where} ({key}) {field}: {messages[0]}")
        return None
    values = dict(serializer.validated_data)
    if kind != "knowledge":
        values = {"language": Language.ENGLISH.value, **values}
    values, unfit = about.with_files(values, files)
    flaws = [*unfit, *about.flaws({**about.filled(values), "key": key})]
    found = [(f"{where}.{path}", path, problem) for path, problem in flaws]
    problems += [f"{place(package, full)}{where} ({key}) {path}: {problem}" for full, path, problem in found]
    return Item(kind, key, values.get("language", ""), values, where)
