"""How far somebody is follows from calls that count, scores that pass and what was answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import Call
from coaching.learning import following, views
from coaching.learning.models import Certificate, Enrolment, ItemProgress
from coaching.learning.services import todo_for
from scoring.models import Score
from tests.cast import Cast
from tests.factories import make_run, make_scenario_version, make_score
from tests.training import KEYS, call_item, enrolment_for, hold_call, make_assignment, make_track

pytestmark = pytest.mark.django_db


def states(user: object) -> list[tuple[str, str]]:
    return [(todo.item, todo.state) for todo in todo_for(user)]


def test_items_open_one_after_the_other(in_acme: Cast) -> None:
    assignment = make_assignment(to=in_acme.ada, of=make_track())
    assert states(in_acme.ada) == [("read", "ready"), ("check", "locked"), ("call", "locked")]
    assert todo_for(in_acme.ada)[1].reason == "Opens when you have passed “Read this”."
    enrolment = enrolment_for(in_acme.ada)
    views.add_sitting(enrolment, enrolment.items[0], passed=True)
    assert states(in_acme.ada) == [("read", "done"), ("check", "ready"), ("call", "locked")]
    views.sit(enrolment, enrolment.items[1], [[0], [0, 1], [0, 1, 2]])
    assert states(in_acme.ada)[2] == ("call", "ready")
    hold_call(assignment, by=in_acme.ada)
    assert states(in_acme.ada)[2] == ("call", "done")
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.progress) == (Enrolment.State.COMPLETED, 100)


def test_a_failed_check_does_not_open_the_next_item(in_acme: Cast) -> None:
    make_assignment(to=in_acme.ada, of=make_track())
    enrolment = enrolment_for(in_acme.ada)
    views.add_sitting(enrolment, enrolment.items[0], passed=True)
    sitting = views.sit(enrolment, enrolment.items[1], [[0], [0], [2, 1, 0]])
    assert (sitting.score, sitting.passed) == (33, False)
    assert states(in_acme.ada)[1:] == [("check", "ready"), ("call", "locked")]


@pytest.mark.parametrize(
    "fields",
    [
        {"voided_at": timezone.now(), "void_reason": "stall"},
        {"private": True},
        {"forked_at_seq": 3},
        {"channel": Call.Channel.UPLOAD},
        {"status": Call.Status.FAILED},
    ],
    ids=["voided", "private", "redo", "upload", "failed"],
)
def test_only_calls_that_count_are_attempts(in_acme: Cast, fields: dict[str, object]) -> None:
    version = make_scenario_version()
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(version)))
    hold_call(assignment, by=in_acme.ada, **fields)
    (todo,) = todo_for(in_acme.ada)
    assert (todo.state, todo.attempts) == ("ready", 0)


def test_a_call_that_nothing_asked_for_is_no_attempt(in_acme: Cast) -> None:
    version = make_scenario_version()
    make_assignment(to=in_acme.ada, of=make_track(call_item(version)))
    call = hold_call(make_assignment(to=in_acme.ada, of=version.scenario), by=in_acme.ada, key="call")
    assert {todo.item: todo.state for todo in todo_for(in_acme.ada) if todo.assignment == call.assignment_id}
    assert [todo.state for todo in todo_for(in_acme.ada)].count("done") == 1


def test_a_score_that_waits_for_a_person_waits_here_too(in_acme: Cast) -> None:
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(make_scenario_version())))
    call = hold_call(assignment, by=in_acme.ada, score=None)
    make_score(call, deep=make_run(call, passed=None), state=Score.State.NEEDS_REVIEW)
    following.follow_call(call_id=call.pk)
    (todo,) = todo_for(in_acme.ada)
    assert (todo.state, todo.reason) == ("ready", "waits for its score")
    assert ItemProgress.objects.get().state == ItemProgress.State.WAITING
    assert not Certificate.objects.exists()


def test_the_quick_score_passes_nobody(in_acme: Cast) -> None:
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(make_scenario_version())))
    call = hold_call(assignment, by=in_acme.ada, score=None)
    make_score(call, quick=make_run(call, track="quick", scores=dict.fromkeys(KEYS, 95)))
    following.follow_call(call_id=call.pk)
    assert todo_for(in_acme.ada)[0].state == "ready"


@pytest.mark.parametrize(
    ("mark", "interval", "state"),
    [
        (80, {"low": 84, "high": 90}, "passed"),
        (80, {"low": 70, "high": 76}, "open"),
        (80, {"low": 76, "high": 84}, "waiting"),
    ],
    ids=["above", "below", "across"],
)
def test_an_items_own_mark_is_held_against_the_whole_interval(
    in_acme: Cast, mark: int, interval: dict[str, int], state: str
) -> None:
    version = make_scenario_version()
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(version, pass_mark=mark)))
    call = hold_call(assignment, by=in_acme.ada, score=None)
    number = (interval["low"] + interval["high"]) // 2
    make_score(call, deep=make_run(call, scores=dict.fromkeys(KEYS, number), result={"interval": interval}))
    following.follow_call(call_id=call.pk)
    assert ItemProgress.objects.get().state == state


def test_counting_twice_changes_nothing_and_rebuilding_finds_the_same(in_acme: Cast, open_gate: None) -> None:
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(make_scenario_version())))
    call = hold_call(assignment, by=in_acme.ada)
    before = list(ItemProgress.objects.values("item_key", "state", "attempts", "best_score", "passed_at", "call"))
    following.follow_call(call_id=call.pk)
    ItemProgress.objects.all().delete()
    Enrolment.objects.update(state=Enrolment.State.OPEN, progress=0, completed_at=None)
    following.rebuild()
    after = list(ItemProgress.objects.values("item_key", "state", "attempts", "best_score", "passed_at", "call"))
    assert before == after
    assert Enrolment.objects.get().state == Enrolment.State.COMPLETED
    assert Certificate.objects.count() == 1


def test_a_score_that_is_overturned_opens_the_round_again(in_acme: Cast, open_gate: None) -> None:
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(make_scenario_version())))
    call = hold_call(assignment, by=in_acme.ada)
    certificate = Certificate.objects.get()
    assert certificate.is_valid
    run = make_run(
        call,
        scores=dict.fromkeys(KEYS, 30),
        judged_by="human",
        made_by=in_acme.bo,
        reason="Not what was said.",
        track="human",
    )
    Score.objects.filter(call=call).update(human_run=run, overall_score=30, passed=False)
    following.follow_call(call_id=call.pk)
    certificate.refresh_from_db()
    assert (certificate.state, certificate.is_valid) == (Certificate.State.REVOKED, False)
    assert Enrolment.objects.get().state == Enrolment.State.OPEN
    hold_call(assignment, by=in_acme.ada, ended_at=timezone.now() + timedelta(minutes=1))
    assert Certificate.objects.valid().count() == 1
