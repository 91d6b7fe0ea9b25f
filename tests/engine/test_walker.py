"""Conditions, one by one, and their order."""

from __future__ import annotations

from typing import Any

import pytest

from calls.engine.walker import Seen, Walker
from scenarios.branching.graph import Graph
from tests.scenarios.branching.graphs import edge, node


def walker(*edges: dict[str, Any]) -> Walker:
    nodes = [node("start", "start"), node("talk", "buyer"), node("next", "stage"), node("end", "end", outcome="lost")]
    return Walker(Graph.from_json({"nodes": nodes, "edges": [edge("start", "talk"), *edges]}))


def test_a_call_begins_where_the_start_leads() -> None:
    assert walker().node.id == "talk"


def test_a_graph_without_a_start_cannot_be_walked() -> None:
    with pytest.raises(ValueError, match="no start"):
        Walker(Graph.from_json({"nodes": [node("talk", "buyer")], "edges": []}))


HOLDS: dict[str, tuple[dict[str, Any], Seen, Seen]] = {
    "intent": (
        {"kind": "intent", "intent": "reason"},
        Seen(0, acts=frozenset({"pitch"})),
        Seen(0, acts=frozenset({"pitch", "reason"})),
    ),
    "objection_met": (
        {"kind": "objection_met", "objection": "price"},
        Seen(0, settled=frozenset({"time"})),
        Seen(0, settled=frozenset({"price"})),
    ),
    "pain_revealed": ({"kind": "pain_revealed", "pain": "x"}, Seen(0), Seen(0, told=frozenset({"x"}))),
    "agreed": ({"kind": "agreed"}, Seen(0), Seen(0, agreed=True)),
    "questions": ({"kind": "questions", "count": 2}, Seen(0, questions=1), Seen(0, questions=2)),
    "turns": ({"kind": "turns", "count": 1}, Seen(0), Seen(0)),
    "time": ({"kind": "time", "seconds": 30}, Seen(29_999), Seen(30_000)),
    "patience": ({"kind": "patience", "below": 20}, Seen(0, patience=21), Seen(0, patience=20)),
}


@pytest.mark.parametrize("name", HOLDS)
def test_an_edge_waits_for_its_condition(name: str) -> None:
    when, before, after = HOLDS[name]
    made = walker(edge("talk", "next", **when))
    if name != "turns":
        made.note(Seen(0))
        assert made.due(before) is None
    made.note(after)
    taken = made.due(after)
    assert taken is not None
    assert made.take(taken, at_ms=after.at_ms).id == "next"


def test_what_is_first_in_the_list_goes_first() -> None:
    made = walker(edge("talk", "next", "intent", intent="price"), edge("talk", "end", "intent", intent="pitch"))
    both = made.due(Seen(0, acts=frozenset({"price", "pitch"})))
    assert both is not None
    assert both.target == "next"
    ends = made.due(Seen(0, acts=frozenset({"price", "pitch"})), only_ends=True)
    assert ends is not None
    assert ends.target == "end"


def test_questions_turns_and_time_count_from_the_beginning_of_the_stage() -> None:
    made = walker(
        edge("talk", "next", "questions", count=2),
        edge("next", "talk", "questions", count=2),
        edge("next", "end", "time", seconds=60),
    )
    first = Seen(50_000, questions=2)
    made.note(first)
    taken = made.due(first)
    assert taken is not None
    made.take(taken, at_ms=50_000)
    made.note(Seen(70_000, questions=1))
    assert made.due(Seen(109_999)) is None
    assert made.due(Seen(110_000)) is not None


def test_a_walk_goes_on_from_its_json() -> None:
    graph = Graph.from_json(
        {
            "nodes": [node("start", "start"), node("talk", "buyer"), node("end", "end", outcome="lost")],
            "edges": [edge("start", "talk"), edge("talk", "end", "turns", count=2)],
        }
    )
    made = Walker(graph)
    made.note(Seen(0))
    again = Walker(graph, made.to_json())
    again.note(Seen(0))
    assert again.due(Seen(0)) is not None
