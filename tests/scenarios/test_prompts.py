"""What a model that plays the buyer is told."""

from __future__ import annotations

import pytest

from scenarios import presets
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
    assert len(prompt) < 20_000


@pytest.mark.parametrize(("language", "word"), [("en", "You are"), ("es", "Eres")])
def test_it_speaks_the_buyers_language(language: str, word: str) -> None:
    brief = next(scenario.brief() for key, scenario in presets.scenarios().items() if key[1] == language)
    assert buyer_prompt(brief).startswith(f"{word} {brief.name}")


def test_the_authors_own_instruction_comes_last_and_braces_are_text() -> None:
    brief = presets.scenarios()[ALL[0]].brief()
    assert buyer_prompt(brief, extra="Mention {name} {oddly}.").endswith("- Mention {name} {oddly}.")
