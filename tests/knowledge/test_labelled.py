"""Search finds what people ask for, far better than full text search alone. docs/knowledge.md has the whole table."""

from __future__ import annotations

from scenarios.knowledge import retrieval
from tests.cast import Cast
from tests.knowledge.labelled import bring_in, mrr, place_of, questions, recall


def test_the_answer_is_among_the_first_five(in_acme: Cast) -> None:
    bring_in(in_acme.cy)
    asked = [*questions()[0], *questions(held_out=True)[0]]
    hybrid = [place_of(one, retrieval.search(one.ask, threshold=-1.0)) for one in asked]
    vector = [place_of(one, retrieval.match_knowledge(one.ask, threshold=-1.0)) for one in asked]
    words = [place_of(one, retrieval.by_words(one.ask)) for one in asked]
    assert recall(hybrid) >= 0.95
    assert recall(hybrid) >= recall(vector)
    assert mrr(hybrid) > mrr(vector) > mrr(words)


def test_most_questions_without_an_answer_find_nothing(in_acme: Cast) -> None:
    bring_in(in_acme.cy)
    none = [*questions()[1], *questions(held_out=True)[1]]
    assert sum(not retrieval.search(question) for question in none) >= 0.8 * len(none)
    answered = questions()[0]
    assert sum(bool(retrieval.search(one.ask)) for one in answered) >= 0.85 * len(answered)
