"""The preset scenarios that branch: whole, and a good, a mediocre and a bad seller each take another way through them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from integrations.embeddings.embedded import default_encoder
from scenarios import presets
from scenarios.branching.graph import END, Graph
from scenarios.branching.validation import Person, validate
from scoring.judges.base import Case
from scoring.judges.embedded import EmbeddedJudge
from scoring.results import flags_for, result_of
from tests.sellers.branching import branching_keys, play_branching
from tests.sellers.play import QUALITIES

EACH = pytest.mark.parametrize(("slug", "language"), branching_keys())


def test_there_are_two_in_both_languages() -> None:
    assert set(branching_keys()) == {
        (slug, language) for slug in ("freight-front-desk", "insurance-committee") for language in ("en", "es")
    }


@EACH
def test_nothing_is_wrong_with_the_graph(slug: str, language: str) -> None:
    scenario = presets.scenarios()[slug, language]
    graph = Graph.from_json(scenario.graph)
    people = {}
    for name in ("", *graph.people):
        persona = presets.personas()[name or scenario.persona, language]
        people[name] = Person(
            persona.name,
            language,
            objections={one.key: one.text for one in persona.objections},
            pains={one.key: one.pain for one in persona.hidden_pains},
        )
    assert validate(graph, personas=people, time_limit_seconds=scenario.time_limit_minutes * 60) == []


@pytest.mark.parametrize("slug", sorted({slug for slug, _language in branching_keys()}))
def test_both_languages_branch_alike(slug: str) -> None:
    def shape(language: str) -> tuple[list[object], list[object]]:
        graph = Graph.from_json(presets.scenarios()[slug, language].graph)
        nodes = [(node.id, node.kind, node.persona, node.outcome, bool(node.says)) for node in graph.nodes]
        return nodes, [(edge.source, edge.target, edge.when) for edge in graph.edges]

    assert shape("en") == shape("es")


@EACH
def test_each_seller_takes_another_way_and_the_good_one_wins(slug: str, language: str) -> None:
    ways = {quality: play_branching(slug, language, quality) for quality in QUALITIES}
    assert len({tuple(played.path) for played in ways.values()}) == len(QUALITIES)
    assert (ways["good"].outcome, ways["good"].reason) == ("won", "next_step_agreed")
    assert ways["mediocre"].outcome in {"follow_up", "undecided", "lost"}
    assert ways["bad"].outcome == "lost"
    graph = Graph.from_json(presets.scenarios()[slug, language].graph)
    for quality in ("good", "bad"):
        last = graph.node(ways[quality].path[-1])
        assert last is not None
        assert last.kind == END


@EACH
def test_the_score_orders_them(slug: str, language: str) -> None:
    scenario = presets.scenarios()[slug, language]
    rubric, brief = presets.rubrics()[scenario.rubric, language].spec, scenario.brief()
    scores = []
    for quality in QUALITIES:
        played = play_branching(slug, language, quality)
        names = {(brief.script.people[name] if name and brief.script else brief).name for name in played.speakers}
        case = Case(
            turns=tuple(played.turns),
            rubric=rubric,
            language=language,
            mode=brief.mode,
            brief=brief.together(names),
        )
        judged = EmbeddedJudge(default_encoder()).judge(case, track="deep")
        scores.append(result_of(case, judged, flags=flags_for(case))["overall_score"])
    assert all(better > worse for better, worse in pairwise(scores)), scores


@EACH
@pytest.mark.parametrize("quality", QUALITIES)
def test_nobody_falls_out_of_their_part(slug: str, language: str, quality: str) -> None:
    """No placeholder, no pain of anybody before its question, short enough to be spoken."""
    brief, told = presets.scenarios()[slug, language].brief(), set()
    for turn in play_branching(slug, language, quality).turns:
        if turn.role == "user":
            continue
        assert "{" not in turn.content
        assert 0 < len(turn.content.split()) <= 75
        told |= {entry["subject"] for entry in turn.trace if entry["rule"] == "pain_revealed"}
        for pain in (pain for person in brief.everybody for pain in person.hidden_pains):
            assert pain.key in told or pain.reveal_text not in turn.content
