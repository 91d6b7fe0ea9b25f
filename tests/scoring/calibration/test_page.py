"""The calibration page: who may see it, what it says, what it asks for next."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from scenarios.models import RubricVersion
from scoring.calibration.agreement import ENOUGH_CALLS
from scoring.calibration.counting import recount
from scoring.models import Calibration, ScoreSeen
from tests.cast import Cast
from tests.factories import make_rubric_version, make_scored_call

from .test_counting import MARKS, marked_call

PATH = "/org/acme/calibration/"


def get(client: Client) -> Any:
    with schema_context("org_acme"):
        return client.get(PATH)


@pytest.fixture
def rubric(in_acme: Cast) -> RubricVersion:
    return make_rubric_version()


def mark_calls(cast: Cast, rubric: RubricVersion, number: int, *, turned: bool = False) -> None:
    for index in range(number):
        mark = MARKS[index % 5]
        judge = 100 - mark if turned else mark
        marked_call(trainee=cast.ada, reviewer=cast.bo, rubric=rubric, people=mark, judge=judge)


def test_it_is_for_those_who_coach(in_acme: Cast, ada_client: Client, bo_client: Client) -> None:
    assert get(ada_client).status_code == 403
    assert get(bo_client).status_code == 200


def test_without_marks_it_says_what_to_do(in_acme: Cast, bo_client: Client) -> None:
    answer = get(bo_client)
    assert "Nothing to compare yet" in answer.content.decode()
    assert "/org/acme/reviews/" in answer.content.decode()
    call = make_scored_call(trainee=in_acme.ada)
    assert f"/org/acme/calls/{call.pk}/review/" in get(bo_client).content.decode()


def test_too_few_calls_say_so_and_how_many_are_missing(in_acme: Cast, rubric: RubricVersion, bo_client: Client) -> None:
    mark_calls(in_acme, rubric, 5)
    recount()
    page = get(bo_client).content.decode()
    assert "Insufficient" in page
    assert f"{ENOUGH_CALLS - 5} more needed" in page
    assert "certifies only with a person" in page


def test_agreement_and_disagreement_are_told_with_their_intervals(
    in_acme: Cast, rubric: RubricVersion, bo_client: Client
) -> None:
    mark_calls(in_acme, rubric, ENOUGH_CALLS)
    recount()
    page = get(bo_client).content.decode()
    assert "may certify" in page
    assert "1.00" in page
    mark_calls(in_acme, rubric, ENOUGH_CALLS, turned=True)
    recount()
    page = get(bo_client).content.decode()
    assert "too low, or too uncertain" in page
    assert "Earlier counts" in page


def test_calls_to_mark_next_are_unseen_unmarked_and_not_ones_own(
    in_acme: Cast, rubric: RubricVersion, bo_client: Client
) -> None:
    mark_calls(in_acme, rubric, 1)
    fresh = make_scored_call(trainee=in_acme.ada)
    seen = make_scored_call(trainee=in_acme.ada)
    ScoreSeen.objects.create(call=seen, user=in_acme.bo)
    own = make_scored_call(trainee=in_acme.bo)
    private = make_scored_call(trainee=in_acme.ada, private=True)
    stranger = make_scored_call(trainee=in_acme.val)
    suggested = {call.pk for call in get(bo_client).context["suggested"]}
    assert suggested == {fresh.pk}
    assert not suggested & {own.pk, private.pk, stranger.pk}


def test_new_marks_can_be_counted_at_once(in_acme: Cast, rubric: RubricVersion, bo_client: Client) -> None:
    mark_calls(in_acme, rubric, 2)
    assert get(bo_client).context["has_uncounted"]
    with schema_context("org_acme"):
        assert bo_client.post(f"{PATH}count/").status_code == 302
    with schema_context("org_acme"):
        assert Calibration.objects.count() == 1
    assert not get(bo_client).context["has_uncounted"]


def test_only_those_who_coach_may_count_and_only_by_asking(
    in_acme: Cast, ada_client: Client, bo_client: Client
) -> None:
    with schema_context("org_acme"):
        assert ada_client.post(f"{PATH}count/").status_code == 403
        assert bo_client.get(f"{PATH}count/").status_code == 405


@pytest.mark.parametrize("judges", [1, 6])
def test_queries_do_not_grow_with_judges(
    judges: int, in_acme: Cast, bo_client: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(judges):
        mark_calls(in_acme, make_rubric_version(), 2)
    recount()
    get(bo_client)
    with django_assert_max_num_queries(24):
        assert len(get(bo_client).context["panels"]) == judges


def test_the_api_says_whether_a_score_may_certify_alone(
    in_acme: Cast, rubric: RubricVersion, ada_client: Client
) -> None:
    mark_calls(in_acme, rubric, ENOUGH_CALLS)
    call = marked_call(trainee=in_acme.ada, reviewer=in_acme.bo, rubric=rubric, people=100)

    def certification() -> Any:
        with schema_context("org_acme"):
            return ada_client.get(f"/org/acme/api/v1/calls/{call.pk}/score/").json()["certification"]

    assert certification() == {"automatic": False, "reason": "never_counted", "counted_at": None}
    with schema_context("org_acme"):
        recount()
    found = certification()
    assert (found["automatic"], found["reason"]) == (True, "calibrated")
    assert found["counted_at"]
