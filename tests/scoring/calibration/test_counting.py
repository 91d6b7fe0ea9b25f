"""What is counted, for whom, and when the gate to automatic certificates is open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from calls.models import Call
from scenarios.models import RubricVersion
from scoring import tasks
from scoring.calibration.agreement import ENOUGH_CALLS
from scoring.calibration.counting import recount
from scoring.calibration.gate import Reason, gate_of
from scoring.models import Calibration, Review, ScoreRun
from tests.cast import Cast
from tests.factories import make_call, make_rubric_version, make_run, make_scenario_version, make_score

KEYS = ("opening", "discovery", "objection", "communication", "closing")
MARKS = (0, 25, 50, 75, 100)


def marks_of(mark: int) -> dict[str, int]:
    return dict.fromkeys(KEYS, mark)


def marked_call(
    *,
    trainee: User,
    reviewer: User,
    rubric: RubricVersion,
    people: int,
    judge: int | None = None,
    blind: bool = True,
    **run: Any,
) -> Call:
    """A scored call with one person's marks."""
    call = make_call(trainee=trainee, scenario_version=make_scenario_version(rubric_version=rubric))
    scores = marks_of(people if judge is None else judge)
    make_score(call, deep=make_run(call, scores=scores, **{"model": "embedded-1", **run}))
    review(call, reviewer=reviewer, mark=people, blind=blind)
    return call


def review(call: Call, *, reviewer: User, mark: int, blind: bool = True, days_ago: int = 0) -> Review:
    return Review.objects.create(
        call=call,
        rubric_version=call.rubric_version,
        reviewer=reviewer,
        blind=blind,
        marks=marks_of(mark),
        submitted_at=timezone.now() - timedelta(days=days_ago),
    )


@pytest.fixture
def rubric(in_acme: Cast) -> RubricVersion:
    return make_rubric_version()


@pytest.fixture
def agreeing(in_acme: Cast, rubric: RubricVersion) -> list[Call]:
    """As many calls as are needed, in which judge and person say the same."""
    return [
        marked_call(trainee=in_acme.ada, reviewer=in_acme.bo, rubric=rubric, people=MARKS[index % 5])
        for index in range(ENOUGH_CALLS)
    ]


def run_of(call: Call) -> ScoreRun:
    run: ScoreRun = call.score_runs.get()
    return run


def test_nothing_marked_is_nothing_counted_and_the_gate_is_closed(in_acme: Cast, rubric: RubricVersion) -> None:
    call = make_call(trainee=in_acme.ada, scenario_version=make_scenario_version(rubric_version=rubric))
    run = make_run(call)
    assert recount() == []
    gate = gate_of(run, language="en")
    assert (gate.open, gate.reason) == (False, Reason.NEVER_COUNTED)


def test_agreement_opens_the_gate_for_this_judge_only(agreeing: list[Call]) -> None:
    (counted,) = recount()
    assert counted.holds
    assert (counted.calls, counted.reviews) == (ENOUGH_CALLS, ENOUGH_CALLS)
    assert [item["key"] for item in counted.criteria] == list(KEYS)
    run = run_of(agreeing[0])
    assert gate_of(run, language="en").reason == Reason.CALIBRATED
    assert gate_of(run, language="en-GB").open
    assert not gate_of(run, language="es").open
    for swapped in ({"model": "embedded-2"}, {"prompt_version": "deep-9"}, {"judged_by": "groq"}):
        other = ScoreRun(
            **{
                "rubric_version_id": run.rubric_version_id,
                "judged_by": run.judged_by,
                "model": run.model,
                "prompt_version": run.prompt_version,
                "passed": True,
                **swapped,
            }
        )
        assert gate_of(other, language="en").reason == Reason.NEVER_COUNTED, swapped


def test_a_new_version_of_the_rubric_starts_closed(agreeing: list[Call], in_acme: Cast) -> None:
    recount()
    newer = make_rubric_version()
    call = make_call(trainee=in_acme.ada, scenario_version=make_scenario_version(rubric_version=newer))
    assert not gate_of(make_run(call, model="embedded-1"), language="en").open


def test_few_calls_are_insufficient(in_acme: Cast, rubric: RubricVersion) -> None:
    call = marked_call(trainee=in_acme.ada, reviewer=in_acme.bo, rubric=rubric, people=75)
    (counted,) = recount()
    assert {item["state"] for item in counted.criteria} == {"insufficient"}
    assert gate_of(run_of(call), language="en").reason == Reason.INSUFFICIENT


def test_drift_closes_the_gate_again(agreeing: list[Call], in_acme: Cast, rubric: RubricVersion) -> None:
    recount()
    for index in range(ENOUGH_CALLS):
        mark = MARKS[index % 5]
        marked_call(trainee=in_acme.ada, reviewer=in_acme.bo, rubric=rubric, people=mark, judge=100 - mark)
    (drifted,) = recount()
    assert not drifted.holds
    assert gate_of(run_of(agreeing[0]), language="en").reason == Reason.BELOW
    assert Calibration.objects.count() == 2
    assert Calibration.objects.current().get() == drifted


def test_the_same_marks_are_counted_once(agreeing: list[Call], in_acme: Cast) -> None:
    assert len(recount()) == 1
    assert recount() == []
    tasks.calibrate()
    assert Calibration.objects.count() == 1
    review(agreeing[0], reviewer=in_acme.cy, mark=25)
    (again,) = recount()
    assert again.reviews == ENOUGH_CALLS + 1


def test_marks_that_were_led_unfinished_or_old_do_not_count(in_acme: Cast, rubric: RubricVersion) -> None:
    marked_call(trainee=in_acme.ada, reviewer=in_acme.bo, rubric=rubric, people=75, blind=False)
    unfinished = marked_call(trainee=in_acme.ada, reviewer=in_acme.bo, rubric=rubric, people=75)
    Review.objects.filter(call=unfinished).update(submitted_at=None)
    old = marked_call(trainee=in_acme.ada, reviewer=in_acme.bo, rubric=rubric, people=75)
    Review.objects.filter(call=old).update(submitted_at=timezone.now() - timedelta(days=400))
    assert recount() == []


def test_what_did_not_come_up_for_one_of_the_two_is_no_pair(in_acme: Cast, rubric: RubricVersion) -> None:
    call = marked_call(
        trainee=in_acme.ada, reviewer=in_acme.bo, rubric=rubric, people=75, not_applicable=frozenset({"objection"})
    )
    Review.objects.filter(call=call).update(marks={"opening": 75, "objection": 50})
    (counted,) = recount()
    assert {item["key"]: item["calls"] for item in counted.criteria} == dict.fromkeys(KEYS, 0) | {"opening": 1}


def test_several_people_and_several_judges_are_kept_apart(in_acme: Cast, rubric: RubricVersion) -> None:
    call = marked_call(trainee=in_acme.ada, reviewer=in_acme.bo, rubric=rubric, people=50)
    review(call, reviewer=in_acme.cy, mark=100)
    make_run(call, scores=marks_of(100), judged_by="groq", model="gpt-oss", prompt_version="deep-1")
    make_run(call, scores=marks_of(0), judged_by="human", made_by=in_acme.cy, reason="Heard it myself.")
    counts = {row.judged_by: row for row in recount()}
    assert set(counts) == {"embedded", "groq"}
    assert {row.reviews for row in counts.values()} == {2}
    assert counts["groq"].criteria[0]["apart"] == 25
    assert counts["embedded"].criteria[0]["apart"] == -25


def test_the_newest_run_of_a_judge_is_the_one_compared(in_acme: Cast, rubric: RubricVersion) -> None:
    call = marked_call(trainee=in_acme.ada, reviewer=in_acme.bo, rubric=rubric, people=50, judge=0)
    combined = make_run(call, scores=marks_of(50), model="embedded-1")
    make_run(call, scores=marks_of(100), model="embedded-1", group=combined)
    (counted,) = recount()
    assert counted.criteria[0]["apart"] == 0


def test_a_persons_score_needs_no_gate_and_an_undecided_one_passes_none(agreeing: list[Call], in_acme: Cast) -> None:
    recount()
    by_person = make_run(agreeing[0], judged_by="human", made_by=in_acme.bo, reason="I was there.")
    assert gate_of(by_person, language="en").reason == Reason.PERSON
    undecided = make_run(agreeing[0], model="embedded-1", passed=None)
    assert gate_of(undecided, language="en").reason == Reason.UNDECIDED


def test_counting_asks_the_database_the_same_however_many_calls(
    agreeing: list[Call], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):  # counts, marks, runs, criteria, versions, the new row
        recount()
