"""Runs are kept, told once, made once per input, and count by rule."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from calls import services
from calls.models import Call, CallEvent, Turn
from calls.services import Ending
from calls.signals import quick_score_wanted
from scenarios.models import RubricVersion
from scoring import inline, runs, sweeps, tasks
from scoring.changes import score_changed
from scoring.models import CriterionResult, Evidence, Score, ScoreRun
from scoring.reproduction import canonical, reproduce
from tests.cast import Cast

from .calls import make_spoken_call


def told(call: Call) -> list[str]:
    return list(CallEvent.objects.filter(call=call).order_by("seq").values_list("type", flat=True))


def test_both_tracks_make_a_score(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    quick = runs.score_call(call_id=call.pk, track="quick")
    score = Score.objects.get(call=call)
    assert quick is not None
    assert (score.state, score.overall_score) == ("quick", quick.overall_score)
    deep = runs.score_call(call_id=call.pk, track="deep")
    score.refresh_from_db()
    assert deep is not None
    assert (score.state, score.overall_score, score.band) == ("ready", deep.overall_score, deep.band)
    assert told(call) == ["score:ready", "feedback:ready"]
    assert deep.judged_by == "embedded"
    assert deep.manifest["model"] == "embedded-5"


@pytest.mark.parametrize(("mark", "passed"), [(None, None), (1, True), (100, False)])
def test_the_mark_that_a_call_is_asked_for_decides(in_acme: Cast, mark: int | None, passed: bool | None) -> None:
    call = make_spoken_call(trainee=in_acme.ada, pass_mark=mark)
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    asked = call.rubric_version.content["pass_mark"] if mark is None else mark
    assert (run.result["pass_mark"], Score.objects.get(call=call).passed) == (asked, run.passed)
    if mark is not None:
        assert run.passed is passed
    assert reproduce(run).same_result


def test_a_persons_mark_is_held_against_what_the_call_is_asked_for(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada, pass_mark=100)
    base = runs.score_call(call_id=call.pk, track="deep")
    assert base is not None
    key = base.result["criteria"][0]["key"]
    human = runs.record_human(call, by=in_acme.bo, reason="He asked first.", criteria={key: 90}, base_run=base)
    assert (human.result["pass_mark"], human.passed) == (100, False)
    assert reproduce(human).same_result


def test_every_stored_quote_is_what_the_trainee_said(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    runs.score_call(call_id=call.pk, track="deep")
    evidence = Evidence.objects.select_related("turn")
    assert evidence
    for item in evidence:
        assert item.turn.role == "user"
        assert item.turn.content[item.start : item.end] == item.quote
    for row in CriterionResult.objects.filter(score__gt=0):
        assert row.verified
        assert row.evidence.exists()


def test_the_same_input_is_judged_once(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    first = runs.score_call(call_id=call.pk, track="deep")
    second = runs.score_call(call_id=call.pk, track="deep")
    assert first is not None
    assert second is not None
    assert first.pk == second.pk
    assert told(call) == ["feedback:ready"]


def test_scoring_again_keeps_the_old_run_and_gives_the_same_bytes(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada, quality="mediocre")
    first = runs.score_call(call_id=call.pk, track="deep")
    second = runs.score_call(call_id=call.pk, track="deep", again=True)
    assert first is not None
    assert second is not None
    assert first.pk != second.pk
    assert canonical(ScoreRun.objects.get(pk=first.pk).result) == canonical(ScoreRun.objects.get(pk=second.pk).result)
    assert Score.objects.get(call=call).deep_run_id == second.pk


def test_a_run_can_be_made_again_byte_for_byte(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada, language="es")
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    run = ScoreRun.objects.get(pk=run.pk)
    outcome = reproduce(run)
    assert outcome.same_input
    assert outcome.same_result
    Turn.objects.filter(call=call, seq=2).update(content="Something else.")
    assert not reproduce(run).same_input


def test_the_reproduce_command_names_the_run(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    out = StringIO()
    call_command("reproduce", str(run.pk), stdout=out)
    assert "every byte the same" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("reproduce", str(run.pk), "--organization", "globex")


def test_rescore_makes_new_runs(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    call_command("rescore", "--organization", "acme", "--call", str(call.pk), stdout=StringIO())
    call_command("rescore", "--organization", "acme", "--call", str(call.pk), stdout=StringIO())
    assert ScoreRun.objects.filter(call=call).count() == 4
    call_command("rescore", "--organization", "acme", "--missing", stdout=StringIO())
    assert ScoreRun.objects.filter(call=call).count() == 4


def test_a_call_too_short_is_said_to_be_not_gradable(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    Turn.objects.filter(call=call, seq__gt=2).delete()
    for track in ("quick", "deep"):
        assert runs.score_call(call_id=call.pk, track=track) is None  # type: ignore[arg-type]
    score = Score.objects.get(call=call)
    assert (score.state, score.overall_score) == ("not_gradable", None)
    assert told(call) == ["feedback:ready"]
    assert inline.quick_score_now(call.pk) is None


def test_a_call_deleted_in_between_is_let_go(in_acme: Cast) -> None:
    assert runs.score_call(call_id=uuid4(), track="deep") is None


def test_a_stand_in_does_not_push_out_the_judge_it_stood_in_for(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    first = runs.score_call(call_id=call.pk, track="deep")
    assert first is not None
    lesser = ScoreRun.objects.create(
        call=call,
        track="deep",
        rubric_version=call.rubric_version,
        overall_score=1,
        band="fundamental",
        passed=False,
        judged_by="embedded",
        transcript_hash=first.transcript_hash,
        manifest={"stand_in": True},
    )
    score = Score.objects.get(call=call)
    runs._let_count(score, lesser)
    score.refresh_from_db()
    assert score.deep_run_id == first.pk


def test_the_end_of_a_call_starts_both_tracks(in_acme: Cast, django_capture_on_commit_callbacks: Any) -> None:
    call = make_spoken_call(trainee=in_acme.ada, status="in_progress")
    heard: list[Any] = []

    def listen(**kwargs: Any) -> None:
        heard.append((kwargs["schema_name"], kwargs["call_id"]))

    score_changed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        services.complete(call_id=call.pk, ending=Ending(by="trainee"))
    assert Score.objects.get(call=call).state == "ready"
    assert told(call) == ["call:ended", "score:ready", "feedback:ready"]
    assert heard == [(in_acme.acme.schema_name, call.pk)] * 2


def test_the_quick_score_is_there_when_the_trainee_hangs_up(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    first = inline.quick_score_now(call.pk)
    assert first is not None
    assert 0 <= first["overall"] <= 100
    assert first["summary"]
    assert inline.quick_score_now(call.pk) == first
    runs.score_call(call_id=call.pk, track="quick")
    assert ScoreRun.objects.filter(call=call, track="quick").count() == 1


def test_a_slow_judge_does_not_hold_up_hanging_up(in_acme: Cast, settings: Any) -> None:
    settings.QUICK_SCORE_BUDGET_MS = 0
    call = make_spoken_call(trainee=in_acme.ada)
    assert inline.quick_score_now(call.pk) is None


def test_hanging_up_survives_a_judge_that_breaks(in_acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("out of order")

    call = make_spoken_call(trainee=in_acme.ada)
    monkeypatch.setattr("scoring.judges.panel.judge", breaks)
    assert [answer for _receiver, answer in quick_score_wanted.send(sender=Call, call_id=call.pk)] == [None]


def test_a_models_quick_score_is_waited_for_within_the_budget(in_acme: Cast, settings: Any) -> None:
    settings.VENDOR_KEYS = {"groq": "key"}
    settings.QUICK_SCORE_BUDGET_MS = 60
    call = make_spoken_call(trainee=in_acme.ada)
    assert inline.quick_score_now(call.pk) is None
    settings.QUICK_SCORER = "embedded"
    run = runs.score_call(call_id=call.pk, track="quick")
    settings.QUICK_SCORER = ""
    assert run is not None
    assert inline.quick_score_now(call.pk) == {"overall": run.overall_score, "summary": run.result["headline"]}


def test_overdue_scores_are_found_and_sent_again(in_acme: Cast) -> None:
    old = timezone.now() - timedelta(minutes=5)
    call = make_spoken_call(trainee=in_acme.ada, ended_at=old)
    make_spoken_call(trainee=in_acme.ada)  # ended just now: its tasks are still under way
    assert sweeps.unscored_calls() == [call.pk]
    tasks.sweep.apply()
    assert Score.objects.get(call=call).state == "ready"
    assert sweeps.unscored_calls() == []


def test_a_model_that_is_still_thinking_is_not_late(in_acme: Cast, settings: Any) -> None:
    settings.VENDOR_KEYS = {"gemini": "key"}
    call = make_spoken_call(trainee=in_acme.ada, ended_at=timezone.now() - timedelta(seconds=40))
    assert sweeps.unscored_calls() == []
    settings.DEEP_SCORER = "embedded"
    assert sweeps.unscored_calls() == [call.pk]


def test_a_call_that_fails_again_and_again_is_left_alone(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada, ended_at=timezone.now() - timedelta(minutes=5))
    score = runs.expect_score(call_id=call.pk)
    Score.objects.filter(pk=score.pk).update(updated_at=timezone.now() - timedelta(minutes=4), attempts=2)
    assert sweeps.unscored_calls() == [call.pk]
    Score.objects.filter(pk=score.pk).update(attempts=sweeps.MAX_ATTEMPTS)
    assert sweeps.unscored_calls() == []


def test_a_run_of_older_rules_says_so_when_it_comes_out_otherwise(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    assert reproduce(run).other_rules == ""
    old = ScoreRun.objects.create(
        **{
            field: getattr(run, field)
            for field in ("call", "track", "rubric_version", "overall_score", "band", "passed", "transcript_hash")
        },
        judged_by="embedded",
        model="embedded-0",
        manifest=run.manifest,
        result=run.result | {"summary": "Otherwise."},
    )
    assert reproduce(old).other_rules == "embedded-0"
    with pytest.raises(CommandError, match=r"differs in summary\. It was made by older rules \(embedded-0\)"):
        call_command("reproduce", str(old.pk), stdout=StringIO())


def test_asking_once_more_does_not_bring_back_what_a_later_rubric_replaced(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    first = runs.score_call(call_id=call.pk, track="deep")
    stricter = RubricVersion.objects.create(
        rubric=call.rubric_version.rubric, number=2, content=call.rubric_version.content | {"pass_mark": 99}
    )
    second = runs.score_call(call_id=call.pk, track="deep", rubric_version=stricter)
    assert second is not None
    assert second.rubric_version == stricter
    assert reproduce(second).same_result
    assert runs.score_call(call_id=call.pk, track="deep") == first
    assert Score.objects.get(call=call).deep_run == second
