"""The content that ships: complete, playable, and in two languages."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from integrations.speech.voices import voices_for
from scenarios import presets
from scenarios.briefs import DIFFICULTIES, MODES, PERSONALITIES, BriefInvalid, PersonaBrief
from scoring.signals import SIGNALS

PERSONAS, SCENARIOS, RUBRICS = presets.personas(), presets.scenarios(), presets.rubrics()


def slugs(found: object, language: str) -> set[str]:
    return {slug for slug, spoken in found if spoken == language}  # type: ignore[attr-defined]


def test_there_is_enough_of_it():
    assert len(slugs(PERSONAS, "en")) >= 8
    assert len(slugs(SCENARIOS, "en")) >= 6
    assert len(slugs(RUBRICS, "en")) >= 3


@pytest.mark.parametrize("found", [PERSONAS, SCENARIOS, RUBRICS], ids=["personas", "scenarios", "rubrics"])
def test_at_least_half_of_it_is_also_in_spanish(found: object):
    assert slugs(found, "es") <= slugs(found, "en")
    assert 2 * len(slugs(found, "es")) >= len(slugs(found, "en"))


def test_every_personality_difficulty_and_mode_occurs():
    assert {persona.personality for persona in PERSONAS.values()} == set(PERSONALITIES)
    assert {persona.difficulty for persona in PERSONAS.values()} == set(DIFFICULTIES)
    for language in ("en", "es"):
        assert {item.mode for (_, spoken), item in SCENARIOS.items() if spoken == language} == set(MODES)


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=lambda persona: f"{persona.slug}.{persona.language}")
def test_a_persona_has_all_it_takes(persona: presets.PresetPersona):
    assert len(persona.objections) >= 3
    assert len(persona.hidden_pains) >= 2
    assert len(persona.facts) >= 4
    assert persona.voice_id in {voice.id for voice in voices_for(persona.language)}
    for objection in persona.objections:
        assert len(objection.resolve_hints) >= 3
        assert objection.harden_hints
        assert objection.resolved_text
        assert objection.hardened_text
    for pain in persona.hidden_pains:
        assert len(pain.reveal_hints) >= 3
        assert all("?" in hint for hint in pain.reveal_hints)


@pytest.mark.parametrize("slug", sorted(slugs(PERSONAS, "es")))
def test_the_spanish_persona_is_somebody_else(slug: str):
    assert PERSONAS[slug, "es"].name != PERSONAS[slug, "en"].name
    assert PERSONAS[slug, "es"].company != PERSONAS[slug, "en"].company


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: f"{scenario.slug}.{scenario.language}")
def test_a_scenario_does_not_give_away_what_is_hidden(scenario: presets.PresetScenario):
    brief = scenario.brief()
    assert PersonaBrief.from_json(brief.to_json()) == brief
    for pain in brief.hidden_pains:
        assert pain.reveal_text not in scenario.trainee_brief
        assert pain.pain not in scenario.trainee_brief


@pytest.mark.parametrize(
    "scenario",
    [item for item in SCENARIOS.values() if item.graph],
    ids=lambda scenario: f"{scenario.slug}.{scenario.language}",
)
def test_a_graph_is_drawn_from_top_to_bottom(scenario: presets.PresetScenario):
    """As the editor arranges one: edges leave below and arrive above, and no stage stands on another."""
    graph: Any = scenario.graph
    nodes = {node["id"]: node for node in graph["nodes"]}
    for edge in graph["edges"]:
        assert nodes[edge["to"]]["y"] >= nodes[edge["from"]]["y"] + 130, edge["id"]
    for one, other in itertools.combinations(nodes.values(), 2):
        assert abs(one["x"] - other["x"]) >= 230 or abs(one["y"] - other["y"]) >= 130, (one["id"], other["id"])


@pytest.mark.parametrize("rubric", RUBRICS.values(), ids=lambda rubric: f"{rubric.slug}.{rubric.language}")
def test_a_rubric_adds_up_and_knows_its_signals(rubric: presets.PresetRubric):
    assert sum(criterion.weight for criterion in rubric.spec.criteria) == 100
    for criterion in rubric.spec.criteria:
        assert criterion.signals
        assert set(criterion.signals) <= set(SIGNALS)


def test_the_default_weights():
    weights = {criterion.key: criterion.weight for criterion in RUBRICS["five-criterion", "en"].spec.criteria}
    assert weights == {"opening": 20, "discovery": 25, "objection_handling": 25, "communication": 15, "closing": 15}


@pytest.mark.parametrize("slug", sorted(slugs(RUBRICS, "en")))
def test_both_languages_weigh_alike(slug: str):
    def shape(language: str) -> list[tuple[str, int, str, tuple[str, ...]]]:
        return [(item.key, item.weight, item.kind, item.signals) for item in RUBRICS[slug, language].spec.criteria]

    assert shape("en") == shape("es")


def test_a_broken_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "nobody.en.yaml").write_text("name: Nobody\n")
    monkeypatch.setattr(presets, "HERE", tmp_path)
    with pytest.raises(BriefInvalid, match=r"personas/nobody\.en\.yaml: role"):
        presets.personas.__wrapped__()
