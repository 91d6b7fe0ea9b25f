"""What a rule looks at, and what it says about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# By the criterion's key: the fields to set, or None where it goes. A key that is not there yet is a new criterion.
Changes = Mapping[str, Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Draft:
    """A criterion as its author left it: it may be unfinished. `index` counts from 0."""

    index: int
    key: str
    name: str
    definition: str
    kind: str = "rated"
    weight: int = 0
    anchors: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()

    @property
    def is_yes_or_no(self) -> bool:
        return self.kind in {"binary", "blocker"}

    @property
    def has_scale(self) -> bool:
        """Do anchors say what which score sounds like?"""
        return self.kind == "rated" and bool(self.anchors)


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark.

    rule: compound, undefined, unobservable, duplicate, emotional, acoustic or weights. field: the dotted path of the text.
    words: those at fault. proposal: what to write instead; changes: the same as data, empty where only the author can know.
    blocks: it cannot be published like this.
    """

    rule: str
    key: str
    field: str
    words: str
    message: str
    proposal: str
    changes: Changes = dataclasses.field(default_factory=dict)
    blocks: bool = False
