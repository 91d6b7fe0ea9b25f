"""A coach's own marks: who may give them, when they are blind, and what comes of the difference."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.people.models import AuditEvent, Team, TeamMembership
from calls.errors import CallNotFound
from calls.models import Call
from scoring import reviews, runs
from scoring.models import Review, Score, ScoreRun
from scoring.referees import ConflictOfInterest, NotScoredYet, call_to_judge
from scoring.review_queue import appeal_figures, scores_to_review
from tenants.errors import InvalidInput
from tests.cast import Cast
from tests.factories import (
    CRITERIA,
    make_call,
    make_rubric_version,
    make_run,
    make_scenario_version,
    make_score,
    make_scored_call,
    rubric_content,
)

MARKS: dict[str, int | None] = {key: 60 for key, _name, _weight in CRITERIA}


def scored(cast: Cast, **fields: Any) -> Call:
    """A call of Ada's; every mark is 72."""
    return make_scored_call(trainee=cast.ada, turns=True, **fields)


def undecided(cast: Cast, **fields: Any) -> Call:
    """A call whose score is too near the pass mark for its judge."""
    call = make_call(trainee=cast.ada, **fields)
    make_score(call, deep=make_run(call, passed=None), state=Score.State.NEEDS_REVIEW)
    return call


def counting(call: Call) -> ScoreRun:
    run = Score.objects.select_related("human_run", "deep_run").get(call=call).counting_run
    assert run is not None
    return run


# -- giving marks -----------------------------------------------------------------------------------------------------


def test_marks_are_blind_unless_the_reviewer_has_seen_the_judges(in_acme: Cast) -> None:
    call = scored(in_acme)
    reviews.note_seen(call=call, user=in_acme.cy)
    reviews.note_seen(call=call, user=in_acme.cy)
    blind = reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
    seen = reviews.submit(call=call, reviewer=in_acme.cy, marks=MARKS)
    assert (blind.blind, seen.blind) == (True, False)
    assert list(Review.objects.blind()) == [blind]
    assert reviews.has_seen(call=call, user=in_acme.bo), "the answer shows them"


def test_a_criterion_that_did_not_come_up_has_no_mark(in_acme: Cast) -> None:
    review = reviews.submit(call=scored(in_acme), reviewer=in_acme.bo, marks={**MARKS, "closing": None})
    assert "closing" not in review.marks
    assert review.mark_of("closing") is None
    assert review.mark_of("opening") == 60


@pytest.mark.parametrize(
    ("marks", "field"),
    [
        ({**MARKS, "opening": 101}, "marks.opening"),
        ({**MARKS, "opening": -1}, "marks.opening"),
        ({**MARKS, "opening": True}, "marks.opening"),
        ({**MARKS, "opening": "70"}, "marks.opening"),
        ({**MARKS, "charm": 70}, "marks.charm"),
        ({key: 60 for key in MARKS if key != "closing"}, "marks.closing"),
    ],
)
def test_marks_must_be_whole_and_of_the_rubric(in_acme: Cast, marks: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        reviews.submit(call=scored(in_acme), reviewer=in_acme.bo, marks=marks)
    assert refused.value.details["field"] == field
    assert not Review.objects.exists()


def test_what_always_applies_needs_a_mark(in_acme: Cast) -> None:
    rubric = make_rubric_version()
    rubric.content["criteria"][0]["must_come_up"] = True
    with pytest.raises(InvalidInput):
        reviews.checked_marks({**MARKS, "opening": None}, rubric.spec())


def test_marks_are_handed_in_once(in_acme: Cast) -> None:
    call = scored(in_acme)
    reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
    with pytest.raises(reviews.AlreadyReviewed):
        reviews.submit(call=call, reviewer=in_acme.bo, marks={**MARKS, "opening": 100})
    assert Review.objects.get().marks["opening"] == 60


def test_there_is_nothing_to_lay_them_beside_before_the_debrief(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada)
    make_score(call, quick=make_run(call, track="quick"))
    with pytest.raises(NotScoredYet):
        reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)


def test_who_may_judge(in_acme: Cast) -> None:
    call = scored(in_acme)
    assert call_to_judge(call.pk, user=in_acme.bo, role="manager") == call
    with pytest.raises(ConflictOfInterest):
        call_to_judge(call.pk, user=in_acme.ada, role="trainee")
    with pytest.raises(CallNotFound):
        call_to_judge(call.pk, user=in_acme.val, role="trainee")
    own = make_scored_call(trainee=in_acme.cy)
    with pytest.raises(ConflictOfInterest):
        call_to_judge(own.pk, user=in_acme.cy, role="admin")
    with pytest.raises(CallNotFound):
        call_to_judge(make_scored_call(trainee=in_acme.ada, private=True).pk, user=in_acme.bo, role="manager")


# -- deciding ---------------------------------------------------------------------------------------------------------


def test_an_override_counts_and_the_judges_run_stays(in_acme: Cast) -> None:
    call = scored(in_acme)
    machine = counting(call)
    review = reviews.submit(call=call, reviewer=in_acme.bo, marks={**MARKS, "closing": 72})
    run = reviews.override(review=review, reason=" The price was never named. ", run_id=machine.pk)
    score = Score.objects.get(call=call)
    assert (score.human_run, score.overall_score, score.state) == (run, run.overall_score, Score.State.READY)
    assert run.overall_score == 62  # (60·20 + 60·25 + 60·25 + 60·15 + 72·15) ∕ 100 = 61.8
    assert (run.made_by, run.reason, run.base_run) == (in_acme.bo, "The price was never named.", machine)
    assert ScoreRun.objects.get(pk=machine.pk).overall_score == 72
    review.refresh_from_db()
    assert review.outcome == Review.Outcome.OVERRIDDEN
    event = AuditEvent.objects.get(action="score.overridden")
    assert (event.actor, event.data["was"], event.data["now"]) == (in_acme.bo, 72, 62)


def test_a_judge_that_reads_again_does_not_push_a_person_out(in_acme: Cast) -> None:
    call = scored(in_acme)
    review = reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
    run = reviews.override(review=review, reason="Too kind.", run_id=counting(call).pk)
    again = make_run(call, scores=dict.fromkeys(MARKS, 95))
    runs._let_count(Score.objects.get(call=call), again)
    score = Score.objects.get(call=call)
    assert score.deep_run == again
    assert (score.counting_run, score.overall_score) == (run, 60)


@pytest.mark.parametrize("reason", ["", "   \n"])
def test_no_override_without_a_reason(in_acme: Cast, reason: str) -> None:
    call = scored(in_acme)
    review = reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
    with pytest.raises(InvalidInput) as refused:
        reviews.override(review=review, reason=reason, run_id=counting(call).pk)
    assert refused.value.details["field"] == "reason"
    assert Score.objects.get(call=call).human_run is None


def test_the_same_marks_override_nothing(in_acme: Cast) -> None:
    call = scored(in_acme)
    review = reviews.submit(call=call, reviewer=in_acme.bo, marks=dict.fromkeys(MARKS, 72))
    with pytest.raises(InvalidInput):
        reviews.override(review=review, reason="I agree.", run_id=counting(call).pk)


def test_one_decides_about_the_score_that_one_saw_and_once(in_acme: Cast) -> None:
    call = scored(in_acme)
    before = counting(call)
    bo = reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
    cy = reviews.submit(call=call, reviewer=in_acme.cy, marks=dict.fromkeys(MARKS, 50))
    reviews.override(review=cy, reason="No questions at all.", run_id=before.pk)
    with pytest.raises(reviews.ScoreMoved):
        reviews.override(review=bo, reason="Fair.", run_id=before.pk)
    reviews.override(review=bo, reason="There were two questions.", run_id=counting(call).pk)
    assert counting(call).overall_score == 60
    with pytest.raises(reviews.AlreadyDecided):
        reviews.keep(review=bo, reason="", run_id=counting(call).pk)


def test_keeping_an_undecided_score_decides_it_in_ones_own_name(in_acme: Cast) -> None:
    call = undecided(in_acme)
    review = reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
    with pytest.raises(InvalidInput):
        reviews.keep(review=review, reason="", run_id=counting(call).pk)
    run = reviews.keep(review=review, reason="The judge heard what I heard.", run_id=counting(call).pk)
    score = Score.objects.get(call=call)
    assert (score.state, score.passed, score.human_run) == (Score.State.READY, True, run)
    kept = run.criteria.get(key="opening")
    assert (kept.score, kept.rationale) == (72, "What was heard about opening.")


def test_keeping_a_score_that_counts_makes_no_run(in_acme: Cast) -> None:
    call = scored(in_acme)
    machine = counting(call)
    review = reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
    assert reviews.keep(review=review, reason="", run_id=machine.pk) == machine
    assert Score.objects.get(call=call).human_run is None


# -- the queue --------------------------------------------------------------------------------------------------------


def waiting(cast: Cast, user: Any = None, role: str = "manager") -> list[tuple[Any, str]]:
    found = scores_to_review(viewer=user or cast.bo, role=role)
    return [(score.call_id, score.why) for score in found]  # type: ignore[attr-defined]


def blocker_version() -> Any:
    rubric = make_rubric_version()
    content = rubric_content(name="With a blocker")
    content["criteria"][0]["kind"] = "blocker"
    type(rubric).objects.create(rubric=rubric.rubric, number=2, content=content)
    return make_scenario_version(rubric_version=type(rubric).objects.get(rubric=rubric.rubric, number=2))


def test_undecided_scores_and_failed_blockers_wait_the_oldest_first(in_acme: Cast) -> None:
    noisy = undecided(in_acme)
    failed = scored(in_acme, scenario_version=blocker_version(), scores={"opening": 40})
    scored(in_acme)
    scored(in_acme, scenario_version=blocker_version(), scores={"opening": 50})
    assert waiting(in_acme) == [(noisy.pk, "noisy"), (failed.pk, "blocker")]
    assert waiting(in_acme, in_acme.cy, "admin") == waiting(in_acme)


def test_what_was_decided_waits_no_longer(in_acme: Cast) -> None:
    noisy, failed = undecided(in_acme), scored(in_acme, scenario_version=blocker_version(), scores={"opening": 40})
    for call in (noisy, failed):
        review = reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
        assert call.pk in dict(waiting(in_acme)), "marks alone decide nothing"
        reviews.keep(review=review, reason="Heard.", run_id=counting(call).pk)
    assert waiting(in_acme) == []


def test_nobody_is_asked_about_calls_that_are_not_theirs_to_judge(in_acme: Cast) -> None:
    undecided(in_acme, private=True)
    undecided(in_acme, forked_at_seq=2)
    own = make_call(trainee=in_acme.bo)
    make_score(own, deep=make_run(own, passed=None), state=Score.State.NEEDS_REVIEW)
    elsewhere = make_call(trainee=in_acme.val)
    make_score(elsewhere, deep=make_run(elsewhere, passed=None), state=Score.State.NEEDS_REVIEW)
    assert waiting(in_acme) == []
    assert dict(waiting(in_acme, in_acme.cy, "admin")).keys() == {own.pk, elsewhere.pk}
    TeamMembership.objects.create(team=Team.objects.get(name="North"), user=in_acme.val)
    assert dict(waiting(in_acme)).keys() == {elsewhere.pk}


def test_figures_without_objections_claim_nothing(in_acme: Cast) -> None:
    figures = appeal_figures(viewer=in_acme.bo, role="manager")
    assert (figures.decided, figures.overturn_percent, figures.in_time_percent) == (0, None, None)
