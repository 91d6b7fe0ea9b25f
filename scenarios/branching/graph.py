"""Where a conversation can go: stages, who speaks in them, and what leads from one to the next. Plain data, no Django.

```json
{"nodes": [{"id": "desk", "kind": "gatekeeper", "title": "Front desk", "persona": "<id>", "says": "", "instructions": "",
            "outcome": "", "x": 0, "y": 0}],
 "edges": [{"id": "e1", "from": "desk", "to": "boss", "label": "", "when": {"kind": "turns", "count": 3}}]}
```

`persona` names who speaks: in an organisation by the persona's id, in a content package by its key; null is whoever spoke
before, and the scenario's own buyer where nobody has. Edges of a node are tried in the order of the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

START, GATEKEEPER, BUYER, STAGE, END = NODE_KINDS = ("start", "gatekeeper", "buyer", "stage", "end")
OUTCOMES = ("won", "follow_up", "undecided", "lost")
# What a seller can do in one turn, as the conversation engine tells it apart.
INTENTS = (
    *("introduction", "reason", "put_through", "permission", "empathy", "reflection", "explore", "evidence", "price"),
    *("next_step", "farewell", "pitch", "discount", "small_talk", "buzzwords", "pushy", "dismissal", "rude"),
)
SINCE = ("stage", "call")

MOST_NODES = 40
MOST_EDGES = 120
LONGEST_ID = 60
LONGEST_TITLE = 80
LONGEST_LINE = 400
LONGEST_INSTRUCTIONS = 1_000
FARTHEST = 100_000.0
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*\Z")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # halves of characters and the null, which no database takes


class GraphInvalid(ValueError):
    """JSON that is no graph. `path` is the dotted path of the value at fault; `problem` a stable code: "object", "list",
    "text", "id", "choice", "number", "long", "many", "unknown"; `most` the limit that was passed, where there is one."""

    def __init__(self, path: str, problem: str, *, most: int | None = None) -> None:
        self.path = path
        self.problem = problem
        self.most = most
        super().__init__(f"{path}: {problem}")


@dataclass(frozen=True, slots=True)
class When:
    """What must have happened in a stage for an edge to be taken.

    kind: "always" (after the next turn) · "intent" (`value`: the turn did this) · "objection_met", "pain_revealed" (`value`:
    the key, of who speaks in the stage) · "agreed" (the next step was agreed on) · "questions", "turns" (at least `count`
    since the stage began) · "time" (at least `count` seconds since the stage, or the call, began: `since`) · "patience" (at
    most `count` of 100 is left).
    """

    kind: str = "always"
    value: str = ""
    count: int = 0
    since: str = ""

    def to_json(self) -> dict[str, Any]:
        own: dict[str, Any] = {"kind": self.kind}
        for name in FIELDS[self.kind]:
            own[name] = getattr(self, _KEPT_AS[name])
        return own

    @classmethod
    def from_json(cls, data: Any, path: str) -> When:
        """Raises `GraphInvalid`."""
        values = _mapping(data, path)
        kind = _choice(values, "kind", path, tuple(FIELDS), default="always")
        _no_others(values, {"kind", *FIELDS[kind]}, path)
        read: dict[str, Any] = {}
        for name in FIELDS[kind]:
            read[_KEPT_AS[name]] = _READ[name](values, name, path)
        return cls(kind=kind, **read)


# What a condition of each kind says beside its kind.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "always": (),
    "intent": ("intent",),
    "objection_met": ("objection",),
    "pain_revealed": ("pain",),
    "agreed": (),
    "questions": ("count",),
    "turns": ("count",),
    "time": ("seconds", "since"),
    "patience": ("below",),
}
_KEPT_AS = {
    "intent": "value",
    "objection": "value",
    "pain": "value",
    "count": "count",
    "seconds": "count",
    "below": "count",
    "since": "since",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A stage of the call. `says`: words that open it; `instructions`: for language models that play or word the buyer;
    `outcome`: of an end. `x` and `y` are where an editor drew it."""

    id: str
    kind: str
    title: str
    persona: str | None = None
    says: str = ""
    instructions: str = ""
    outcome: str = ""
    x: float = 0.0
    y: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in NODE_FIELDS}

    @classmethod
    def from_json(cls, data: Any, path: str) -> Node:
        values = _mapping(data, path)
        _no_others(values, set(NODE_FIELDS), path)
        persona = values.get("persona")
        return cls(
            id=_id(values, "id", path),
            kind=_choice(values, "kind", path, NODE_KINDS),
            title=_text(values, "title", path, LONGEST_TITLE),
            persona=None if persona is None or persona == "" else _text(values, "persona", path, LONGEST_TITLE),
            says=_text(values, "says", path, LONGEST_LINE),
            instructions=_text(values, "instructions", path, LONGEST_INSTRUCTIONS),
            outcome=_text(values, "outcome", path, LONGEST_ID),
            x=_place(values, "x", path),
            y=_place(values, "y", path),
        )


NODE_FIELDS = ("id", "kind", "title", "persona", "says", "instructions", "outcome", "x", "y")


@dataclass(frozen=True, slots=True)
class Edge:
    """From one stage to another, `when` something has happened."""

    id: str
    source: str
    target: str
    when: When = When()
    label: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "from": self.source,
            "to": self.target,
            "when": self.when.to_json(),
            "label": self.label,
        }

    @classmethod
    def from_json(cls, data: Any, path: str) -> Edge:
        values = _mapping(data, path)
        _no_others(values, {"id", "from", "to", "when", "label"}, path)
        return cls(
            id=_id(values, "id", path),
            source=_id(values, "from", path),
            target=_id(values, "to", path),
            when=When.from_json(values.get("when", {}), f"{path}.when"),
            label=_text(values, "label", path, LONGEST_TITLE),
        )


@dataclass(frozen=True, slots=True)
class Graph:
    """All stages and edges of a scenario. It may be unfinished: `validation.validate` says what is missing."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"nodes": [node.to_json() for node in self.nodes], "edges": [edge.to_json() for edge in self.edges]}

    @classmethod
    def from_json(cls, data: Any) -> Graph:
        """Raises `GraphInvalid` with the path of what is no graph: a wrong type, an unknown word, a text that is too long."""
        values = _mapping(data, "graph")
        _no_others(values, {"nodes", "edges"}, "graph")
        return cls(
            nodes=tuple(
                Node.from_json(item, f"nodes[{index}]")
                for index, item in enumerate(_list(values, "nodes", "graph", MOST_NODES))
            ),
            edges=tuple(
                Edge.from_json(item, f"edges[{index}]")
                for index, item in enumerate(_list(values, "edges", "graph", MOST_EDGES))
            ),
        )

    def node(self, node_id: str) -> Node | None:
        return next((node for node in self.nodes if node.id == node_id), None)

    def edges_from(self, node_id: str) -> tuple[Edge, ...]:
        """In the order in which they are tried."""
        return tuple(edge for edge in self.edges if edge.source == node_id)

    @property
    def start(self) -> Node | None:
        return next((node for node in self.nodes if node.kind == START), None)

    @property
    def people(self) -> tuple[str, ...]:
        """Who is named in it, each once; the scenario's own buyer is not named."""
        return tuple(dict.fromkeys(node.persona for node in self.nodes if node.persona))

    def with_people(self, rename: Callable[[str], str]) -> Graph:
        """The same graph with its people called otherwise: ids of an organisation for keys of a package, or back."""
        return replace(
            self,
            nodes=tuple(replace(node, persona=rename(node.persona)) if node.persona else node for node in self.nodes),
        )


def _mapping(data: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise GraphInvalid(path, "object")
    return data


def _no_others(values: Mapping[str, Any], known: set[str], path: str) -> None:
    for name in values:
        if name not in known:
            raise GraphInvalid(f"{path}.{str(name)[:LONGEST_ID]}", "unknown")


def _list(values: Mapping[str, Any], name: str, path: str, most: int) -> list[Any]:
    items = values.get(name, [])
    if not isinstance(items, list | tuple):
        raise GraphInvalid(f"{path}.{name}", "list")
    if len(items) > most:
        raise GraphInvalid(f"{path}.{name}", "many", most=most)
    return list(items)


def _text(values: Mapping[str, Any], name: str, path: str, most: int) -> str:
    text = values.get(name, "")
    if text is None:
        return ""
    if not isinstance(text, str) or _UNSTORABLE.search(text):
        raise GraphInvalid(f"{path}.{name}", "text")
    if len(text) > most:
        raise GraphInvalid(f"{path}.{name}", "long", most=most)
    return text.strip()


def _id(values: Mapping[str, Any], name: str, path: str) -> str:
    text = _text(values, name, path, LONGEST_ID)
    if not _ID.match(text):
        raise GraphInvalid(f"{path}.{name}", "id")
    return text


def _choice(
    values: Mapping[str, Any], name: str, path: str, options: tuple[str, ...], *, default: str | None = None
) -> str:
    value = values.get(name, default)
    if not isinstance(value, str) or value not in options:
        raise GraphInvalid(f"{path}.{name}", "choice")
    return value


def _place(values: Mapping[str, Any], name: str, path: str) -> float:
    value = values.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -FARTHEST <= value <= FARTHEST:
        raise GraphInvalid(f"{path}.{name}", "number", most=int(FARTHEST))
    return float(value)


def _whole(values: Mapping[str, Any], name: str, path: str) -> int:
    value = values.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_OF[name]:
        raise GraphInvalid(f"{path}.{name}", "number", most=MOST_OF[name])
    return value


MOST_OF = {"count": 100, "seconds": 3600, "below": 100}
_READ: Mapping[str, Callable[[Mapping[str, Any], str, str], Any]] = {
    "intent": lambda values, name, path: _text(values, name, path, LONGEST_ID),
    "objection": lambda values, name, path: _text(values, name, path, LONGEST_ID),
    "pain": lambda values, name, path: _text(values, name, path, LONGEST_ID),
    "count": _whole,
    "seconds": _whole,
    "below": _whole,
    "since": lambda values, name, path: _choice(values, name, path, SINCE, default=SINCE[0]),
}
