"""Versions as an author reads them: when, by whom, and what became different."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from scenarios.models.versions import Version
from scenarios.validation import shorten

MOST_DIFFERENCES = 40


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    number: int
    status: str
    status_label: str
    published_at: datetime
    published_by: str
    differences: tuple[Difference, ...]
    is_first: bool


def version_rows(versions: Iterable[Version]) -> list[VersionRow]:
    """`versions` newest first; each is compared with the one before it."""
    ordered = list(versions)
    rows: list[VersionRow] = []
    for version, before in zip_longest(ordered, ordered[1:]):
        rows.append(
            VersionRow(
                number=version.number,
                status=version.status,
                status_label=version.get_status_display(),
                published_at=version.published_at,
                published_by=str(version.published_by or ""),
                differences=tuple(differences(before.content, version.content)) if before else (),
                is_first=before is None,
            )
        )
    return rows


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """What differs, by the path of the field; items of lists are matched by their key."""
    old, new = flatten(before), flatten(after)
    paths = [path for path in [*new, *[path for path in old if path not in new]] if old.get(path) != new.get(path)]
    return [
        Difference(path, shorten(old.get(path, ""), 140), shorten(new.get(path, ""), 140))
        for path in paths[:MOST_DIFFERENCES]
    ]


def flatten(value: Any, path: str = "") -> dict[str, str]:
    """Nested content as `path → text`. A list of objects is named by their keys, a list of texts becomes one text."""
    if isinstance(value, dict):
        result: dict[str, str] = {}
        for name, item in value.items():
            result |= flatten(item, f"{path} › {name}" if path else str(name))
        return result
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        result = {}
        for index, item in enumerate(value):
            name = item.get("key", index) if isinstance(item, dict) else index
            result |= flatten(item, f"{path} › {name}")
        return result
    if isinstance(value, list):
        return {path: " / ".join(str(item) for item in value)}
    return {path: "" if value is None else str(value)}
