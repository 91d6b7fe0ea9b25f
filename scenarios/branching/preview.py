"""A graph as text: what happens in which order, for an author's preview and for language models that play the call."""

from __future__ import annotations

from collections.abc import Mapping

from .graph import END, START, Graph, Node
from .wording import Wording, expected, wording


def as_text(
    graph: Graph,
    language: str,
    *,
    people: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """The graph in plain lines, in the order in which its stages can be reached; takes unfinished graphs, too.

    `people`: persona → name, the scenario's own buyer under "". `names`: key of an objection or pain → its text.
    """
    words = wording(language)
    lines: list[str] = []
    start = graph.start
    first = [edge.target for edge in graph.edges_from(start.id)] if start else []
    for target in first[:1]:
        lines.append(words.begins.format(title=_title(graph, target)))
    speakers = speakers_of(graph)
    for node in in_order(graph):
        if node.kind == START:
            continue
        if lines:
            lines.append("")
        lines += _stage(graph, node, words, _who(speakers.get(node.id, set()), people or {}, words), language, names)
    if any(len(graph.edges_from(node.id)) > 1 for node in graph.nodes):
        lines += ["", words.order]
    return "\n".join(lines)


def stage_as_text(graph: Graph, node: Node, language: str, *, who: str, names: Mapping[str, str] | None = None) -> str:
    """One stage in plain lines, as it stands in `as_text`. `who` speaks in it, by name."""
    return "\n".join(_stage(graph, node, wording(language), who, language, names))


def _stage(
    graph: Graph, node: Node, words: Wording, who: str, language: str, names: Mapping[str, str] | None
) -> list[str]:
    lines = [_heading(node, words, who)]
    if node.says:
        lines.append("  " + words.says.replace("{text}", node.says))
    if node.instructions:
        lines.append("  " + words.instructions.replace("{text}", node.instructions))
    if node.kind == END:
        lines.append("  " + words.ends.format(outcome=words.outcomes.get(node.outcome, node.outcome or "?")))
    for edge in graph.edges_from(node.id):
        when = expected(edge.when, language=language, names=names)
        line = words.goes.replace("{when}", when).replace("{title}", _title(graph, edge.target))
        lines.append(f"  {line}" + (f" ({edge.label})" if edge.label else ""))
    return lines


def in_order(graph: Graph) -> list[Node]:
    """All nodes: those that can be reached, nearest to the start first, then the others as they are listed."""
    start = graph.start
    reached = [start.id] if start else []
    for node_id in reached:
        for edge in graph.edges_from(node_id):
            if edge.target not in reached and graph.node(edge.target):
                reached.append(edge.target)
    found = [node for node_id in reached if (node := graph.node(node_id))]
    return found + [node for node in graph.nodes if node.id not in reached]


def speakers_of(graph: Graph) -> dict[str, set[str]]:
    """Who may speak in each node: node → personas, "" for the scenario's own buyer. A stage without a persona goes on with
    whoever spoke before, and that may be one of several."""
    speakers: dict[str, set[str]] = {node.id: set() for node in graph.nodes}
    start = graph.start
    waiting = [(start.id, "")] if start else []
    seen: set[tuple[str, str]] = set()
    while waiting:
        node_id, before = waiting.pop()
        node = graph.node(node_id)
        if node is None or (node_id, before) in seen:
            continue
        seen.add((node_id, before))
        speaker = speaker_in(node, before)
        speakers[node_id].add(speaker)
        waiting += [(edge.target, speaker) for edge in graph.edges_from(node_id)]
    return speakers


def speaker_in(node: Node, before: str) -> str:
    """Who speaks in a node that is entered while `before` speaks."""
    if node.persona:
        return node.persona
    return "" if node.kind == "buyer" else before


def _who(speakers: set[str], people: Mapping[str, str], words: Wording) -> str:
    stranger = words.stranger if people else ""  # without a list of people, a package's key is all there is to say
    names = (people.get(speaker) or (stranger or speaker if speaker else words.own_buyer) for speaker in speakers)
    return " / ".join(sorted(names))


def _heading(node: Node, words: Wording, who: str) -> str:
    kind = words.kinds[node.kind]
    spoken = "" if node.kind == END or not who else " · " + words.speaks.replace("{who}", who)
    return f"{kind}: {node.title or node.id}{spoken}"


def _title(graph: Graph, node_id: str) -> str:
    node = graph.node(node_id)
    return (node.title or node.id) if node else node_id
