"""Questions about a graph that have nothing to do with words: what can be reached, what goes round, what never comes."""

from __future__ import annotations

from collections.abc import Sequence

from .graph import END, Edge, Graph, When


def reachable(graph: Graph, start: str) -> set[str]:
    """The nodes that can be reached from one, itself among them."""
    known = {node.id for node in graph.nodes}
    reached, waiting = {start}, [start]
    while waiting:
        for edge in graph.edges_from(waiting.pop()):
            if edge.target in known and edge.target not in reached:
                reached.add(edge.target)
                waiting.append(edge.target)
    return reached


def cycles_without_exit(graph: Graph) -> list[list[str]]:
    """Circles from which no end can be reached and nothing else leads out, each as the nodes along one round of it."""
    known = {node.id for node in graph.nodes}
    leads_out = {node.id for node in graph.nodes if node.kind == END or not graph.edges_from(node.id)}
    leads_out |= {edge.source for edge in graph.edges if edge.target not in known}  # named as a dangling edge
    changed = True
    while changed:
        more = {edge.source for edge in graph.edges if edge.target in leads_out} - leads_out
        leads_out |= more
        changed = bool(more)
    trapped = [node.id for node in graph.nodes if node.id not in leads_out]
    found: list[list[str]] = []
    told: set[str] = set()
    for node_id in trapped:
        if node_id in told:
            continue
        path: list[str] = []
        while node_id not in path:  # every trapped node leads to a trapped one, so this goes round at last
            path.append(node_id)
            node_id = next(edge.target for edge in graph.edges_from(node_id) if edge.target not in leads_out)
        circle = path[path.index(node_id) :]
        if told.isdisjoint(circle):
            found.append(circle)
        told.update(path)
    return found


def shadowed_by(edge: Edge, earlier: Sequence[Edge]) -> Edge | None:
    """The edge, of those tried before it, that is always taken first; None where there is none."""
    return next((other for other in earlier if _covers(other.when, edge.when)), None)


def _covers(first: When, then: When) -> bool:
    """Has `first` always happened when `then` has?"""
    if first.kind == "always" or first == then:
        return True
    if first.kind != then.kind:
        return False
    if first.kind in {"questions", "turns"}:
        return first.count <= then.count
    if first.kind == "time":
        # What has lasted that long since a stage began has lasted that long since the call began.
        return first.count <= then.count and (first.since == then.since or first.since == "call")
    if first.kind == "patience":
        return first.count >= then.count
    return False
