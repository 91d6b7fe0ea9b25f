"""The way a branching call took, as its debrief and its replay draw it: every stage, and beside it the ways not taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from calls.models import Call, Turn
from calls.path import branching_brief, way_of
from scenarios.branching.graph import END
from scenarios.branching.wording import wording

from .transcript import percent


@dataclass(frozen=True, slots=True)
class ShownStage:
    """`others`: titles of the stages that could have come next and didn't, at any time in the call. `speaker` and `why` may
    be empty; `outcome` is an end's, in words. `start_percent` places it on the line of time."""

    title: str
    kind: str
    speaker: str
    why: str
    outcome: str
    is_end: bool
    at_ms: int
    turn_id: str
    start_percent: str
    others: tuple[str, ...]


def shown_path(call: Call, turns: Sequence[Turn], *, length_ms: int) -> list[ShownStage]:
    """Empty for a call that does not branch, and where nobody knows its way. No query: `turns` are all of the call's."""
    language = (get_language() or call.language)[:2]
    way, brief = way_of(call, turns, language=language), branching_brief(call.brief)
    if way is None or brief is None or brief.script is None:
        return []
    graph, words = brief.script.graph, wording(language)
    missed = {node.id: node.title or node.id for node in way.missed}
    told: set[str] = set()
    shown = []
    for stage in way.taken:
        targets = [edge.target for edge in graph.edges_from(stage.node)]
        others = tuple(
            dict.fromkeys(missed[node_id] for node_id in targets if node_id in missed and node_id not in told)
        )
        told.update(targets)
        shown.append(
            ShownStage(
                title=stage.title,
                kind=words.kinds[stage.kind],
                speaker=stage.speaker,
                why=stage.why,
                outcome=words.outcomes.get(stage.outcome, ""),
                is_end=stage.kind == END,
                at_ms=stage.at_ms,
                turn_id=str(stage.turn_id),
                start_percent=percent(stage.at_ms, length_ms),
                others=others,
            )
        )
    return shown
