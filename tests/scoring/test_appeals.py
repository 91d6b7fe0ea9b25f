"""A contested mark: what may be contested and when, who decides, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.people.models import AuditEvent
from calls.models import Call, CallEvent, Turn
from scoring import appeals, reviews
from scoring.appeals import Passage
from scoring.models import Appeal, Review, Score, ScoreRun
from scoring.referees import ConflictOfInterest, NotScoredYet, counting_run_of
from scoring.review_queue import appeal_figures, appeals_to_decide
from tenants.errors import InvalidInput
from tenants.models import Organization
from tests.cast import Cast
from tests.factories import CRITERIA, make_call, make_run, make_score, make_scored_call

MARKS: dict[str, int | None] = {key: 60 for key, _name, _weight in CRITERIA}


@pytest.fixture
def call(in_acme: Cast) -> Call:
    """A call of Ada's with its transcript; every mark is 72."""
    return make_scored_call(trainee=in_acme.ada, turns=True)


@pytest.fixture
def contested(call: Call) -> Appeal:
    return appeals.contest(call=call, criterion="closing", reason="I proposed Tuesday at ten.")


def rewind(appeal: Appeal, **changes: Any) -> Appeal:
    Appeal.objects.filter(pk=appeal.pk).update(**changes)
    appeal.refresh_from_db()
    return appeal


def told(call: Call) -> list[tuple[str, dict[str, Any]]]:
    events = CallEvent.objects.filter(call=call, type__startswith="appeal:").order_by("seq")
    return [(event.type, event.data) for event in events]


# -- contesting -------------------------------------------------------------------------------------------------------


def test_a_mark_is_contested_with_a_reason_and_gets_a_date(settings: Any, call: Call, in_acme: Cast) -> None:
    settings.APPEAL_ANSWER_HOURS = 48
    appeal = appeals.contest(call=call, criterion="closing", reason="  I proposed Tuesday.  ")
    assert (appeal.state, appeal.mark, appeal.criterion_name) == (Appeal.State.OPEN, 72, "Closing")
    assert (appeal.reason, appeal.opened_by) == ("I proposed Tuesday.", in_acme.ada)
    assert timedelta(hours=47) < appeal.due_at - timezone.now() <= timedelta(hours=48)
    assert AuditEvent.objects.get(action="appeal.opened").actor == in_acme.ada
    [(kind, data)] = told(call)
    assert kind == "appeal:opened"
    assert "mark" not in data, "who is going to decide may be listening"


def test_the_organisations_own_times_go_before_the_installations(call: Call, in_acme: Cast) -> None:
    run = counting_run_of(call)
    assert appeals.closes_at(run) == run.created_at + timedelta(days=14)
    Organization.objects.filter(pk=in_acme.acme.pk).update(appeal_window_days=3, appeal_answer_hours=5)
    connection.set_tenant(Organization.objects.get(pk=in_acme.acme.pk))
    assert appeals.closes_at(run) == run.created_at + timedelta(days=3)
    appeal = appeals.contest(call=call, criterion="closing", reason="I proposed Tuesday.")
    assert timedelta(hours=4) < appeal.due_at - timezone.now() <= timedelta(hours=5)


def test_a_passage_is_the_trainees_own_words(call: Call) -> None:
    said = call.turns.filter(role=Turn.Role.USER).order_by("seq")[0]
    appeal = appeals.contest(call=call, criterion="opening", reason="There.", passage=Passage(said.pk, 0, 11))
    assert appeal.quote == said.content[0:11] == "Hello Marta"
    whole = appeals.contest(call=call, criterion="discovery", reason="All of it.", passage=Passage(said.pk))
    assert whole.quote == said.content


@pytest.mark.parametrize("span", [(5, 5), (6, 2), (0, 10_000)])
def test_a_passage_lies_within_what_was_said(call: Call, span: tuple[int, int]) -> None:
    said = call.turns.filter(role=Turn.Role.USER).order_by("seq")[0]
    with pytest.raises(InvalidInput):
        appeals.contest(call=call, criterion="opening", reason="There.", passage=Passage(said.pk, *span))


def test_the_buyers_words_are_no_passage_and_neither_are_another_calls(call: Call, in_acme: Cast) -> None:
    other = make_scored_call(trainee=in_acme.ada, turns=True)
    for turn in (call.turns.get(seq=1), other.turns.get(seq=2)):
        with pytest.raises(InvalidInput):
            appeals.contest(call=call, criterion="opening", reason="There.", passage=Passage(turn.pk))


@pytest.mark.parametrize(
    ("criterion", "reason", "field"),
    [("charm", "I was charming.", "criterion"), ("opening", "  ", "reason"), ("opening", "x" * 1001, "reason")],
)
def test_what_is_no_objection(call: Call, criterion: str, reason: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        appeals.contest(call=call, criterion=criterion, reason=reason)
    assert refused.value.details["field"] == field


def test_a_criterion_is_contested_once_whatever_came_of_it(contested: Appeal, call: Call, in_acme: Cast) -> None:
    with pytest.raises(appeals.ContestedBefore):
        appeals.contest(call=call, criterion="closing", reason="Again.")
    appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=50)
    appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=False, reason="No.")
    with pytest.raises(appeals.ContestedBefore):
        appeals.contest(call=call, criterion="closing", reason="Again.")
    assert appeals.contest(call=call, criterion="opening", reason="Another one.").criterion == "opening"


def test_the_database_holds_it_too(contested: Appeal, call: Call) -> None:
    with pytest.raises(IntegrityError, match=r"appeal.*criterion|scoring_appeal_once"), transaction.atomic():
        Appeal.objects.create(
            call=call,
            run=contested.run,
            criterion="closing",
            criterion_name="Closing",
            mark=1,
            reason="x",
            opened_by=call.trainee,
            due_at=timezone.now(),
        )
    with pytest.raises(IntegrityError, match="scoring_appeal_not_by_oneself"), transaction.atomic():
        Appeal.objects.filter(pk=contested.pk).update(state="taken", taken_by=call.trainee)


def test_the_window_closes(settings: Any, call: Call) -> None:
    settings.APPEAL_WINDOW_DAYS = 0
    with pytest.raises(appeals.WindowClosed):
        appeals.contest(call=call, criterion="closing", reason="Too late.")


def test_only_what_counts_and_can_be_heard_is_contested(in_acme: Cast) -> None:
    with pytest.raises(appeals.NotSubmitted):
        appeals.contest(call=make_scored_call(trainee=in_acme.ada, private=True), criterion="opening", reason="x")
    for fields in ({"voided_at": timezone.now()}, {"forked_at_seq": 2}):
        with pytest.raises(appeals.NothingToContest):
            appeals.contest(call=make_scored_call(trainee=in_acme.ada, **fields), criterion="opening", reason="x")
    quick = make_call(trainee=in_acme.ada)
    make_score(quick, quick=make_run(quick, track="quick"))
    with pytest.raises(NotScoredYet):
        appeals.contest(call=quick, criterion="opening", reason="x")


# -- deciding ---------------------------------------------------------------------------------------------------------


def test_an_overturned_mark_makes_a_score_and_blind_marks(contested: Appeal, call: Call, in_acme: Cast) -> None:
    review = appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=92)
    assert (review.blind, review.marks, review.appeal) == (True, {"closing": 92}, contested)
    decided = appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=True, reason="A day and an hour: yes.")
    score = Score.objects.select_related("human_run").get(call=call)
    assert (decided.state, decided.mark, decided.new_mark) == (Appeal.State.OVERTURNED, 72, 92)
    assert decided.human_run == score.human_run
    assert score.overall_score == 75  # 72 + 20·15 ∕ 100
    assert score.human_run is not None
    assert score.human_run.made_by == in_acme.bo
    assert score.human_run.criteria.get(key="opening").score == 72
    assert ScoreRun.objects.filter(call=call, judged_by="embedded", track="deep").count() == 1
    assert list(Review.objects.blind()) == [review]
    assert told(call)[-1][1] | {"due_at": ""} == {
        "appeal_id": str(contested.pk),
        "criterion": "closing",
        "state": "overturned",
        "due_at": "",
        "mark": 72,
        "new_mark": 92,
    }


def test_a_mark_that_stands_changes_no_score(contested: Appeal, call: Call, in_acme: Cast) -> None:
    appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=70)
    decided = appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=False, reason="No day was named.")
    assert (decided.state, decided.new_mark, decided.human_run) == (Appeal.State.STANDS, None, None)
    assert Score.objects.get(call=call).human_run is None


def test_the_trainee_does_not_decide(contested: Appeal, in_acme: Cast) -> None:
    with pytest.raises(ConflictOfInterest):
        appeals.mark(appeal=contested, reviewer=in_acme.ada, mark=100)


def test_who_judged_first_does_not_decide(call: Call, in_acme: Cast) -> None:
    review = reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
    assert review.run_id is not None
    reviews.override(review=review, reason="Too kind.", run_id=review.run_id)
    appeal = appeals.contest(call=call, criterion="closing", reason="Bo was too harsh.")
    assert appeal.mark == 60
    with pytest.raises(ConflictOfInterest):
        appeals.mark(appeal=appeal, reviewer=in_acme.bo, mark=60)
    assert appeals_to_decide(viewer=in_acme.bo, role="manager") == []
    assert appeals_to_decide(viewer=in_acme.cy, role="admin") == [appeal]
    appeals.mark(appeal=appeal, reviewer=in_acme.cy, mark=80)


def test_marks_alone_are_judging_first(call: Call, in_acme: Cast) -> None:
    reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
    appeal = appeals.contest(call=call, criterion="closing", reason="No.")
    with pytest.raises(ConflictOfInterest):
        appeals.mark(appeal=appeal, reviewer=in_acme.bo, mark=60)


def test_who_decided_on_one_criterion_may_decide_on_another(contested: Appeal, call: Call, in_acme: Cast) -> None:
    appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=90)
    appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=True, reason="Yes.")
    other = appeals.contest(call=call, criterion="opening", reason="And this one.")
    review = appeals.mark(appeal=other, reviewer=in_acme.bo, mark=80)
    assert not review.blind, "with the first decision Bo has seen the judge's marks"


def test_the_own_mark_comes_first_and_the_decision_is_of_who_gave_it(contested: Appeal, in_acme: Cast) -> None:
    with pytest.raises(appeals.MarkFirst):
        appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=True, reason="Yes.")
    appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=90)
    with pytest.raises(appeals.AppealTaken):
        appeals.mark(appeal=contested, reviewer=in_acme.cy, mark=90)
    with pytest.raises(appeals.AppealTaken):
        appeals.decide(appeal=contested, reviewer=in_acme.cy, overturn=True, reason="Yes.")
    with pytest.raises(reviews.AlreadyReviewed):
        appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=10)


def test_a_decision_takes_a_reason_and_is_final(contested: Appeal, in_acme: Cast) -> None:
    appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=90)
    with pytest.raises(InvalidInput):
        appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=True, reason=" ")
    appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=False, reason="No.")
    with pytest.raises(appeals.AppealDecided):
        appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=True, reason="Or yes.")
    with pytest.raises(appeals.AppealDecided):
        appeals.mark(appeal=contested, reviewer=in_acme.cy, mark=90)


def test_the_same_mark_overturns_nothing(contested: Appeal, in_acme: Cast) -> None:
    appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=72)
    with pytest.raises(InvalidInput):
        appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=True, reason="Same.")


@pytest.mark.parametrize("mark", [101, -1, 7.5, "70", True])
def test_a_mark_out_of_range_is_refused(contested: Appeal, in_acme: Cast, mark: Any) -> None:
    with pytest.raises(InvalidInput):
        appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=mark)
    contested.refresh_from_db()
    assert contested.state == Appeal.State.OPEN


def test_that_it_did_not_come_up_can_be_the_decision(contested: Appeal, call: Call, in_acme: Cast) -> None:
    appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=None)
    decided = appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=True, reason="The buyer hung up.")
    assert (decided.state, decided.new_mark) == (Appeal.State.OVERTURNED, None)
    run = decided.human_run
    assert run is not None
    assert not run.criteria.get(key="closing").applicable


# -- deadlines --------------------------------------------------------------------------------------------------------


def test_an_appeal_that_was_left_can_be_taken_over_once_it_is_overdue(contested: Appeal, in_acme: Cast) -> None:
    appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=90)
    assert appeals_to_decide(viewer=in_acme.cy, role="admin") == []
    rewind(contested, due_at=timezone.now() - timedelta(minutes=1))
    assert appeals_to_decide(viewer=in_acme.cy, role="admin") == [contested]
    appeals.mark(appeal=contested, reviewer=in_acme.cy, mark=80)
    decided = appeals.decide(appeal=contested, reviewer=in_acme.cy, overturn=True, reason="Yes.")
    assert (decided.taken_by, decided.new_mark) == (in_acme.cy, 80)


def test_the_most_urgent_comes_first_and_the_figures_add_up(call: Call, in_acme: Cast) -> None:
    late = rewind(
        appeals.contest(call=call, criterion="closing", reason="x"), due_at=timezone.now() - timedelta(hours=1)
    )
    soon = appeals.contest(call=call, criterion="opening", reason="x")
    assert appeals_to_decide(viewer=in_acme.bo, role="manager") == [late, soon]
    appeals.mark(appeal=late, reviewer=in_acme.bo, mark=90)
    appeals.decide(appeal=late, reviewer=in_acme.bo, overturn=True, reason="Yes.")
    appeals.mark(appeal=soon, reviewer=in_acme.bo, mark=60)
    appeals.decide(appeal=soon, reviewer=in_acme.bo, overturn=False, reason="No.")
    rewind(appeals.contest(call=call, criterion="discovery", reason="x"), due_at=timezone.now() - timedelta(hours=1))
    figures = appeal_figures(viewer=in_acme.bo, role="manager")
    assert (figures.decided, figures.overturned, figures.in_time, figures.undecided, figures.overdue) == (2, 1, 1, 1, 1)
    assert (figures.overturn_percent, figures.in_time_percent) == (50, 50)


def test_a_call_takes_its_objections_along_when_it_goes(contested: Appeal, call: Call, in_acme: Cast) -> None:
    appeals.mark(appeal=contested, reviewer=in_acme.bo, mark=90)
    appeals.decide(appeal=contested, reviewer=in_acme.bo, overturn=True, reason="Yes.")
    Score.objects.filter(call=call).delete()
    call.delete()
    assert not Appeal.objects.exists()
    assert not Review.objects.exists()
