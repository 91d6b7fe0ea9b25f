"""What a package says otherwise than the organisation at hand, line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .checking import items_of
from .reading import dump
from .registry import REGISTRY


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that is not the same. `side`: "both", "file" (not here) or "here" (not in the file). `lines`: a unified diff
    from what is here to what the file has; none where only one side has it."""

    kind: str
    key: str
    language: str
    side: str
    lines: tuple[str, ...] = ()


def differences(package: Mapping[str, Any]) -> list[Difference]:
    """Raises `PackageRefused` for what could not be imported either."""
    found: list[Difference] = []
    in_file: set[tuple[str, str, str]] = set()
    for item in items_of(package):
        about = REGISTRY[item.kind]
        in_file.add(about.remembered_as(item))
        existing = about.find(item.key, item.language)
        if existing is None:
            found.append(Difference(item.kind, item.key, item.language, "file"))
            continue
        theirs = about.filled(item.values)
        now = about.plain(existing)
        # In the order of what is here, so that only values differ.
        names = [name for name in now if name in theirs] + [name for name in theirs if name not in now]
        ours_text, theirs_text = (dump({name: side.get(name) for name in names}) for side in (now, theirs))
        if lines := tuple(_diff(ours_text, theirs_text)):
            found.append(Difference(item.kind, item.key, item.language, "both", lines))
    found += [one for one in _only_here(in_file) if package.get(one.kind)]
    return found


def _only_here(in_file: set[tuple[str, str, str]]) -> Iterator[Difference]:
    for name, about in REGISTRY.items():
        for row in about.rows():
            language = "" if about.own_key else about.language(row)
            if (name, about.key(row), language) not in in_file:
                yield Difference(name, about.key(row), about.language(row), "here")


def _diff(ours: str, theirs: str) -> Iterator[str]:
    lines = difflib.unified_diff(ours.splitlines(), theirs.splitlines(), "here", "file", lineterm="", n=2)
    return iter(list(lines)[2:])
