"""The linter: each rule in both languages, with a rewrite, and nothing to say about the rubrics that come with Parley."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.embeddings.embedded import default_encoder
from scenarios import presets
from scenarios.linting import Draft, Finding, lint
from scenarios.linting.rules import split
from scenarios.linting.weights import scaled_to_whole


def draft(definition: str, **fields: Any) -> Draft:
    return Draft(**{"index": 0, "key": "one", "name": "One", "definition": definition, "weight": 100, **fields})


def said(definition: str, language: str = "en", **fields: Any) -> list[Finding]:
    return lint([draft(definition, **fields)], language=language)


@pytest.mark.parametrize(
    ("text", "language", "rule", "words"),
    [
        ("The seller sounds confident throughout.", "en", "emotional", "sounds confident"),
        ("Shows enthusiasm for the product.", "en", "emotional", "Shows enthusiasm"),
        ("Is calm when the buyer objects.", "en", "emotional", "Is calm"),
        ("Closes with confidence.", "en", "emotional", "with confidence"),
        ("A warm tone of voice.", "en", "acoustic", "tone of voice"),
        ("Has no accent.", "en", "acoustic", "accent"),
        ("Speaks loudly and clearly.", "en", "acoustic", "Speaks loudly"),
        ("El vendedor suena seguro.", "es", "emotional", "suena seguro"),
        ("Muestra entusiasmo por el producto.", "es", "emotional", "Muestra entusiasmo"),
        ("Cuida el tono de voz.", "es", "acoustic", "tono de voz"),
        ("Habla con buena entonación.", "es", "acoustic", "entonación"),
        ("Understands the buyer's budget process.", "en", "unobservable", "Understands"),
        ("The rep really cares about the customer's success.", "en", "unobservable", "cares about"),
        ("Researches the company before the call.", "en", "unobservable", "Researches the"),
        ("Updates the CRM.", "en", "unobservable", "Updates the CRM"),
        ("Entiende el proceso de compra del cliente.", "es", "unobservable", "Entiende"),
        ("El vendedor se preocupa por el comprador.", "es", "unobservable", "se preocupa por"),
        ("Actualiza el CRM al terminar.", "es", "unobservable", "Actualiza el CRM"),
        ("Is effective at building rapport.", "en", "undefined", "effective"),
        ("Handles objections well.", "en", "undefined", "well"),
        ("Gives a professional introduction.", "en", "undefined", "professional"),
        ("Maneja bien las objeciones.", "es", "undefined", "bien"),
        ("Crea sintonía con el comprador.", "es", "undefined", "sintonía"),
        ("Rapport", "en", "undefined", "Rapport"),
    ],
)
def test_what_two_people_would_judge_differently_is_found(text: str, language: str, rule: str, words: str) -> None:
    found = said(text, language)
    assert [(one.rule, one.words) for one in found] == [(rule, words)]
    assert found[0].blocks is (rule in {"emotional", "acoustic"})
    assert found[0].proposal
    assert found[0].field == "criteria[0].definition"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Asks how the buyer feels about the present supplier.", "en"),
        ("Asks what the buyer wants to change.", "en"),
        ("Says good morning, a name and what the company sells.", "en"),
        ("Builds confidence with a reference.", "en"),
        ("Proposes a meeting with a day and an hour.", "en"),
        ("Says what the pitch is about in one sentence.", "en"),
        ("Pregunta qué quiere cambiar el comprador.", "es"),
        ("Dice buenos días y su nombre.", "es"),
        ("Propone una reunión con día y hora.", "es"),
    ],
)
def test_what_can_be_heard_is_left_alone(text: str, language: str) -> None:
    assert [one for one in said(text, language) if one.rule != "undefined" or one.words != "good"] == []


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("Names the price and asks for the order.", "en", "binary"),
        ("The seller says who is calling, and then proposes a day.", "en", "binary"),
        ("Says the price and also offers a trial.", "en", "rated"),
        ("Nombra el precio y pide el pedido.", "es", "binary"),
        ("El vendedor resume lo dicho y además propone un día.", "es", "binary"),
    ],
)
def test_two_demands_become_parts(text: str, language: str, kind: str) -> None:
    (found,) = said(text, language, kind=kind)
    assert (found.rule, found.blocks) == ("compound", False)
    change = found.changes["one"]
    assert change is not None
    assert change["kind"] == "compound"
    assert len(change["parts"]) == 2
    after = draft(text, kind="compound", parts=tuple(part["text"] for part in change["parts"]))
    assert lint([after], language=language) == []


def test_a_blocker_becomes_two_blockers() -> None:
    (found,) = lint(
        [
            draft("Names the price and asks for the order.", kind="blocker", weight=0),
            draft("x " * 9, key="two", index=1),
        ],
        language="en",
    )
    assert found.changes["one"] == {"definition": "Names the price."}
    second = found.changes["one-2"]
    assert second is not None
    assert (second["definition"], second["kind"], second["weight"]) == ("Asks for the order.", "blocker", 0)


def test_pieces_keep_who_acts() -> None:
    from scenarios.linting import english

    text = "The seller names the price and asks for the order."
    assert split(text, english.WORDS) == ["The seller names the price.", "The seller asks for the order."]


@pytest.mark.parametrize(
    ("text", "language", "rules", "kept"),
    [
        (
            "Effective at building rapport and sounds confident.",
            "en",
            ["emotional", "undefined"],
            "Effective at building rapport. Makes the point",
        ),
        (
            "Crea sintonía con el comprador y suena seguro.",
            "es",
            ["emotional", "undefined"],
            "Crea sintonía con el comprador. Lo dice",
        ),
    ],
    ids=["en", "es"],
)
def test_two_faults_in_one_definition_are_both_said_and_mended_one_by_one(
    text: str, language: str, rules: list[str], kept: str
) -> None:
    found = said(text, language)
    assert [one.rule for one in found] == rules
    changed = found[0].changes["one"]
    assert changed is not None
    assert changed["definition"] == found[0].proposal
    assert found[0].proposal.startswith(kept)
    (left,) = said(str(changed["definition"]), language)
    assert left.rule == "undefined"
    mended = left.changes["one"]
    assert mended is not None
    assert str(mended["definition"]).endswith(found[0].proposal.split(". ", 1)[1])
    assert said(str(mended["definition"]), language) == []


@pytest.mark.parametrize(
    ("text", "language", "proposal"),
    [
        (
            "Understands the budget. Asks for the order by Friday.",
            "en",
            "Sums up the budget in one sentence, and the buyer does not correct it. Asks for the order by Friday.",
        ),
        (
            "Is calm, e.g. when the buyer objects.",
            "en",
            "Lets the buyer finish, and uses at most two filler words per 100 words.",
        ),
        (
            "Sounds confident and names the price in dollars.",
            "en",
            "Makes the point in plain statements, without “maybe”, “sort of” or “I guess”. Names the price in dollars.",
        ),
        (
            "Shows enthusiasm and names the price in dollars.",
            "en",
            "Names one benefit for this buyer and backs it with a figure, a reference or an example. "
            "Names the price in dollars.",
        ),
        (
            "Names the price in dollars and shows enthusiasm.",
            "en",
            "Names the price in dollars. "
            "Names one benefit for this buyer and backs it with a figure, a reference or an example.",
        ),
        (
            "Suena seguro y dice el precio en euros.",
            "es",
            "Lo dice con frases afirmativas, sin «quizás», «como que» ni «supongo». Dice el precio en euros.",
        ),
        (
            "Sounds confident and shows enthusiasm.",
            "en",
            "Makes the point in plain statements, without “maybe”, “sort of” or “I guess”.",
        ),
        (
            "Sounds confident, answers the objection and asks for the order.",
            "en",
            "Makes the point in plain statements, without “maybe”, “sort of” or “I guess”. Answers the objection. "
            "Asks for the order.",
        ),
        (
            "Suena seguro, responde a la objeción y pide el pedido.",
            "es",
            "Lo dice con frases afirmativas, sin «quizás», «como que» ni «supongo». Responde a la objeción. Pide el pedido.",
        ),
    ],
    ids=[
        "two sentences",
        "one sentence",
        "behind it",
        "behind it too",
        "before it",
        "spanish",
        "both at fault",
        "a list",
        "a spanish list",
    ],
)
def test_what_is_in_order_stays(text: str, language: str, proposal: str) -> None:
    (found,) = said(text, language)
    assert found.proposal == proposal
    assert found.changes == {"one": {"definition": proposal}}


def test_anchors_say_what_a_vague_word_means() -> None:
    assert said("Handles objections well.", anchors={"90": "Acknowledges, asks, answers."}) == []


def test_every_text_of_a_criterion_is_read() -> None:
    fields = [
        said("Asks what the day looks like.", name="Sounds happy")[0].field,
        said("Asks what the day looks like.", anchors={"90": "Sounds happy."})[0].field,
        said("Two things.", kind="compound", parts=("Asks a question.", "Sounds happy."))[0].field,
    ]
    assert fields == ["criteria[0].name", "criteria[0].anchors", "criteria[0].parts[1].text"]


@pytest.mark.parametrize(
    ("one", "two", "language", "alike"),
    [
        (
            "Asks open questions about the buyer's problems.",
            "The seller asks the buyer open questions about problems.",
            "en",
            True,
        ),
        ("Proposes a next step with a day.", "Suggests a next step and a day for it.", "en", True),
        (
            "Hace preguntas abiertas sobre los problemas del comprador.",
            "Pregunta al comprador por sus problemas con preguntas abiertas.",
            "es",
            True,
        ),
        ("Acknowledges an objection before answering it.", "Answers what the buyer objects to.", "en", False),
        ("Says name and company at the start.", "Gives a reference or a figure.", "en", False),
    ],
)
def test_criteria_that_look_for_the_same_are_found(one: str, two: str, language: str, alike: bool) -> None:
    items = [draft(one, key="a", name="First", weight=40), draft(two, key="b", name="Second", index=1, weight=60)]
    found = [item for item in lint(items, language=language, encoder=default_encoder()) if item.rule == "duplicate"]
    assert bool(found) is alike
    if found:
        assert found[0].changes == {"a": {"weight": 100}, "b": None}
        assert "First" in found[0].proposal


@pytest.mark.parametrize("key", sorted(presets.rubrics()))
def test_the_rubrics_that_come_along_have_nothing_to_be_said_of(key: tuple[str, str]) -> None:
    spec = presets.rubrics()[key].spec
    items = [
        Draft(index, item.key, item.name, item.definition, item.kind, item.weight, item.anchors, (), item.signals)
        for index, item in enumerate(spec.criteria)
    ]
    assert lint(items, language=spec.language, encoder=default_encoder()) == []


def test_weights_that_do_not_add_up_come_with_some_that_do() -> None:
    items = [draft("Asks a question first.", key=key, name=key, index=at, weight=30) for at, key in enumerate("abc")]
    (found,) = lint(items, language="en")
    assert (found.rule, found.blocks, found.words) == ("weights", True, "90")
    assert [change["weight"] for change in found.changes.values() if change] == [34, 33, 33]


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=12))
def test_scaled_weights_always_add_up(rows: list[tuple[int, bool]]) -> None:
    items = [
        draft("x", key=str(at), index=at, weight=weight, kind="blocker" if blocker else "rated")
        for at, (weight, blocker) in enumerate(rows)
    ]
    scaled = scaled_to_whole(items)
    if all(blocker for _weight, blocker in rows):
        assert scaled == {}
    else:
        assert sum(scaled.values()) == 100
        assert all(scaled[str(at)] == 0 for at, (_weight, blocker) in enumerate(rows) if blocker)


@given(
    st.text(max_size=300), st.sampled_from(["en", "es"]), st.sampled_from(["rated", "binary", "blocker", "compound"])
)
def test_no_text_breaks_it_and_the_same_text_gets_the_same_answer(text: str, language: str, kind: str) -> None:
    assert said(text, language, kind=kind) == said(text, language, kind=kind)
