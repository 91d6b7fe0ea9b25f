"""What a model that plays the buyer is told."""

from __future__ import annotations

import pytest

from scenarios import presets
from scenarios.branching import as_text
from scenarios.prompts import buyer_prompt

ALL = sorted(presets.scenarios())


@pytest.mark.parametrize("key", ALL, ids=[f"{slug}.{language}" for slug, language in ALL])
def test_the_prompt_holds_everything_the_buyer_knows(key: tuple[str, str]) -> None:
    brief = presets.scenarios()[key].brief()
    prompt = buyer_prompt(brief)
    for text in (brief.name, brief.role, brief.company, brief.backstory, brief.next_step, *brief.facts.values()):
        assert text in prompt
    for objection in brief.objections:
        assert objection.text in prompt
        assert all(hint in prompt for hint in objection.resolve_hints)
    for pain in brief.hidden_pains:
        assert pain.reveal_text in prompt
    assert len(prompt) < 20_000 * len(brief.everybody)


@pytest.mark.parametrize("language", ["en", "es"])
def test_where_several_people_speak_it_holds_all_of_them_and_the_way(language: str) -> None:
    brief = presets.scenarios()["freight-front-desk", language].brief()
    prompt = buyer_prompt(brief)
    assert brief.script is not None
    for person in brief.everybody:
        for text in (person.name, person.backstory, *(objection.text for objection in person.objections)):
            assert text in prompt
    assert (
        as_text(
            brief.script.graph,
            language,
            people={"": brief.name} | {name: person.name for name, person in brief.script.people.items()},
            names={one.key: one.text for person in brief.everybody for one in person.objections}
            | {one.key: one.pain for person in brief.everybody for one in person.hidden_pains},
        )
        in prompt
    )
    assert "what_about" not in prompt
    assert brief.first_words == brief.script.graph.nodes[1].says


@pytest.mark.parametrize(("language", "word"), [("en", "You are"), ("es", "Eres")])
def test_it_speaks_the_buyers_language(language: str, word: str) -> None:
    brief = presets.scenarios()["freight-cold-call", language].brief()
    assert buyer_prompt(brief).startswith(f"{word} {brief.name}")


def test_the_authors_own_instruction_comes_last_and_braces_are_text() -> None:
    brief = presets.scenarios()[ALL[0]].brief()
    assert buyer_prompt(brief, extra="Mention {name} {oddly}.").endswith("- Mention {name} {oddly}.")
