"""What stops publishing and what is only worth a look, in plain words with the field at fault."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.models import Criterion, HiddenPain, Objection
from scenarios.validation import Note, check_persona, check_rubric, check_scenario
from scenarios.wording import EMOTION, MARKUP
from tests.scenarios.factories import make_persona, make_rubric, make_scenario

pytestmark = pytest.mark.usefixtures("in_acme")


def fields(notes: list[Note], level: str = "error") -> list[str]:
    return [note.field for note in notes if note.level == level]


def test_good_content_has_no_notes() -> None:
    assert check_scenario(make_scenario()) == []


@pytest.mark.parametrize("name", ["name", "role", "company", "industry", "backstory"])
def test_a_persona_needs_its_texts(name: str) -> None:
    assert fields(check_persona(make_persona(**{name: "  "}))) == [name]


def test_a_persona_needs_an_objection() -> None:
    persona = make_persona()
    persona.objections.all().delete()
    assert fields(check_persona(persona)) == ["objections"]


@pytest.mark.parametrize(
    ("model", "change", "field"),
    [
        (Objection, {"resolve_hints": []}, "objections[0].resolve_hints"),
        (Objection, {"resolve_hints": ["  "]}, "objections[0].resolve_hints"),
        (Objection, {"concern": ""}, "objections[0].concern"),
        (Objection, {"text": "<b>No</b>"}, "objections[0].text"),
        (Objection, {"harden_hints": ["<i>x</i>"]}, "objections[0].harden_hints"),
        (HiddenPain, {"reveal_hints": []}, "hidden_pains[0].reveal_hints"),
        (HiddenPain, {"pain": "<p>"}, "hidden_pains[0].pain"),
    ],
)
def test_what_nobody_could_solve_is_an_error(model: Any, change: dict[str, Any], field: str) -> None:
    persona = make_persona()
    model.objects.filter(persona=persona).update(**change)
    assert field in fields(check_persona(persona))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"facts": {}}, "facts"), ({"voice_id": ""}, "voice_id")],
)
def test_what_is_merely_poor_is_a_warning(change: dict[str, Any], field: str) -> None:
    notes = check_persona(make_persona(**change))
    assert (fields(notes), fields(notes, "warning")) == ([], [field])


def test_more_good_answers_than_are_described_is_a_warning() -> None:
    persona = make_persona()
    persona.objections.update(required=3)
    assert fields(check_persona(persona), "warning") == ["objections[0].required"]


def test_a_novel_is_too_long() -> None:
    assert fields(check_persona(make_persona(backstory="word " * 4000))) == ["backstory"]


@pytest.mark.parametrize(
    ("weights", "said"),
    [((), "at least one criterion"), ((100, 1), "add up to 101"), ((99,), "add up to 99"), ((0,), "add up to 0")],
)
def test_weights_add_up_to_a_hundred(weights: tuple[int, ...], said: str) -> None:
    notes = [note for note in check_rubric(make_rubric(weights)) if note.is_error]
    assert said in notes[0].message


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"definition": ""}, "definition"),
        ({"definition": "Sounds confident and relaxed."}, "definition"),
        ({"anchors": {"101": "x"}}, "anchors"),
        ({"anchors": {"good": "x"}}, "anchors"),
        ({"signals": ["telepathy"]}, "signals"),
        ({"kind": "blocker"}, "weight"),
    ],
)
def test_a_criterion_that_cannot_be_judged_is_an_error(change: dict[str, Any], field: str) -> None:
    rubric = make_rubric((60, 40))
    Criterion.objects.filter(pk=rubric.criteria.all()[0].pk).update(**change)
    assert f"criteria[0].{field}" in fields(check_rubric(rubric))


def test_two_criteria_of_one_name_are_an_error() -> None:
    rubric = make_rubric((60, 40))
    rubric.criteria.update(name="Same")
    assert fields(check_rubric(rubric)) == ["criteria"]


def test_two_demands_in_one_yes_or_no_are_a_warning() -> None:
    rubric = make_rubric((100,))
    rubric.criteria.update(kind="binary", definition="Names the price and also asks for the order.")
    assert fields(check_rubric(rubric), "warning") == ["criteria[0].definition"]


@pytest.mark.parametrize("name", ["title", "trainee_brief", "goal"])
def test_a_scenario_needs_its_texts(name: str) -> None:
    assert fields(check_scenario(make_scenario(**{name: " "}))) == [name]


def test_one_language_throughout() -> None:
    scenario = make_scenario(persona=make_persona(language="es"), rubric=make_rubric(language="es"))
    assert fields(check_scenario(scenario)) == ["persona", "rubric"]


def test_archived_parts_are_an_error() -> None:
    scenario = make_scenario()
    for part in (scenario.persona, scenario.rubric):
        part.status = "archived"
    assert fields(check_scenario(scenario)) == ["persona", "rubric"]


def test_telling_the_trainee_what_is_hidden_is_an_error() -> None:
    scenario = make_scenario()
    scenario.trainee_brief += " " + scenario.persona.hidden_pains.get().pain.upper()
    assert fields(check_scenario(scenario)) == ["trainee_brief"]


def test_errors_of_the_parts_name_the_part() -> None:
    scenario = make_scenario(rubric=make_rubric((10,)))
    assert fields(check_scenario(scenario)) == ["rubric.criteria"]
    assert check_scenario(scenario, deep=False) == []


@pytest.mark.parametrize(
    "text",
    [
        "The rep sounds very confident.",
        "Shows emotion when the buyer objects",
        "A warm tone of voice",
        "Seems nervous at the start",
        "Suena seguro al hablar",
        "Cuida el tono de voz",
        "Good eye contact",
    ],
)
def test_judging_feelings_is_found(text: str) -> None:
    assert EMOTION.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "Asks how the buyer feels about the present supplier.",
        "Clear words at a calm pace with few fillers.",
        "Tells the buyer what happens next.",
        "Habla con claridad y resume lo dicho.",
        "Builds confidence with a reference.",
    ],
)
def test_judging_words_is_left_alone(text: str) -> None:
    assert not EMOTION.search(text)


@pytest.mark.parametrize(
    ("text", "found"), [("5 < 6 > 4", False), ("I <3 it", False), ("<a href=x>", True), ("</p>", True)]
)
def test_markup_is_tags_only(text: str, found: bool) -> None:
    assert bool(MARKUP.search(text)) is found
