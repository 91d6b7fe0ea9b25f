"""What a draft takes from a real call, and what it must not take."""

from __future__ import annotations

import pytest

from scenarios.from_calls import OBJECTIONS, PAINS, Line, draft_from_call, find, masked
from scenarios.validation import check_scenario
from tests.cast import Cast
from tests.factories import make_rubric_version

ENGLISH = (
    Line(False, "Norte Logistics, Marta Ruiz speaking."),
    Line(True, "Hello Marta, this is Ada Stone. How do you plan deliveries today?"),
    Line(False, "By hand, and it takes far too long every morning. Honestly, late trucks cost us penalties."),
    Line(True, "What would it be worth to halve them?"),
    Line(False, "A lot. But that sounds expensive for a firm like ours. And I have to ask my boss anyway."),
    Line(True, "I see. Shall we have a call with him on Tuesday at ten?"),
    Line(False, "Fine, write to marta.ruiz@norte.example or call +34 600 123 456."),
)
SPANISH = (
    Line(False, "Diga, soy Marta Ruiz."),
    Line(True, "Hola, soy Ada. ¿Cómo planifican las entregas?"),
    Line(False, "A mano, y perdemos dos horas cada mañana con eso."),
    Line(True, "¿Y quién lo decide?"),
    Line(False, "Tengo que consultarlo con mi jefe. Y además me parece muy caro para nosotros."),
    Line(True, "Lo entiendo. ¿Quedamos en una llamada con él el martes?"),
)


def test_objections_pains_and_the_next_step_are_the_customers_own_words() -> None:
    found = find(ENGLISH, language="en", names=["Marta Ruiz", "Ada Stone"])
    assert [(item["kind"], item["text"]) for item in found.objections] == [
        ("price", "But that sounds expensive for a firm like ours."),
        ("authority", "And I have to ask my boss anyway."),
    ]
    assert found.objections[0]["resolve_hints"] == ["I see. Shall we have a call with him on Tuesday at ten?"]
    assert [item["pain"] for item in found.pains] == ["By hand, and it takes far too long every morning."]
    assert found.pains[0]["reveal_hints"] == ["How do you plan deliveries today?"]
    assert found.next_step == "Shall we have a call with him on Tuesday at ten?"


def test_the_same_in_spanish() -> None:
    found = find(SPANISH, language="es", names=[])
    assert [item["kind"] for item in found.objections] == ["authority", "price"]
    assert [item["pain"] for item in found.pains] == ["A mano, y perdemos dos horas cada mañana con eso."]
    assert found.next_step.startswith("¿Quedamos")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Then let us look at it together for 20 minutes on Tuesday at 10."),
        ("en", "I could show you the whole of it next week."),
        ("es", "Entonces veámoslo juntos veinte minutos el martes a las diez."),
        ("es", "¿Le parece si se lo enseño el jueves?"),
    ],
)
def test_looking_at_something_on_a_day_is_a_next_step(language: str, said: str) -> None:
    assert find([Line(False, "-"), Line(True, said)], language=language).next_step == said


def test_looking_at_something_without_a_day_is_none() -> None:
    assert find([Line(True, "I had a look at it."), Line(True, "Let me show you.")], language="en").next_step == ""


def test_nothing_that_points_at_a_person_is_taken() -> None:
    found = find(ENGLISH, language="en", names=["Marta Ruiz"])
    taken = repr(found)
    for word in ("Marta", "Ruiz", "Ada", "norte.example", "600 123"):
        assert word not in taken
    assert masked("Call 600 123 456 at 10", []) == "Call … at 10"


def test_a_call_without_anything_gives_an_empty_draft() -> None:
    found = find((), language="en")
    assert (found.first_message, found.objections, found.pains, found.next_step) == ("", (), (), "")


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_kind_of_objection_is_known(language: str) -> None:
    assert set(OBJECTIONS[language]) == set(OBJECTIONS["en"])
    assert language in PAINS


def test_the_draft_says_what_an_author_still_has_to_fill_in(in_acme: Cast) -> None:
    scenario = draft_from_call(
        lines=ENGLISH, language="en", mode="discovery", rubric=make_rubric_version().rubric, names=["Marta Ruiz"]
    )
    assert (scenario.status, scenario.persona.status) == ("draft", "draft")
    assert scenario.persona.hidden_pains.count() == 1
    errors = {note.field for note in check_scenario(scenario) if note.is_error}
    assert {"trainee_brief", "goal", "persona.role", "persona.company", "persona.objections[0].concern"} <= errors
