"""A branching call for the engine's tests: a front desk before the preset freight manager, and a colleague who joins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from calls.engine import Ensemble, Reply
from integrations.embeddings.embedded import default_encoder
from scenarios.branching.graph import Graph
from scenarios.briefs import Objection, PersonaBrief, Script
from tests.engine.briefs import brief
from tests.scenarios.branching.graphs import edge, whole

HELLO = "Hello, this is Laura from RouteWise. Could you put me through to Dana Whitfield, please?"
REASON = "It is about the late deliveries in your fleet, which I believe operations deals with."
OPENING = "Hi Dana, this is Laura from RouteWise. I'm calling because we help hauliers get fewer late deliveries."
QUESTION = "What happens when a delivery is late?"


def front_desk() -> PersonaBrief:
    return replace(
        brief(),
        name="Gail Frost",
        role="Receptionist",
        personality="friendly",
        difficulty="easy",
        first_message="Northgate Freight, Gail speaking.",
        voice_id="june",
        hidden_pains=(),
        facts={},
        goal="",
        next_step="",
        objections=(
            Objection(
                key="about",
                kind="need",
                text="She gets a lot of calls. What exactly is it about?",
                concern="I'm told to keep sales calls away unless it is something she deals with.",
                resolve_hints=(REASON, "It is about something that operations deals with: late deliveries."),
                harden_hints=("I can only tell that to the boss.",),
                resolved_text="Ah, late deliveries, that is hers.",
            ),
        ),
    )


def graph(*, edges: tuple[dict[str, Any], ...] = (), nodes: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """The whole graph of the other tests; what is given comes first among the edges."""
    made = whole()
    made["nodes"] += nodes
    made["edges"] = [*edges, *made["edges"]]
    return made


def branching(data: dict[str, Any] | None = None, **people: PersonaBrief) -> PersonaBrief:
    return replace(brief(), script=Script(Graph.from_json(data or graph()), {"desk": front_desk(), **people}))


def ensemble(data: dict[str, Any] | None = None, **people: PersonaBrief) -> Ensemble:
    """A call that somebody has just picked up."""
    made = Ensemble(branching(data, **people), encoder=default_encoder())
    made.open()
    return made


def say(made: Ensemble, *turns: str, seconds: int = 8) -> list[Reply]:
    start = made.state()["turn"]
    return [made.hear(text, at_ms=(start + number) * seconds * 1000) for number, text in enumerate(turns, start=1)]


def through() -> Ensemble:
    """A call in which the buyer is on the line."""
    made = ensemble()
    say(made, HELLO, REASON)
    assert made.node.id == "talk"
    return made


__all__ = [
    "HELLO",
    "OPENING",
    "QUESTION",
    "REASON",
    "branching",
    "edge",
    "ensemble",
    "front_desk",
    "graph",
    "say",
    "through",
]
