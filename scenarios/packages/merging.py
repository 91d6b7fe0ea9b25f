"""Two people changed the same thing since they last agreed: what can be put together, and what somebody has to decide.

Pure. *base* is what both began with, *ours* what is here now, *theirs* what a package brings. What only one side changed is
taken from that side; what both changed differently is a conflict, named by its path (`objections[price].text`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Side = Literal["ours", "theirs"]
Choose = Callable[[str], Side | None]


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed the value at `path`; `MISSING` stands for "not there"."""

    path: str
    base: Any
    ours: Any
    theirs: Any


@dataclass(slots=True)
class Merged:
    """`value` is the outcome, with our side of every conflict that nobody decided; `conflicts` are those."""

    value: Any
    conflicts: list[Conflict] = field(default_factory=list)


def merge(*, base: Any, ours: Any, theirs: Any, choose: Choose = lambda path: None) -> Merged:
    """Put two changes together. `choose` decides conflicts by their path, or leaves them open with None."""
    merged = Merged(None)
    merged.value = _merge("", base, ours, theirs, choose, merged.conflicts)
    return merged


def _merge(path: str, base: Any, ours: Any, theirs: Any, choose: Choose, conflicts: list[Conflict]) -> Any:
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return _merge_mapping(path, base, ours, theirs, choose, conflicts)
    key = _key_of_rows(ours, theirs)
    if key:
        return _merge_rows(path, key, base, ours, theirs, choose, conflicts)
    side = choose(path)
    if side is None:
        conflicts.append(Conflict(path, base, ours, theirs))
    return theirs if side == "theirs" else ours


def _merge_mapping(
    path: str, base: Any, ours: dict[str, Any], theirs: dict[str, Any], choose: Choose, conflicts: list[Conflict]
) -> dict[str, Any]:
    before = base if isinstance(base, dict) else {}
    merged: dict[str, Any] = {}
    for name in [*ours, *[name for name in theirs if name not in ours]]:
        inner = f"{path}.{name}" if path else name
        was, mine, other = (side.get(name, MISSING) for side in (before, ours, theirs))
        value = _merge(inner, was, mine, other, choose, conflicts)
        if value is not MISSING:
            merged[name] = value
    return merged


def _key_of_rows(ours: Any, theirs: Any) -> str:
    """By which field the rows of two lists are told apart: "key", "id" or, for files, "sha256"; "" where they are no such
    lists."""
    if not isinstance(ours, list) or not isinstance(theirs, list) or not (ours or theirs):
        return ""
    for name in ("key", "id", "sha256"):
        named = all(isinstance(row, dict) and isinstance(row.get(name), str) for row in [*ours, *theirs])
        if named and all(len({row[name] for row in rows}) == len(rows) for rows in (ours, theirs)):
            return name
    return ""


def _merge_rows(
    path: str, key: str, base: Any, ours: list[Any], theirs: list[Any], choose: Choose, conflicts: list[Conflict]
) -> list[Any]:
    """Rows with names: each by itself, in the order of the side that changed the order (the package's, if both did)."""
    before = base if isinstance(base, list) else []
    sides = [{row[key]: row for row in rows if isinstance(row, dict) and key in row} for rows in (before, ours, theirs)]
    orders = [list(side) for side in sides]
    kept = [name for name in orders[1] if name in sides[0]]
    follow_theirs = kept == [name for name in orders[0] if name in sides[1]]
    order = _interleaved(*((orders[2], orders[1]) if follow_theirs else (orders[1], orders[2])))
    merged = []
    for name in order:
        was, mine, other = (side.get(name, MISSING) for side in sides)
        row = _merge(f"{path}[{name}]", was, mine, other, choose, conflicts)
        if row is not MISSING:
            merged.append(row)
    return merged


def _interleaved(leading: Sequence[str], other: Sequence[str]) -> list[str]:
    """All names: the leading order, with each that only the other has behind the one it follows there."""
    order = list(leading)
    for position, name in enumerate(other):
        if name not in order:
            before = next((one for one in reversed(other[:position]) if one in order), None)
            order.insert(order.index(before) + 1 if before else 0, name)
    return order
