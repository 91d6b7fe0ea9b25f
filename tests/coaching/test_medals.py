"""Medals are a projection of the calls that count: the same calls give the same medals, and they go with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tenants.utils import schema_context

from calls import voids
from coaching.goals import medals
from coaching.goals.medals import CallFact, MarkFact, earned, words_of
from coaching.goals.models import Medal
from coaching.goals.tasks import refresh_medals
from tests.cast import Cast
from tests.factories import make_call, make_scenario_version, make_scored_call

HIGH = dict.fromkeys(("opening", "discovery", "objection", "communication", "closing"), 90)
START = datetime(2026, 3, 9, 9, tzinfo=UTC)


def kinds(user_id: object) -> set[str]:
    return set(Medal.objects.filter(user_id=user_id).values_list("kind", flat=True))


def test_nothing_done_no_medal() -> None:
    assert earned([], [], zone=UTC) == []


def test_first_debrief_and_first_pass(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada, scores=HIGH)
    assert medals.refresh(user_id=in_acme.ada.pk) == 2
    assert kinds(in_acme.ada.pk) == {"first_debrief", "first_pass"}
    assert set(Medal.objects.values_list("call_id", flat=True)) == {call.pk}


def test_a_criterion_three_times_in_a_row() -> None:
    call_ids = [make.id for make in facts(5)]
    marks = [
        MarkFact(call_id, START + timedelta(days=number), "closing", "Closing", score)
        for number, (call_id, score) in enumerate(zip(call_ids, (85, 90, 60, 80, 80), strict=True))
    ]
    assert "criterion" not in {one.kind for one in earned([], marks, zone=UTC)}
    third = MarkFact(call_ids[0], START + timedelta(days=6), "closing", "Closing", 95)
    won = next(one for one in earned([], [*marks, third], zone=UTC) if one.kind == "criterion")
    assert (won.criterion, won.at) == ("closing", third.at)


def facts(number: int) -> list[CallFact]:
    return [CallFact(uuid4(), START + timedelta(days=day), "discovery", "medium", None) for day in range(number)]


@pytest.mark.parametrize(
    ("days", "expected"), [(6, set()), (7, {"streak_7"}), (30, {"streak_7", "streak_30", "ten_calls"})]
)
def test_days_in_a_row(days: int, expected: set[str]) -> None:
    assert {one.kind for one in earned(facts(days), [], zone=UTC)} == expected


def test_a_streak_stands_for_the_call_that_completed_it() -> None:
    calls = facts(9)
    won = next(one for one in earned(calls, [], zone=UTC) if one.kind == "streak_7")
    assert won.call_id == calls[6].id


def test_hard_buyers_and_gauntlets(in_acme: Cast) -> None:
    version = make_scenario_version(mode="objection_gauntlet", difficulty="hard")
    make_scored_call(trainee=in_acme.ada, scores=HIGH, scenario_version=version)
    medals.refresh(user_id=in_acme.ada.pk)
    assert {"hard_buyer", "gauntlet"} <= kinds(in_acme.ada.pk)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"private": True}, id="private"),
        pytest.param({"voided_at": timezone.now()}, id="void"),
        pytest.param({"forked_at_seq": 2}, id="redo"),
        pytest.param({"channel": "upload"}, id="upload"),
    ],
)
def test_no_medal_for_what_does_not_count(in_acme: Cast, fields: dict[str, object]) -> None:
    make_scored_call(trainee=in_acme.ada, scores=HIGH, **fields)
    assert medals.refresh(user_id=in_acme.ada.pk) == 0


def test_a_medal_goes_with_the_call_that_earned_it(in_acme: Cast, django_capture_on_commit_callbacks: object) -> None:
    call = make_scored_call(trainee=in_acme.ada, scores=HIGH)
    refresh_medals(str(call.pk))
    assert kinds(in_acme.ada.pk)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        voids.void_by_hand(call_id=call.pk, actor=in_acme.bo, reason="Somebody else spoke.")
    assert not kinds(in_acme.ada.pk)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        voids.count_after_all(call_id=call.pk, actor=in_acme.bo, reason="It was her after all.")
    assert kinds(in_acme.ada.pk) == {"first_debrief", "first_pass"}


def test_made_again_they_are_the_same(in_acme: Cast) -> None:
    for number in range(12):
        make_scored_call(trainee=in_acme.ada, scores=HIGH, ended_at=timezone.now() - timedelta(days=number))
    medals.refresh(user_id=in_acme.ada.pk)
    fields = ("kind", "criterion", "call_id", "earned_at")
    before = list(Medal.objects.values_list(*fields))
    Medal.objects.filter(kind="first_pass").delete()
    Medal.objects.create(user=in_acme.ada, kind="made_up", call=make_call(trainee=in_acme.ada), earned_at=START)
    medals.refresh(user_id=in_acme.ada.pk)
    assert [row for row in Medal.objects.values_list(*fields) if row[0] != "ten_calls"] == [
        row for row in before if row[0] != "ten_calls"
    ]
    assert all(words_of(medal)[0] != medal.kind for medal in Medal.objects.all())


def test_the_task_of_a_call_that_is_gone_does_nothing(in_acme: Cast) -> None:
    refresh_medals("00000000-0000-0000-0000-000000000000")
    assert not Medal.objects.exists()


def test_rebuilding_gives_what_is_there(in_acme: Cast) -> None:
    make_scored_call(trainee=in_acme.ada, scores=HIGH)
    make_scored_call(trainee=in_acme.val, scores=HIGH)
    told = StringIO()
    call_command("rebuild_stats", "--organization", "acme", stdout=told)
    with schema_context("org_acme"):
        before = list(Medal.objects.order_by("pk").values())
        call_command("rebuild_stats", "--organization", "acme", stdout=StringIO())
        with schema_context("org_acme"):
            assert list(Medal.objects.order_by("pk").values()) == before
    assert told.getvalue() == "acme: 2 people, 4 medals\n"
