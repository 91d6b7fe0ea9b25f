"""Questions: as an author writes them, as they are kept, and what answers earn."""

from __future__ import annotations

import pytest
from django.utils import translation

from scenarios.training.blueprints import shipped
from scenarios.training.items import cycle, items_of, unmet
from scenarios.training.questions import Question, QuestionsInvalid, as_text, checked, mark, parse
from scenarios.training.rendering import as_html
from tests.training import QUESTIONS


def questions(text: str = QUESTIONS) -> list[Question]:
    return [Question.from_json(row) for row in parse(text)]


def test_what_an_author_writes_is_read_and_written_alike() -> None:
    rows = parse(QUESTIONS + "\n! Because.")
    assert [row["kind"] for row in rows] == ["single", "multiple", "order"]
    assert rows[2]["explanation"] == "Because."
    assert parse(as_text(rows)) == rows


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ([[0], [0, 1], [0, 1, 2]], 100),
        ([[0], [1, 0], [0, 1, 2]], 100),
        ([[0], [0, 1, 2], [0, 1, 2]], 67),
        ([[1], [0], [1, 0, 2]], 0),
        ([], 0),
        ([[0]], 33),
    ],
    ids=["all", "any order of several", "one too many", "none", "nothing", "first only"],
)
def test_each_question_counts_alike(answers: list[list[int]], score: int) -> None:
    assert mark(questions(), answers).score == score


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Only a question?", "Question 1: Give two to 12 options."),
        ("What?\n- a\n- b", "Question 1: Mark the right options: one, or several."),
        ("What?\n* a\n- A", "Question 1: Two options are the same."),
        ("What?\n* a\n1. b", "Question 1: Either mark options with * and -, or number them."),
        ("What?\n* a\n- b\nand then", "Question 1: Begin “and then” with *, -, ! or a number."),
        ("* a\n- b", "Question 1: Write what is asked."),
    ],
    ids=["no options", "none right", "twice", "mixed", "stray line", "nothing asked"],
)
def test_a_mistake_is_said_with_its_question(text: str, problem: str) -> None:
    with (
        translation.override("en"),
        pytest.raises(QuestionsInvalid, match=problem.replace("*", r"\*").replace("?", r"\?")),
    ):
        parse(text)


@pytest.mark.parametrize(
    "rows",
    [
        "text",
        [1],
        [{"text": "a"}],
        [{"text": "a", "options": [1, 2]}],
        [{"kind": "essay", "text": "a", "options": []}],
        [{"x": 1}],
    ],
    ids=["text", "number", "no options", "numbers", "kind", "field"],
)
def test_what_is_no_question_is_refused(rows: object) -> None:
    with pytest.raises(QuestionsInvalid):
        checked(rows)


def test_options_stand_in_another_order_that_stays() -> None:
    question = questions("Order:\n1. a\n2. b\n3. c\n4. d\n5. e")[0]
    assert question.shuffled("x") == question.shuffled("x") != [0, 1, 2, 3, 4]
    assert sorted(question.shuffled("y")) == [0, 1, 2, 3, 4]


def test_a_circle_is_found() -> None:
    assert cycle({"a": ["b"], "b": ["c"], "c": ["a"]}) == ["a", "b", "c", "a"]
    assert cycle({"a": ["b"], "b": [], "c": ["a", "b"]}) == []


def test_an_ordered_track_asks_for_the_item_before() -> None:
    rows = [{"key": key, "kind": "reading", "title": key, "requires": []} for key in "abc"]
    ordered, free = (items_of({"in_order": value, "items": rows}) for value in (True, False))
    assert [item.requires for item in ordered] == [(), ("a",), ("b",)]
    assert [item.key for item in unmet(ordered[2], ordered, {"a"})] == ["b"]
    assert all(not item.requires for item in free)


def test_reading_can_do_no_harm() -> None:
    html = as_html(
        "# Title\n\n<script>alert(1)</script> [x](javascript:alert(1)) ![p](http://evil.test/p.png)\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |"
    )
    assert "<h2>Title</h2>" in html
    assert "<table>" in html
    assert "<script" not in html
    assert "javascript:" not in html.replace("[x](javascript:alert(1))", "")
    assert "<img" not in html


@pytest.mark.parametrize("language", ["en", "es"])
def test_two_programs_ship_in_each_language_with_the_same_steps(language: str) -> None:
    plans = [plan for (_key, code), plan in shipped().items() if code == language]
    assert len(plans) >= 2
    for plan in plans:
        other = shipped()[plan.key, "es" if language == "en" else "en"]
        steps = [[item["key"] for item in track.items] for track in plan.tracks]
        assert steps == [[item["key"] for item in track.items] for track in other.tracks]
