"""Graphs for tests: whole, and broken in one place."""

from __future__ import annotations

from typing import Any

from scenarios.branching.validation import Person

PEOPLE = {
    "": Person("Dana Cole", "en", objections={"price": "Too dear."}, pains={"downtime": "Machines stand still."}),
    "desk": Person("Gail Frost", "en", objections={"about": "What is it about?"}),
    "old": Person("Otto Old", "en", archived=True),
    "otra": Person("Olga Otra", "es"),
}


def node(id: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": kind, "title": more.pop("title", id.title()), **more}


def edge(source: str, target: str, kind: str = "always", **more: Any) -> dict[str, Any]:
    label = more.pop("label", "")
    return {
        "id": f"{source}-{target}-{kind}",
        "from": source,
        "to": target,
        "label": label,
        "when": {"kind": kind, **more},
    }


def whole() -> dict[str, Any]:
    """Start → gatekeeper → buyer → an end for each way it can go."""
    return {
        "nodes": [
            node("start", "start"),
            node("door", "gatekeeper", persona="desk"),
            node("talk", "buyer", persona=None, instructions="Get to the point."),
            node("price", "stage", says="Then let us talk about money."),
            node("won", "end", outcome="won"),
            node("lost", "end", outcome="lost"),
        ],
        "edges": [
            edge("start", "door"),
            edge("door", "talk", "objection_met", objection="about"),
            edge("door", "lost", "patience", below=15),
            edge("talk", "won", "agreed"),
            edge("talk", "price", "questions", count=3),
            edge("talk", "lost", "time", seconds=240, since="stage"),
            edge("price", "won", "agreed"),
            edge("price", "lost", "turns", count=6),
        ],
    }
