"""Where a branching call stands, and what leads on from there. Pure; knows nothing of words or moods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scenarios.branching.graph import END, Edge, Graph, Node, When


@dataclass(frozen=True, slots=True)
class Seen:
    """What one turn of the seller came to. `settled` and `told`: keys of the objections and pains of who speaks, so far in
    the call; `questions`: asked in this turn; `patience`: 0–100."""

    at_ms: int
    acts: frozenset[str] = frozenset()
    questions: int = 0
    settled: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    agreed: bool = False
    patience: int = 100


@dataclass(slots=True)
class Place:
    """A stage that the call is in: since when, and what has happened in it."""

    node: str
    since_ms: int = 0
    turns: int = 0
    questions: int = 0


class Walker:
    """Follows one call through its graph. A turn leads at most one edge on, so it never goes round by itself."""

    def __init__(self, graph: Graph, place: Mapping[str, Any] | None = None) -> None:
        """`place`: what `to_json` gave earlier. Raises ValueError for a graph that begins nowhere, or a place it has not."""
        self._graph = graph
        if place is not None:
            self._place = Place(**place)
        else:
            start = graph.start
            ways = graph.edges_from(start.id) if start else ()
            if not ways:
                raise ValueError("the graph has no start that leads anywhere")
            self._place = Place(ways[0].target)
        if graph.node(self._place.node) is None:
            raise ValueError(f"the graph has no stage {self._place.node!r}")

    @property
    def node(self) -> Node:
        found = self._graph.node(self._place.node)
        assert found is not None
        return found

    def to_json(self) -> dict[str, Any]:
        return asdict(self._place)

    def note(self, seen: Seen) -> None:
        """A turn of the seller was heard."""
        self._place.turns += 1
        self._place.questions += seen.questions

    def due(self, seen: Seen, *, only_ends: bool = False) -> Edge | None:
        """The first edge whose condition holds now; `only_ends`: of those that lead to an end."""
        for edge in self._graph.edges_from(self._place.node):
            target = self._graph.node(edge.target)
            if target is None or (only_ends and target.kind != END):
                continue
            if self._holds(edge.when, seen):
                return edge
        return None

    def take(self, edge: Edge, *, at_ms: int) -> Node:
        """Go on to the stage that an edge leads to."""
        self._place = Place(edge.target, since_ms=at_ms)
        return self.node

    def _holds(self, when: When, seen: Seen) -> bool:
        match when.kind:
            case "always":
                return True
            case "intent":
                return when.value in seen.acts
            case "objection_met":
                return when.value in seen.settled
            case "pain_revealed":
                return when.value in seen.told
            case "agreed":
                return seen.agreed
            case "questions":
                return self._place.questions >= when.count
            case "turns":
                return self._place.turns >= when.count
            case "time":
                begun = 0 if when.since == "call" else self._place.since_ms
                return seen.at_ms - begun >= when.count * 1000
            case "patience":
                return seen.patience <= when.count
        return False
