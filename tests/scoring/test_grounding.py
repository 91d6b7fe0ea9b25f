"""Does what was said agree with a document? In figures, in yes and no, in both languages."""

from __future__ import annotations

from fractions import Fraction

import pytest

from integrations.embeddings.embedded import default_encoder
from scenarios.briefs import CriterionSpec, RubricSpec
from scoring.judges.base import Case
from scoring.judges.clauses import clauses_of
from scoring.judges.embedded import EmbeddedJudge
from scoring.judges.figures import figures_in
from scoring.judges.grounding import claims_in, statements_of
from scoring.results import result_of
from scoring.signals import Reading
from scoring.transcripts import sentences_of

from .transcripts import turns_of

SOURCE_EN = (
    "The pilot takes 30 days. The pilot is free of charge. We do not integrate with SAP. "
    "Support answers within two hours. The price is 40 euros per van and month."
)
SOURCE_ES = (
    "El piloto dura 30 días. El piloto es gratuito. No nos integramos con SAP. "
    "El soporte responde en dos horas. El precio es de 40 euros por furgoneta y mes."
)


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("it takes thirty days", "en", {30}),
        ("it takes 30 days", "en", {30}),
        ("twenty five vans and 1,500 euros", "en", {25, 1500}),
        ("two hundred and forty", "en", {240}),
        ("three thousand", "en", {3000}),
        ("30 thousand", "en", {30_000}),
        ("between two and four weeks", "en", {2, 4}),
        ("2.5 per cent", "en", {Fraction(5, 2)}),
        ("one of the best", "en", set()),
        ("treinta y cinco furgonetas", "es", {35}),
        ("doscientos cuarenta euros", "es", {240}),
        ("dos mil", "es", {2000}),
        ("1.500 euros y 2,5 por ciento", "es", {1500, Fraction(5, 2)}),
        ("uno de los mejores", "es", set()),
    ],
)
def test_figures_are_read_in_digits_and_in_words(text: str, language: str, found: set[int]) -> None:
    assert figures_in(text, language) == frozenset(Fraction(one) for one in found)


def said(text: str, language: str, source: str) -> list[bool]:
    turns = turns_of([("B", "Hello?" if language == "en" else "¿Diga?"), ("T", text)])
    reading = Reading.of(turns, language=language, mode="discovery", spoken=True, encoder=default_encoder())
    return [claim.right for claim in claims_in(reading, source)]


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("Our pilot takes thirty days.", "en", [True]),
        ("The pilot takes ninety days.", "en", [False]),
        ("The pilot is free of charge for you.", "en", [True]),
        ("The pilot is not free of charge.", "en", [False]),
        ("We integrate with SAP.", "en", [False]),
        ("We don't integrate with SAP today.", "en", [True]),
        ("Our support answers within two hours.", "en", [True]),
        ("Our support answers within twenty minutes.", "en", [False]),
        ("The price is sixty euros per van and month.", "en", [False]),
        ("How was your weekend in the mountains?", "en", []),
        ("My daughter plays the violin in an orchestra.", "en", []),
        ("Does the pilot take 90 days?", "en", []),
        ("Nuestro piloto dura treinta días.", "es", [True]),
        ("El piloto dura noventa días.", "es", [False]),
        ("El piloto no es gratuito.", "es", [False]),
        ("Nos integramos con SAP.", "es", [False]),
        ("El soporte responde en dos horas.", "es", [True]),
        ("Mi hija toca el violín en una orquesta.", "es", []),
        # Two facts in one sentence are two, and the "no" of one is not the other's.
        ("The pilot takes thirty days, and we do not integrate with SAP.", "en", [True, True]),
        ("The pilot is free of charge and support answers within twenty minutes.", "en", [True, False]),
        ("We do not integrate with SAP, and the pilot is free of charge.", "en", [True, True]),
        ("The pilot is free of charge and you will not regret it.", "en", [True]),
        ("The pilot is not only free of charge but also short.", "en", [True]),
        ("We don't integrate with SAP and the other big systems.", "en", [True]),
        ("El piloto es gratuito y no nos integramos con SAP.", "es", [True, True]),
        ("El piloto no es gratuito, pero el soporte responde en dos horas.", "es", [False, True]),
        ("El piloto no solo es gratuito, también dura treinta días.", "es", [True]),
    ],
)
def test_what_is_said_is_held_against_the_document(text: str, language: str, right: list[bool]) -> None:
    assert said(text, language, SOURCE_EN if language == "en" else SOURCE_ES) == right


@pytest.mark.parametrize(
    ("text", "language", "clauses"),
    [
        ("The pilot is free, and support answers fast.", "en", ["The pilot is free", "support answers fast."]),
        ("It is free; support answers fast.", "en", ["It is free", "support answers fast."]),
        ("We don't serve hotels and the small inns.", "en", None),
        ("We don't serve hotels but we serve small inns.", "en", ["We don't serve hotels", "we serve small inns."]),
        ("It takes between thirty and forty days or so.", "en", None),
        ("It works and works.", "en", None),
        ("Hay treinta y cinco furgonetas.", "es", None),
        ("Dura un mes y no cuesta nada.", "es", ["Dura un mes", "no cuesta nada."]),
        ("No abrimos los lunes y los martes por la tarde.", "es", None),
        ("No abrimos los lunes y nos ven los martes.", "es", ["No abrimos los lunes", "nos ven los martes."]),
    ],
)
def test_a_sentence_is_parted_where_something_else_is_stated(
    text: str, language: str, clauses: list[str] | None
) -> None:
    (turn,) = turns_of([("T", f"Well then. {text}")])
    sentence = list(sentences_of(turn))[-1]
    parts = clauses_of(sentence, language)
    assert [part.text for part in parts] == (clauses or [text])
    assert all(turn.content[part.start : part.end] == part.text for part in parts)


BREAD_ES = (
    "Miga cuesta cuarenta euros al mes. Se puede cancelar cualquier mes, sin permanencia. "
    "Miga no funciona sin conexión a internet. La instalación dura dos días."
)
BREAD_EN = (
    "Crumb costs forty euros a month. You can cancel in any month, without a minimum term. "
    "Crumb does not work without an internet connection. The installation takes two days."
)


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("No se puede cancelar cada mes, hay permanencia.", "es", [False]),
        ("Se puede cancelar cualquier mes.", "es", [True]),
        ("Se puede cancelar cualquier mes, no hay permanencia.", "es", [True]),
        ("Se puede cancelar, pero solo con una permanencia de un año.", "es", [False]),
        ("Miga funciona sin conexión a internet.", "es", [False]),
        ("Miga no funciona sin conexión a internet.", "es", [True]),
        ("Miga necesita conexión a internet.", "es", [True]),
        ("La instalación dura dos semanas.", "es", [False]),
        ("La instalación dura 48 horas.", "es", [True]),
        ("La instalación dura dos días.", "es", [True]),
        ("Miga cuesta cuarenta euros al año.", "es", [False]),
        ("Miga cuesta cuarenta dólares al mes.", "es", [False]),
        ("Miga cuesta 40 euros.", "es", [True]),
        ("No, la instalación dura dos días.", "es", [True]),
        ("You cannot cancel in any month, there is a minimum term.", "en", [False]),
        ("You can cancel in any month.", "en", [True]),
        ("Crumb works without an internet connection.", "en", [False]),
        ("Crumb needs an internet connection.", "en", [True]),
        ("The installation takes two weeks.", "en", [False]),
        ("The installation takes 48 hours.", "en", [True]),
        ("Crumb costs forty dollars a month.", "en", [False]),
        ("Crumb costs forty euros a year.", "en", [False]),
        ("No, the installation takes two days.", "en", [True]),
        ("It is not so: Crumb works without an internet connection.", "en", [True]),
        ("You cannot, as of today, cancel in any month.", "en", [False]),
    ],
)
def test_no_without_and_what_a_figure_counts(text: str, language: str, right: list[bool]) -> None:
    assert said(text, language, BREAD_ES if language == "es" else BREAD_EN) == right


def result(text: str, **fields: object) -> dict[str, object]:
    spec = CriterionSpec("facts", "Facts", "What is said is so.", 100, kind="grounded", source=SOURCE_EN, **fields)  # type: ignore[arg-type]
    turns = tuple(turns_of([("B", "Hello?"), ("T", text), ("B", "I see."), ("T", "Thank you for your time, Dana.")]))
    case = Case(turns, RubricSpec("Facts", "en", (spec,)), "en", "discovery")
    judgement = EmbeddedJudge(default_encoder()).judge(case, track="deep")
    first = result_of(case, judgement, flags=[])
    assert first == result_of(case, EmbeddedJudge(default_encoder()).judge(case, track="deep"), flags=[])
    return first["criteria"][0]  # type: ignore[no-any-return]


def test_the_score_is_the_share_of_what_is_right_and_the_quotes_are_the_right_ones() -> None:
    found = result("The pilot takes thirty days. The pilot is free of charge. We integrate with SAP.")
    assert (found["score"], found["verified"]) == (67, True)
    assert {span["quote"] for span in found["evidence"]} == {  # type: ignore[attr-defined]
        "The pilot takes thirty days.",
        "The pilot is free of charge.",
    }
    assert "You said “We integrate with SAP.”; the document says “We do not integrate with SAP.”" in str(
        found["rationale"]
    )


def test_of_a_half_right_sentence_only_the_right_half_is_quoted() -> None:
    found = result("The pilot is free of charge, and we integrate with SAP.")
    assert found["score"] == 50
    assert [span["quote"] for span in found["evidence"]] == ["The pilot is free of charge"]  # type: ignore[attr-defined]
    assert "You said “we integrate with SAP.”" in str(found["rationale"])


def test_saying_nothing_of_it_is_no_occasion_unless_it_must_come_up() -> None:
    silent = "I am calling about your vans in Leeds, if you have a minute for me."
    assert result(silent)["applicable"] is False
    missed = result(silent, must_come_up=True)
    assert (missed["applicable"], missed["score"]) == (True, 0)


def test_headings_and_endless_documents_are_cut() -> None:
    assert [item.text for item in statements_of("Prices\nThe pilot is free.", "en")] == ["The pilot is free."]
    assert len(statements_of("The pilot is free now. " * 500, "en")) == 60


def test_no_strength_is_shown_by_words_that_the_document_contradicts() -> None:
    wrong, right = "On average support answers within 20 minutes.", "One of our customers in Leeds measured 30 days."
    lines = [("B", "Hello?"), ("T", f"{wrong} {right}"), ("B", "I see."), ("T", "Thank you for your time, Dana.")]
    proof = CriterionSpec("proof", "Proof", "Backs it up.", 50, signals=("gave_evidence",))
    facts = CriterionSpec("facts", "Facts", "What is said is so.", 50, kind="grounded", source=SOURCE_EN)

    def praised(*criteria: CriterionSpec) -> set[str]:
        case = Case(tuple(turns_of(lines)), RubricSpec("Facts", "en", criteria), "en", "discovery")
        return {one.example for one in EmbeddedJudge(default_encoder()).judge(case, track="deep").strengths}

    assert wrong in praised(proof)
    found = praised(proof, facts)
    assert wrong not in found
    assert right in found
