"""A graph's faults are found, and named by the stage or the edge that has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.branching.graph import MOST_NODES, Graph, GraphInvalid
from scenarios.branching.preview import as_text
from scenarios.branching.validation import problems_of
from tests.scenarios.branching.graphs import PEOPLE, edge, node, whole

Change = Callable[[dict[str, Any]], None]


def test_a_whole_graph_has_no_problems() -> None:
    assert problems_of(whole(), personas=PEOPLE, time_limit_seconds=600) == []


def _without(node_id: str) -> Change:
    def change(graph: dict[str, Any]) -> None:
        graph["nodes"] = [one for one in graph["nodes"] if one["id"] != node_id]

    return change


def _with(*, nodes: tuple[Any, ...] = (), edges: tuple[Any, ...] = (), first: bool = False) -> Change:
    def change(graph: dict[str, Any]) -> None:
        graph["nodes"] = [*graph["nodes"], *nodes]
        graph["edges"] = [*edges, *graph["edges"]] if first else [*graph["edges"], *edges]

    return change


def _set(node_id: str, **values: Any) -> Change:
    def change(graph: dict[str, Any]) -> None:
        next(one for one in graph["nodes"] if one["id"] == node_id).update(values)

    return change


BROKEN: dict[str, tuple[Change, str, str, str]] = {
    "no start": (_without("start"), "no_start", "", "no start"),
    "two starts": (
        _with(nodes=(node("again", "start"),), edges=(edge("again", "door"),)),
        "several_starts",
        "again",
        "Again",
    ),
    "start asks": (_with(edges=(edge("start", "talk", "turns", count=2),)), "start_with_conditions", "start", "Start"),
    "start ends": (
        lambda graph: graph["edges"].__setitem__(0, edge("start", "lost")),
        "nobody_speaks",
        "start",
        "Start",
    ),
    "dangling": (
        _with(edges=(edge("price", "nowhere", "turns", count=1),), first=True),
        "dangling_to",
        "price-nowhere-turns",
        "nowhere",
    ),
    "dead end": (
        _with(nodes=(node("pit", "stage"),), edges=(edge("talk", "pit", "intent", intent="price"),)),
        "dead_end",
        "pit",
        "Pit",
    ),
    "unreachable": (_with(nodes=(node("isle", "stage"),), edges=(edge("isle", "won"),)), "unreachable", "isle", "Isle"),
    "cycle": (
        _with(
            nodes=(node("ring", "stage"), node("rang", "stage")),
            edges=(edge("talk", "ring", "intent", intent="price"), edge("ring", "rang"), edge("rang", "ring")),
        ),
        "cycle_without_exit",
        "ring",
        "“Ring” → “Rang” → “Ring”",
    ),
    "foreign persona": (_set("door", persona="somebody-elses"), "unknown_persona", "door", "Door"),
    "archived persona": (_set("door", persona="old"), "archived_persona", "door", "Otto Old"),
    "other language": (_set("door", persona="otra"), "other_language", "door", "Olga Otra"),
    "gatekeeper without persona": (_set("door", persona=None), "no_persona", "door", "Door"),
    "unknown objection": (
        _with(edges=(edge("talk", "lost", "objection_met", objection="about"),)),
        "unknown_objection",
        "talk-lost-objection_met",
        "“about”",
    ),
    "unknown pain": (
        _with(edges=(edge("talk", "lost", "pain_revealed", pain="nothing"),)),
        "unknown_pain",
        "talk-lost-pain_revealed",
        "“nothing”",
    ),
    "unknown intent": (
        _with(edges=(edge("talk", "lost", "intent", intent="sings"),)),
        "unknown_intent",
        "talk-lost-intent",
        "“sings”",
    ),
    "shadowed by always": (_with(edges=(edge("talk", "lost"),), first=True), "shadowed", "talk-won-agreed", "“Won”"),
    "shadowed by less": (
        _with(edges=(edge("talk", "lost", "questions", count=5),)),
        "shadowed",
        "talk-lost-questions",
        "“Price”",
    ),
    "same condition": (
        _with(edges=(edge("talk", "lost", "questions", count=3),)),
        "same_condition",
        "talk-lost-questions",
        "wait for the same",
    ),
    "end without outcome": (_set("lost", outcome=""), "no_outcome", "lost", "Lost"),
    "end goes on": (_with(edges=(edge("lost", "talk"),)), "after_end", "lost-talk-always", "Lost"),
    "back to the start": (
        _with(edges=(edge("price", "start", "turns", count=2),)),
        "to_start",
        "price-start-turns",
        "Price",
    ),
    "after the call": (
        _with(edges=(edge("price", "lost", "time", seconds=900, since="call"),)),
        "too_late",
        "price-lost-time",
        "900",
    ),
    "nobody agrees at the door": (
        _with(edges=(edge("door", "won", "agreed"),)),
        "gatekeeper_agrees",
        "door-won-agreed",
        "Door",
    ),
    "the same id": (_with(nodes=(node("won", "end", outcome="won"),)), "same_id", "won", "won"),
    "markup": (_set("price", says="<b>Money</b>"), "markup", "price", "Price"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_graph_names_its_fault(name: str) -> None:
    change, code, id, words = BROKEN[name]
    graph = whole()
    change(graph)
    found = problems_of(graph, personas=PEOPLE, time_limit_seconds=600)
    told = [problem for problem in found if problem.code == code and problem.id == id]
    assert told, [problem.to_json() for problem in found]
    assert words in told[0].message


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ("a text", "graph"),
        ({"nodes": {}}, "graph.nodes"),
        ({"nodes": [7]}, "nodes[0]"),
        ({"nodes": [{"id": "a b", "kind": "end"}]}, "nodes[0].id"),
        ({"nodes": [{"id": "a", "kind": "queue"}]}, "nodes[0].kind"),
        ({"nodes": [{"id": "a", "kind": "end", "says": "x" * 401}]}, "nodes[0].says"),
        ({"nodes": [{"id": "a", "kind": "end", "colour": "red"}]}, "nodes[0].colour"),
        ({"nodes": [{"id": "a", "kind": "end", "title": "half \ud83d"}]}, "nodes[0].title"),
        ({"nodes": [{"id": "a", "kind": "end", "persona": ["x"]}]}, "nodes[0].persona"),
        ({"nodes": [{"id": "a", "kind": "end", "x": 10**400}]}, "nodes[0].x"),
        ({"nodes": [{"id": f"n{i}", "kind": "stage"} for i in range(MOST_NODES + 1)]}, "graph.nodes"),
        ({"edges": [{"id": "e", "from": "a", "to": "b", "when": {"kind": "full_moon"}}]}, "edges[0].when.kind"),
        (
            {"edges": [{"id": "e", "from": "a", "to": "b", "when": {"kind": "turns", "count": True}}]},
            "edges[0].when.count",
        ),
        (
            {"edges": [{"id": "e", "from": "a", "to": "b", "when": {"kind": "always", "count": 1}}]},
            "edges[0].when.count",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_graph_is_refused_by_its_path(data: Any, path: str) -> None:
    with pytest.raises(GraphInvalid) as refused:
        Graph.from_json(data)
    assert refused.value.path == path
    (problem,) = problems_of(data, personas=PEOPLE)
    assert problem.code == "malformed"
    assert problem.message.startswith(path)


def test_a_graph_survives_json() -> None:
    graph = Graph.from_json(whole())
    assert Graph.from_json(graph.to_json()) == graph
    assert graph.to_json() == Graph.from_json(graph.to_json()).to_json()


_IDS = st.sampled_from(["a", "b", "c", "d", "e"])
_NODES = st.fixed_dictionaries(
    {
        "id": _IDS,
        "kind": st.sampled_from(["start", "gatekeeper", "buyer", "stage", "end"]),
        "title": st.text("abc é<b>", max_size=9),
    },
    optional={"persona": st.sampled_from([None, "desk", "nobody"]), "outcome": st.sampled_from(["won", "", "?"])},
)
_WHENS = st.one_of(
    st.just({"kind": "always"}),
    st.builds(lambda count: {"kind": "turns", "count": count}, st.integers(0, 9)),
    st.builds(lambda intent: {"kind": "intent", "intent": intent}, st.sampled_from(["price", "pitch", "x"])),
)
_EDGES = st.fixed_dictionaries({"id": st.text("xyz", min_size=1, max_size=4), "from": _IDS, "to": _IDS, "when": _WHENS})


@given(st.fixed_dictionaries({"nodes": st.lists(_NODES, max_size=7), "edges": st.lists(_EDGES, max_size=12)}))
def test_any_graph_can_be_examined_and_read(data: dict[str, Any]) -> None:
    problems_of(data, personas=PEOPLE)
    for language in ("en", "es"):
        as_text(Graph.from_json(data), language)


def test_the_preview_says_who_speaks_and_what_leads_on() -> None:
    text = as_text(
        Graph.from_json(whole()),
        "en",
        people={"": "Dana Cole", "desk": "Gail Frost"},
        names={"about": "What is it about?"},
    )
    assert text.startswith("The call begins at “Door”.")
    assert "Gatekeeper: Door · Gail Frost speaks" in text
    assert "→ “Talk” when the objection “What is it about?” is settled" in text
    assert "Stage: Price · Dana Cole speaks" in text
    assert "The call ends: next step agreed." in text
    assert "→ «Price» cuando quien vende ha hecho 3 preguntas aquí" in as_text(Graph.from_json(whole()), "es")
