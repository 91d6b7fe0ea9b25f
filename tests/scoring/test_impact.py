"""What publishing would change is what it changes; past calls are scored again beside their old runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.models import Call
from scenarios import publishing
from scenarios.models import Criterion, Rubric
from scoring import runs, tasks
from scoring.impact import preview, projection, rescoring, work
from scoring.judges import carried
from scoring.judges.base import Case
from scoring.judges.panel import Judged
from scoring.models import RubricImpact, Score, ScoreRun
from scoring.reproduction import reproduce
from tests.cast import Cast
from tests.conftest import signed_in
from tests.scenarios.conftest import StayingClient

from .rubrics import FIVE
from .rubrics_in_use import calls, demand_more, rubric, spoken, standing, tried

__all__ = ["calls", "rubric"]  # fixtures


@pytest.mark.parametrize("change", ["weights", "pass_mark", "new criterion"])
def test_the_flips_foretold_are_the_flips_of_publishing(
    in_acme: Cast, rubric: Rubric, calls: list[Call], change: str
) -> None:
    if change == "weights":
        demand_more(rubric)
    elif change == "pass_mark":
        Rubric.objects.filter(pk=rubric.pk).update(pass_mark=20)
    else:
        rubric.criteria.update(weight=10)
        Criterion.objects.create(
            rubric=rubric,
            position=9,
            key="warranty",
            name="Warranty",
            definition="What is said of the warranty is so.",
            weight=50,
            kind="grounded",
            source="The warranty covers seven years.",
            must_come_up=True,
        )
    rubric.refresh_from_db()
    before = standing(calls)
    impact = tried(rubric, in_acme)
    foretold = {row.call_id: row.after_passed for row in preview.flipped(impact.outcomes)}
    scores = dict(impact.outcomes.values_list("call_id", "after_score"))
    assert standing(calls) == before  # a preview touches nobody
    assert ScoreRun.objects.count() == len(calls)

    publishing.publish_rubric(rubric=rubric)
    job = rescoring.begin(rubric=rubric, by=in_acme.cy, reason="The rubric changed.")
    assert rescoring.go_on(job.pk)
    after = standing(calls)
    assert foretold == {key: after[key] for key in after if after[key] != before[key]}
    assert foretold
    assert scores == dict(Score.objects.filter(call__in=calls).values_list("call_id", "overall_score"))
    assert {row.call_id: row.after_passed for row in preview.flipped(job.outcomes)} == foretold


def test_old_runs_stay_and_new_ones_say_why(in_acme: Cast, rubric: Rubric, calls: list[Call]) -> None:
    old = {run.pk: (run.overall_score, run.result) for run in ScoreRun.objects.all()}
    demand_more(rubric)
    version = publishing.publish_rubric(rubric=rubric)
    job = rescoring.begin(rubric=rubric, by=in_acme.cy, reason="  New   playbook. ")
    rescoring.go_on(job.pk)
    assert {run.pk: (run.overall_score, run.result) for run in ScoreRun.objects.filter(pk__in=old)} == old
    fresh = ScoreRun.objects.exclude(pk__in=old)
    assert fresh.count() == len(calls)
    assert {(run.rubric_version_id, run.reason) for run in fresh} == {(version.pk, "New playbook.")}
    assert set(Score.objects.values_list("deep_run_id", flat=True)) == {run.pk for run in fresh}
    for run in fresh.select_related("call__rubric_version", "rubric_version"):
        assert reproduce(run).same_result
        assert run.call.rubric_version_id != version.pk  # what the call was held under


def test_a_persons_score_stays(in_acme: Cast, rubric: Rubric, calls: list[Call]) -> None:
    score = Score.objects.select_related("deep_run").get(call=calls[0])
    assert score.deep_run is not None
    runs.record_human(calls[0], by=in_acme.bo, reason="Heard it.", criteria={"opening": 20}, base_run=score.deep_run)
    score.refresh_from_db()
    demand_more(rubric)
    impact = tried(rubric, in_acme)
    row = impact.outcomes.get(call=calls[0])
    assert (row.set_by_person, row.after_score, row.flips) == (True, score.overall_score, False)
    publishing.publish_rubric(rubric=rubric)
    rescoring.go_on(rescoring.begin(rubric=rubric, by=in_acme.cy, reason="New.").pk)
    after = Score.objects.get(call=calls[0])
    assert (after.overall_score, after.human_run_id) == (score.overall_score, score.human_run_id)
    assert after.deep_run_id != score.deep_run_id


def test_means_by_criterion_have_the_marks_that_a_person_set(in_acme: Cast, rubric: Rubric, calls: list[Call]) -> None:
    """Like the mean of the scores, which has the person's score before and after."""
    for call in calls:
        run = Score.objects.select_related("deep_run").get(call=call).deep_run
        assert run is not None
        runs.record_human(call, by=in_acme.bo, reason="Heard it.", criteria={"opening": 91}, base_run=run)
    demand_more(rubric)
    impact = tried(rubric, in_acme)
    publishing.publish_rubric(rubric=rubric)
    job = rescoring.begin(rubric=rubric, by=in_acme.cy, reason="New.")
    rescoring.go_on(job.pk)
    for outcomes in (impact.outcomes, job.outcomes):
        summary = preview.summary_of(outcomes)
        opening = next(item for item in summary.criteria if item["name"] == "Opening")
        assert (opening["before"], opening["after"]) == (91, 91)
        assert summary.before == summary.after


def test_which_calls_are_tried(in_acme: Cast, rubric: Rubric, calls: list[Call]) -> None:
    """Not those of another rubric, private ones, redos, voided or unscored ones; the newest first, as many as asked."""
    version = rubric.newest_published()
    spoken(in_acme, version, "good", private=True)
    spoken(in_acme, version, "good", forked_at_seq=2)
    spoken(in_acme, version, "good", score=False)
    other = spoken(in_acme, version, "good")
    Call.objects.filter(pk=other.pk).update(voided_at=other.ended_at)
    assert set(tried(rubric, in_acme).outcomes.values_list("call_id", flat=True)) == {call.pk for call in calls}
    demand_more(rubric)
    assert set(tried(rubric, in_acme, last=2).outcomes.values_list("call_id", flat=True)) == {
        calls[2].pk,
        calls[3].pk,
    }


def test_a_call_is_done_once_however_often_it_is_delivered(in_acme: Cast, rubric: Rubric, calls: list[Call]) -> None:
    job = rescoring.begin(rubric=rubric, by=in_acme.cy, reason="Again.")
    assert not rescoring.go_on(job.pk, seconds=0.0)  # one call, then the time is up
    job.refresh_from_db()
    assert (job.state, job.done, job.percent) == ("running", 1, 25)
    assert rescoring.go_on(job.pk)
    assert rescoring.go_on(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.percent) == ("done", 4, 4, 100)
    assert ScoreRun.objects.count() == 2 * len(calls)


def test_a_call_that_goes_away_is_not_waited_for(in_acme: Cast, rubric: Rubric, calls: list[Call]) -> None:
    impact = preview.begin(rubric=rubric, by=in_acme.cy)
    Score.objects.filter(call=calls[0]).delete()
    calls[0].delete()
    assert preview.go_on(impact.pk)
    impact.refresh_from_db()
    assert (impact.total, impact.done) == (3, 3)


def test_a_call_that_nobody_can_judge_holds_up_no_other(
    in_acme: Cast, rubric: Rubric, calls: list[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = projection.judged

    def stumble(run: ScoreRun, case: Case) -> Judged:
        if run.call_id == calls[1].pk:
            raise ValueError("a surprise")
        return judged(run, case)

    monkeypatch.setattr(projection, "judged", stumble)
    impact = tried(rubric, in_acme)
    assert (impact.is_finished, impact.done) == (True, 4)
    summary = preview.summary_of(impact.outcomes)
    assert (summary.problems, summary.finished, summary.flips) == (1, 4, 0)


def test_a_job_whose_message_was_lost_is_sent_on(in_acme: Cast, rubric: Rubric, calls: list[Call]) -> None:
    impact = preview.begin(rubric=rubric, by=in_acme.cy)
    assert work.standing_still(RubricImpact.objects.all()) == []
    RubricImpact.objects.update(updated_at=impact.created_at - work.STANDS_STILL)
    tasks.sweep()
    impact.refresh_from_db()
    assert impact.is_finished


def test_the_same_draft_is_not_tried_twice_at_once(in_acme: Cast, rubric: Rubric, calls: list[Call]) -> None:
    first = preview.begin(rubric=rubric, by=in_acme.cy)
    assert preview.begin(rubric=rubric, by=in_acme.cy) == first
    assert preview.newest_of(rubric) == first
    demand_more(rubric)
    assert preview.newest_of(rubric) is None
    assert not preview.is_current(first)


# -- judgements of language models are carried over ----------------------------------------------------------------------


def as_if_by_a_model(call: Call) -> ScoreRun:
    """The call's run again, as another judge's: the database lets nobody change a run, so it is a second one."""
    score = Score.objects.select_related("deep_run").get(call=call)
    run = score.deep_run
    assert run is not None
    rows = list(run.criteria.prefetch_related("evidence"))
    evidence = {row.key: list(row.evidence.all()) for row in rows}
    run.pk, run._state.adding, run.judged_by = None, True, "gemini"
    run.id = ScoreRun().id
    run.save(force_insert=True)
    for row in rows:
        key, row.pk, row.run = row.key, None, run
        row.save(force_insert=True)
        for one in evidence[key]:
            one.pk, one.criterion = None, row
            one.save(force_insert=True)
    Score.objects.filter(pk=score.pk).update(deep_run=run)
    return run


def test_a_models_marks_stand_where_the_rubric_asks_the_same(in_acme: Cast, rubric: Rubric, calls: list[Call]) -> None:
    run = as_if_by_a_model(calls[0])
    rubric.criteria.filter(key="opening").update(weight=30, name="The opening")
    rubric.criteria.filter(key="closing").update(weight=5, definition="The buyer agrees on a day and an hour.")
    version = publishing.publish_rubric(rubric=rubric)
    rescoring.go_on(rescoring.begin(rubric=rubric, by=in_acme.cy, reason="New.", last=10).pk)
    score = Score.objects.select_related("deep_run").get(call=calls[0])
    fresh = score.deep_run
    assert fresh is not None
    assert (fresh.judged_by, fresh.rubric_version_id) == ("kept:gemini", version.pk)
    marks = {item["key"]: item for item in fresh.result["criteria"]}
    was = {item["key"]: item for item in run.result["criteria"]}
    for key in ("opening", "discovery", "objection", "communication"):
        assert (marks[key]["score"], marks[key]["evidence"]) == (was[key]["score"], was[key]["evidence"])
    assert marks["opening"]["weight"] == 30
    assert {row["key"] for row in fresh.manifest["raw"]["kept"]} == {
        "opening",
        "discovery",
        "objection",
        "communication",
    }
    assert reproduce(fresh).same_result
    ada = signed_in(in_acme.ada, StayingClient())
    for page in ("debrief", "runs", "transparency"):
        answer = ada.get(f"/org/acme/calls/{calls[0].pk}/{page}/")
        assert answer.status_code == 200, page
        assert "Google Gemini, carried over" in answer.content.decode(), page
    assert ada.get(f"/org/acme/api/v1/calls/{calls[0].pk}/score/").json()["judged_by"]["deep"] == "kept:gemini"


def test_what_makes_a_criterion_another_one() -> None:
    first = FIVE.criteria[0]
    for change, same in (
        ({"weight": 1, "name": "X", "signals": ()}, True),
        ({"definition": "Another."}, False),
        ({"kind": "binary"}, False),
        ({"anchors": {"90": "x"}}, False),
    ):
        after = replace(FIVE, criteria=(replace(first, **change), *FIVE.criteria[1:]))
        assert (first.key in carried.unchanged(FIVE, after)) is same
