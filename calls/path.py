"""The way that a branching call took: its stages in the order in which they were entered, when, and why.

The engine writes it into the traces of turns, so a redo brings the beginning of its way along, and what is shown can be told
from the turns alone. The flight record has an event a stage besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from calls import events
from calls.models import Call, Turn
from scenarios.branching.graph import END, START, Node
from scenarios.branching.preview import in_order, speaker_in
from scenarios.branching.wording import happened
from scenarios.briefs import PersonaBrief

ENTERED = "stage:entered"
_STAGE, _BRANCH = "stage_entered", "branch_taken"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that a call went through. `speaker`: by name, "" in an end; `why`: what led there, "" for the first; `outcome`:
    of an end. `turn_id`: the turn of the buyer's side in which it began."""

    node: str
    title: str
    kind: str
    speaker: str
    at_ms: int
    why: str
    outcome: str
    edge: str
    turn_id: UUID

    def to_json(self) -> dict[str, Any]:
        names = ("node", "title", "kind", "speaker", "why", "outcome", "edge")
        return {**{name: getattr(self, name) for name in names}, "turn_id": str(self.turn_id)}


@dataclass(frozen=True, slots=True)
class Way:
    """All stages that a call could go through, those that it did in `taken`. `missed`: the others, ends among them."""

    taken: tuple[Stage, ...]
    missed: tuple[Node, ...]


def way_of(call: Call, turns: Iterable[Turn], *, language: str = "") -> Way | None:
    """None for a call that does not branch. `language`: of the reader; the call's own where it is not given."""
    brief = branching_brief(call.brief)
    if brief is None or brief.script is None:
        return None
    taken = list(_stages(brief, turns, language=language or call.language))
    seen = {stage.node for stage in taken}
    missed = tuple(node for node in in_order(brief.script.graph) if node.id not in seen and node.kind != START)
    return Way(tuple(taken), missed)


def keep(call_id: UUID, turn: Turn) -> None:
    """Write down for the flight record that a turn led on. Nobody is told while the call goes on."""
    if not led_on(turn):
        return
    call = Call.objects.only("brief", "language").get(pk=call_id)
    brief = branching_brief(call.brief)
    if brief is None:
        return
    so_far = [*call.turns.filter(seq__lt=turn.seq).order_by("seq").only("trace", "timestamp_ms"), turn]
    for stage in _stages(brief, so_far, language=call.language):
        if stage.turn_id == turn.pk:
            events.keep(call_id, ENTERED, stage.to_json(), at_ms=stage.at_ms)


def led_on(turn: Turn) -> bool:
    """Did a stage begin with this turn?"""
    return any(entry.get("rule") == _STAGE for entry in turn.trace)


def branching_brief(brief: Mapping[str, Any]) -> PersonaBrief | None:
    """A call's brief, where it branches."""
    return PersonaBrief.from_json(brief) if brief.get("script") else None


def _stages(brief: PersonaBrief, turns: Iterable[Turn], *, language: str) -> Iterator[Stage]:
    """The stages that began with these turns, which are a call's from its beginning."""
    assert brief.script is not None
    graph, speaker = brief.script.graph, ""
    for turn in turns:
        edge = None
        for entry in turn.trace:
            subject = str(entry.get("subject", ""))
            if entry.get("rule") == _BRANCH:
                edge = next((one for one in graph.edges if one.id == subject), None)
            if entry.get("rule") != _STAGE or (node := graph.node(subject)) is None:
                continue
            why = happened(edge.when, language=language, names=_texts(brief, speaker)) if edge else ""
            speaker = speaker_in(node, speaker)
            yield Stage(
                node=node.id,
                title=node.title or node.id,
                kind=node.kind,
                speaker="" if node.kind == END else _person(brief, speaker).name,
                at_ms=turn.timestamp_ms,
                why=why,
                outcome=node.outcome,
                edge=edge.id if edge else "",
                turn_id=turn.pk,
            )
            edge = None


def _person(brief: PersonaBrief, name: str) -> PersonaBrief:
    assert brief.script is not None
    return brief.script.people.get(name, brief)


def _texts(brief: PersonaBrief, speaker: str) -> dict[str, str]:
    """What conditions may name, of whoever spoke when one of them held."""
    person = _person(brief, speaker)
    return {one.key: one.text for one in person.objections} | {one.key: one.pain for one in person.hidden_pains}
