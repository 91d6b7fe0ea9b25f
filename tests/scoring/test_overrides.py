"""A person's score counts before any judge's, says why, and leaves the judge's run as it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from calls.models import Call
from scoring import runs
from scoring.changes import score_changed
from scoring.evidence import Span
from scoring.models import Score, ScoreRun
from scoring.overrides import MarksInvalid
from scoring.reproduction import reproduce
from tests.cast import Cast
from tests.factories import make_run

from .calls import make_spoken_call


@pytest.fixture
def call(in_acme: Cast) -> Call:
    call = make_spoken_call(trainee=in_acme.ada)
    runs.score_call(call_id=call.pk, track="deep")
    return call


def set_marks(call: Call, by: Any, marks: dict[str, int | None], **fields: Any) -> ScoreRun:
    base = ScoreRun.objects.standing().get(call=call, track="deep")
    return runs.record_human(call, by=by, criteria=marks, base_run=base, **{"reason": "I was there.", **fields})


def test_a_persons_marks_are_computed_like_any_others(call: Call, in_acme: Cast) -> None:
    base = ScoreRun.objects.get(call=call)
    run = set_marks(call, in_acme.bo, {"opening": 0, "closing": 40})
    marks = {row.key: row.score for row in base.criteria.all()} | {"opening": 0, "closing": 40}
    weights = {row.key: row.weight for row in base.criteria.all()}
    assert run.overall_score == int(sum(marks[key] * weights[key] for key in marks) / 100 + 0.5)
    assert run.result["interval"] == {"low": run.overall_score, "high": run.overall_score, "source": "person"}
    opening = next(item for item in run.result["criteria"] if item["key"] == "opening")
    assert opening["by_person"]
    assert opening["was"] == base.criteria.get(key="opening").score
    assert opening["rationale"] == "I was there."
    untouched = next(item for item in run.result["criteria"] if item["key"] == "discovery")
    assert "by_person" not in untouched
    assert untouched["evidence"]
    assert (run.base_run, run.made_by, run.judged_by, run.track) == (base, in_acme.bo, "human", "human")


def test_it_counts_whatever_a_judge_says_later(call: Call, in_acme: Cast) -> None:
    run = set_marks(call, in_acme.bo, {"opening": 10})
    again = runs.score_call(call_id=call.pk, track="deep", again=True)
    score = Score.objects.get(call=call)
    assert (score.human_run, score.deep_run) == (run, again)
    assert (score.overall_score, score.state) == (run.overall_score, "ready")
    assert call.events.filter(type="feedback:ready").last().data["overall_score"] == run.overall_score
    second = set_marks_on(again, in_acme.cy)
    assert Score.objects.get(call=call).human_run == second


def set_marks_on(base: ScoreRun | None, by: Any) -> ScoreRun:
    assert base is not None
    return runs.record_human(base.call, by=by, criteria={"opening": 90}, base_run=base, reason="Heard again.")


def test_it_ends_the_wait_for_a_decision(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    runs._let_count(runs.expect_score(call_id=call.pk), make_run(call, passed=None))
    assert Score.objects.get(call=call).state == "needs_review"
    run = runs.record_human(
        call,
        by=in_acme.bo,
        reason="Good enough.",
        criteria={"opening": 100},
        base_run=ScoreRun.objects.get(call=call),
    )
    score = Score.objects.get(call=call)
    assert (score.state, score.passed) == ("ready", run.passed)
    assert run.passed is not None


def test_it_is_told_once(call: Call, in_acme: Cast, django_capture_on_commit_callbacks: Any) -> None:
    heard: list[Any] = []

    def listen(sender: Any, **kwargs: Any) -> None:
        heard.append(kwargs["call_id"])

    score_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            set_marks(call, in_acme.bo, {"opening": 10})
    finally:
        score_changed.disconnect(listen)
    assert heard == [call.pk]
    assert call.events.filter(type="feedback:ready").last().data["judged_by"] == "human"


def test_a_criterion_can_be_said_not_to_apply(call: Call, in_acme: Cast) -> None:
    run = set_marks(call, in_acme.bo, {"objection": None})
    row = run.criteria.get(key="objection")
    assert (row.applicable, row.score, row.evidence.count()) == (False, 0, 0)


def test_the_trainees_words_can_be_given_as_evidence(call: Call, in_acme: Cast) -> None:
    turn = call.turns.filter(role="user").order_by("seq")[1]
    span = Span(str(turn.pk), 0, 12, turn.content[:12])
    run = set_marks(call, in_acme.bo, {"closing": 80}, evidence={"closing": [span]})
    assert run.criteria.get(key="closing").evidence.filter(turn=turn, start=0, end=12).exists()
    assert reproduce(run).same_result
    for wrong in (
        Span(str(turn.pk), 0, 12, "never said it"),
        Span(str(call.turns.filter(role="assistant").order_by("seq")[0].pk), 0, 5, "Hello"),
    ):
        with pytest.raises(MarksInvalid):
            set_marks(call, in_acme.bo, {"closing": 80}, evidence={"closing": [wrong]})


@pytest.mark.parametrize(
    ("marks", "reason", "field"),
    [
        ({"opening": 10}, "  ", "reason"),
        ({}, "why", "criteria"),
        ({"nothing": 10}, "why", "criteria.nothing"),
        ({"opening": 101}, "why", "criteria.opening"),
        ({"opening": -1}, "why", "criteria.opening"),
        ({"opening": True}, "why", "criteria.opening"),
    ],
)
def test_bad_marks_are_refused_by_name(call: Call, in_acme: Cast, marks: Any, reason: str, field: str) -> None:
    with pytest.raises(MarksInvalid) as caught:
        set_marks(call, in_acme.bo, marks, reason=reason)
    assert caught.value.details["field"] == field
    assert ScoreRun.objects.filter(call=call).count() == 1


def test_the_run_of_another_call_cannot_be_corrected(call: Call, in_acme: Cast) -> None:
    other = make_run(make_spoken_call(trainee=in_acme.ada))
    with pytest.raises(ValueError, match="another call"):
        runs.record_human(call, by=in_acme.bo, reason="x", criteria={"opening": 1}, base_run=other)


def test_the_database_wants_a_person_and_a_reason(call: Call, in_acme: Cast) -> None:
    for fields in ({"reason": "x"}, {"made_by": in_acme.bo}):
        with pytest.raises(IntegrityError, match="person_gives_reason"), transaction.atomic():
            make_run(call, track="human", judged_by="human", **fields)


def test_a_persons_run_can_be_made_again(call: Call, in_acme: Cast) -> None:
    run = set_marks(call, in_acme.bo, {"opening": 33, "objection": None})
    outcome = reproduce(ScoreRun.objects.get(pk=run.pk))
    assert outcome.differences == ()
    assert outcome.same_input


def test_the_api_says_who_set_the_score_and_why(call: Call, in_acme: Cast, ada_client: Client) -> None:
    base = ScoreRun.objects.get(call=call)
    run = set_marks(call, in_acme.bo, {"opening": 10})
    body = ada_client.get(f"/org/acme/api/v1/calls/{call.pk}/score/").json()
    assert body["overall_score"] == run.overall_score
    assert body["run_id"] == str(run.pk)
    assert body["judged_by"]["deep"] == "embedded"
    override = body["override"]
    assert (override["by"], override["reason"]) == ("Bo", "I was there.")
    assert override["judge_overall_score"] == base.overall_score
    assert override["corrects_run_id"] == str(base.pk)
