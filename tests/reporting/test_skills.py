"""Skills over time: what the two numbers are made of, and who sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from reporting.skills import FEWEST, MOST_DEBRIEFS, Mark, estimate, skill_of, skills_of
from tests.cast import Cast
from tests.factories import make_scenario_version, make_scored_call

SKILLS = "/org/acme/skills/"


def marks(*scores: int, difficulty: str = "medium") -> list[Mark]:
    now = timezone.now()
    return [Mark(uuid4(), now + timedelta(days=day), "", score, difficulty) for day, score in enumerate(scores)]


def test_too_few_marks_say_nothing() -> None:
    skill = skill_of("closing", "Closing", marks(60, 70, 80))
    assert skill.proficiency is None
    assert (skill.performance, skill.lacking) == (70, FEWEST - 3)


def test_performance_is_the_mean_of_the_last_five() -> None:
    assert skill_of("closing", "Closing", marks(0, 0, 50, 60, 70, 80, 90)).performance == 70


def test_newer_marks_weigh_more() -> None:
    rising, falling = estimate(marks(40, 50, 60, 70, 80)), estimate(marks(80, 70, 60, 50, 40))
    assert rising is not None
    assert falling is not None
    assert rising.value > 60 > falling.value


def test_a_mark_with_a_hard_buyer_weighs_more() -> None:
    mixed = [*marks(50, 50), *marks(80, 80, difficulty="hard")]
    easy = [*marks(50, 50), *marks(80, 80, difficulty="easy")]
    hard_level, easy_level = estimate(mixed), estimate(easy)
    assert hard_level is not None
    assert easy_level is not None
    assert hard_level.value > easy_level.value


def test_equal_marks_give_a_range_that_is_not_nought_and_narrows() -> None:
    few, many = estimate(marks(*[70] * 4)), estimate(marks(*[70] * 20))
    assert few is not None
    assert many is not None
    assert few.value == pytest.approx(70)
    assert few.margin > many.margin > 0


def test_marks_that_differ_widen_the_range_and_it_stays_on_the_scale() -> None:
    steady, wild = estimate(marks(70, 72, 68, 70, 71)), estimate(marks(100, 0, 100, 0, 100))
    assert steady is not None
    assert wild is not None
    assert wild.margin > steady.margin
    assert wild.low >= 0
    assert wild.high <= 100


def test_the_formula_by_hand() -> None:
    """Five newer marks halve a weight; t for 4 − 1 equal marks at nine tenths is 1.638 when weights are equal."""
    level = estimate(marks(60, 60, 80, 80))
    assert level is not None
    weights = [2 ** (-age / 5) for age in (3, 2, 1, 0)]
    mean = sum(w * x for w, x in zip(weights, (60, 60, 80, 80), strict=True)) / sum(weights)
    assert level.value == pytest.approx(mean)
    assert 1.6 * 10 / 2 < level.margin < 1.75 * 13 / 1.9


def test_only_calls_that_count_and_the_newest_of_them(in_acme: Cast) -> None:
    for days in range(3):
        make_scored_call(trainee=in_acme.ada, scores={"closing": 50}, ended_at=timezone.now() - timedelta(days=days))
    make_scored_call(trainee=in_acme.ada, scores={"closing": 0}, private=True)
    make_scored_call(trainee=in_acme.ada, scores={"closing": 0}, voided_at=timezone.now())
    make_scored_call(trainee=in_acme.val, scores={"closing": 0})
    closing = next(skill for skill in skills_of(user_id=in_acme.ada.pk) if skill.key == "closing")
    assert [mark.score for mark in closing.marks] == [50, 50, 50]
    assert [mark.at for mark in closing.marks] == sorted(mark.at for mark in closing.marks)
    assert MOST_DEBRIEFS > 3


def test_one_query_whatever_the_number_of_calls(in_acme: Cast, django_assert_num_queries: Any) -> None:
    version = make_scenario_version(difficulty="hard")
    for number in range(6):
        make_scored_call(trainee=in_acme.ada, scenario_version=version)
        if number in {0, 5}:
            with django_assert_num_queries(1):
                assert skills_of(user_id=in_acme.ada.pk)[0].marks[0].difficulty == "hard"


def test_the_page_shows_both_numbers_and_a_table(in_acme: Cast, ada_client: Client) -> None:
    page = ada_client.get(SKILLS).content.decode()
    assert "No marks yet" in page
    with schema_context("org_acme"):
        make_scored_call(trainee=in_acme.ada, title="The first one")
    page = ada_client.get(SKILLS).content.decode()
    assert "not enough yet: 3 more debriefs" in page
    with schema_context("org_acme"):
        for _number in range(3):
            make_scored_call(trainee=in_acme.ada)
    page = ada_client.get(SKILLS).content.decode()
    assert "between" in page
    assert "The first one" in page
    assert 'id="skill-data-closing"' in page


def test_managers_see_the_skills_of_their_people_only(in_acme: Cast, bo_client: Client, ada_client: Client) -> None:
    make_scored_call(trainee=in_acme.ada)
    assert "Skills of Ada" in bo_client.get(f"/org/acme/team/{in_acme.ada.pk}/skills/").content.decode()
    for client, someone in ((bo_client, in_acme.val), (bo_client, in_acme.gil), (ada_client, in_acme.bo)):
        assert client.get(f"/org/acme/team/{someone.pk}/skills/").status_code == 404
