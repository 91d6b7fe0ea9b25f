"""A call that counts is read several times: the median counts, the spread shows, and nobody fails by noise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from calls.models import Call
from calls.signals import call_submitted
from integrations import resilience
from scenarios.briefs import CriterionPart, CriterionSpec
from scoring import grading, runs
from scoring.aggregate import weighted_mean
from scoring.impact import projection
from scoring.intervals import spread
from scoring.judges import panel
from scoring.judges.base import Case, CriterionVerdict, PartVerdict
from scoring.judges.embedded import weights_of
from scoring.models import CriterionResult, Evidence, Score, ScoreRun
from scoring.readings import combine
from scoring.reproduction import reproduce
from scoring.results import result_of
from tests.cast import Cast
from tests.standins import models as standins
from tests.standins.models import KEY, Vendor

from .calls import make_spoken_call
from .noisy import NoisyJudge, reading, span_of
from .rubrics import FIVE
from .transcripts import GOOD_EN, brief, turns_of

CASE = Case(tuple(turns_of(GOOD_EN)), FIVE, "en", "discovery", True, brief())
SPAN = span_of(CASE)


def combined(*scores: list[int | None], rubric: Any = FIVE) -> Any:
    return combine(rubric, [reading(rubric, one, SPAN) for one in scores])


def test_each_criterion_gets_the_median_and_keeps_its_readings() -> None:
    whole = combined([100, 75, 50, 0, None], [50, 75, 50, 25, 50], [75, 25, 50, 100, None])
    assert [item.score for item in whole.criteria] == [75, 75, 50, 25, 0]
    assert [item.applicable for item in whole.criteria] == [True, True, True, True, False]
    assert whole.criteria[0].readings == (100, 50, 75)
    assert whole.criteria[4].readings == (None, 50, None)
    result = result_of(CASE, whole, flags=[])
    assert result["criteria"][0]["readings"] == [100, 50, 75]
    assert result["criteria"][0]["spread"] == 25
    assert result["criteria"][2]["spread"] == 0


def test_one_odd_reading_does_not_move_the_score_but_shows_in_the_interval() -> None:
    whole = combined([75] * 5, [75] * 5, [0] * 5)
    result = result_of(CASE, whole, flags=[])
    assert result["overall_score"] == 75
    assert result["interval"] == {"low": 0, "high": 78, "source": "readings"}


def test_readings_that_agree_are_still_no_better_than_the_scale() -> None:
    once = result_of(CASE, reading(FIVE, [75] * 5, SPAN), flags=[])["interval"]
    thrice = result_of(CASE, combined([75] * 5, [75] * 5, [75] * 5), flags=[])["interval"]
    assert (thrice["low"], thrice["high"]) == (once["low"], once["high"])
    assert (once["source"], thrice["source"]) == ("scale_step", "readings")


def test_the_words_are_those_of_the_reading_nearest_to_the_whole() -> None:
    readings = [replace(reading(FIVE, [score] * 5, SPAN), summary=f"Reading of {score}") for score in (0, 50, 100)]
    assert combine(FIVE, readings).summary == "Reading of 50"


def test_a_yes_or_no_has_no_middle() -> None:
    rubric = replace(FIVE, criteria=(CriterionSpec("ask", "Ask", "Asked for the next step", 100, kind="binary"),))
    assert [item.score for item in combined([100], [0], rubric=rubric).criteria] == [0]
    assert [item.score for item in combined([100], [0], [100], rubric=rubric).criteria] == [100]


def test_the_parts_of_a_compound_criterion_have_medians_of_their_own() -> None:
    parts = (CriterionPart("name", "Gave a name"), CriterionPart("reason", "Gave a reason"))
    spec = CriterionSpec("opening", "Opening", "Both", 100, kind="compound", parts=parts)
    rubric = replace(FIVE, criteria=(spec,))

    def one(*met: bool) -> Any:
        rows = tuple(
            PartVerdict(part.key, part.text, 100 if yes else 0, (SPAN,) if yes else ())
            for part, yes in zip(parts, met, strict=True)
        )
        verdict = CriterionVerdict("opening", 50 * sum(met), (SPAN,) if any(met) else (), parts=rows)
        return replace(reading(rubric, [0], SPAN), criteria=(verdict,))

    (whole,) = combine(rubric, [one(True, False), one(True, True), one(False, True)]).criteria
    assert [part.score for part in whole.parts] == [100, 100]
    assert (whole.score, whole.readings) == (100, (50, 100, 50))


LEVELS = st.lists(st.sampled_from([0, 25, 50, 75, 100, None]), min_size=5, max_size=5)


@given(st.lists(LEVELS, min_size=2, max_size=5), st.integers(0, 100))
def test_nobody_fails_or_passes_by_noise(many: list[list[int | None]], mark: int) -> None:
    """Whatever a noisy judge says: a decision is one that every single reading would have come to."""
    rubric = replace(FIVE, pass_mark=mark)
    whole = combine(rubric, [reading(rubric, one, SPAN) for one in many])
    result = result_of(replace(CASE, rubric=rubric), whole, flags=[], graded=True)
    overalls = [float(weighted_mean(weights_of(rubric, one.criteria))) for one in whole.readings]
    assert result["interval"]["low"] <= result["overall_score"] <= result["interval"]["high"]
    assert result["interval"]["low"] <= min(overalls) + 0.5
    assert result["interval"]["high"] >= max(overalls) - 0.5
    if result["passed"] is True:
        assert min(overalls) + 0.5 >= mark
    if result["passed"] is False:
        assert max(overalls) - 0.5 < mark
    for item in result["criteria"]:
        assert not item["score"] or item["evidence"]


@pytest.mark.parametrize(
    ("low", "high", "blocked", "expected"),
    [
        (70, 90, [False], True),
        (69, 90, [False], None),
        (40, 69, [False], False),
        (40, 70, [False], None),
        (80, 90, [False, True, False], None),
        (80, 90, [True, True], False),
        (40, 60, [True, False], False),
    ],
)
def test_the_whole_interval_decides(low: int, high: int, blocked: list[bool], expected: bool | None) -> None:
    assert grading.decided({"low": low, "high": high}, pass_mark=70, blocked=blocked) is expected


def test_spread_is_the_median_absolute_deviation() -> None:
    assert spread([]) == spread([80]) == spread([80, 80, 20]) == 0
    assert spread([100, 50, 75]) == 25
    assert spread([1, 1, 2, 2, 4, 6, 9]) == 1  # a worked example: deviations 1 1 0 0 2 4 7 from the median 2


def test_a_judge_that_varies_reads_as_often_as_there_are_seeds() -> None:
    judge = NoisyJudge({1: [100] * 5, 2: [50] * 5, 3: [75] * 5})
    judged = panel.judge(CASE, track="deep", judges=[judge], seeds=(1, 2, 3))
    assert [seed for seed, _thread in judge.seen] == [1, 2, 3]
    assert judged.seeds == (1, 2, 3)
    assert [item.criteria[0].score for item in judged.judgement.readings] == [100, 50, 75]
    assert judged.judgement.criteria[0].score == 75


def test_further_readings_can_run_side_by_side(settings: Any) -> None:
    settings.GRADED_RUNS_AT_ONCE = 2
    judge = NoisyJudge({1: [100] * 5, 2: [50] * 5, 3: [75] * 5})
    judged = panel.judge(CASE, track="deep", judges=[judge], seeds=(1, 2, 3))
    assert [item.criteria[0].score for item in judged.judgement.readings] == [100, 50, 75]
    assert all(thread.startswith("readings") for seed, thread in judge.seen if seed != 1)


def test_a_reading_that_fails_leaves_the_others_to_count() -> None:
    two = panel.judge(CASE, track="deep", judges=[NoisyJudge({1: [100] * 5, 3: [50] * 5})], seeds=(1, 2, 3))
    assert two.seeds == (1, 3)
    assert len(two.judgement.readings) == 2
    one = panel.judge(CASE, track="deep", judges=[NoisyJudge({1: [100] * 5})], seeds=(1, 2, 3))
    assert one.seeds == (1,)
    assert one.judgement.readings == ()


def test_the_embedded_judge_reads_once() -> None:
    judged = panel.judge(CASE, track="deep", judges=[panel.build("embedded")], seeds=(1, 2, 3))
    assert judged.judgement.readings == ()
    assert judged.judgement.extremes is not None


# --- stored -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def gemini(settings: Any) -> Iterator[Vendor]:
    resilience.breakers.cache_clear()
    with standins.standing_in(standins.gemini) as vendor:
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "gemini": KEY}
        settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, "gemini": vendor.base_url}
        yield vendor
    resilience.breakers.cache_clear()


def answers(call: Call, *levels: int) -> list[Any]:
    turn = call.turns.filter(role="user").order_by("seq").first()
    assert turn is not None
    line = json.dumps({"turn": turn.seq, "speaker": "trainee", "text": turn.content})
    keys = [item.key for item in call.rubric_version.spec().criteria]
    return [standins.honest_answer(line, keys, deep=True, level=level) for level in levels]


def test_a_graded_call_is_read_three_times_and_every_reading_is_kept(in_acme: Cast, gemini: Vendor) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    gemini.script = answers(call, 4, 2, 3)
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    members = list(run.readings.order_by("manifest__reading"))
    assert [member.overall_score for member in members] == [100, 50, 75]
    assert (run.overall_score, run.passed, run.group_id) == (75, None, None)
    assert run.result["interval"] == {"low": 50, "high": 100, "source": "readings"}
    score = Score.objects.get(call=call)
    assert (score.state, score.passed, score.deep_run_id) == ("needs_review", None, run.pk)
    seeds = [request["generationConfig"]["seed"] for request in gemini.requests]
    assert seeds == [member.manifest["seed"] for member in members]
    assert len(set(seeds)) == 3
    assert run.manifest["readings"] == {"wanted": 3, "had": 3}
    assert run.manifest["usage"]["output_tokens"] == 3 * 350
    assert run.manifest["usage"]["cost_usd"] == "0.011925"
    assert Evidence.objects.filter(criterion__run=run).exists()
    assert CriterionResult.objects.filter(run=run).count() == 5


def test_combined_runs_and_their_readings_can_be_made_again(in_acme: Cast, gemini: Vendor) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    gemini.script = answers(call, 4, 3, 3)
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    for kept in ScoreRun.objects.filter(call=call):
        outcome = reproduce(kept)
        assert outcome.differences == ()
        assert outcome.same_input


def test_the_same_input_is_read_once_and_reading_anew_takes_other_seeds(in_acme: Cast, gemini: Vendor) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    first = runs.score_call(call_id=call.pk, track="deep")
    assert runs.score_call(call_id=call.pk, track="deep") == first
    assert len(gemini.requests) == 3
    runs.score_call(call_id=call.pk, track="deep", again=True)
    seeds = [request["generationConfig"]["seed"] for request in gemini.requests]
    assert len(set(seeds)) == 6
    assert ScoreRun.objects.standing().filter(call=call).count() == 2
    assert ScoreRun.objects.filter(call=call).count() == 8


def test_practice_in_private_and_quick_scores_are_read_once(in_acme: Cast, gemini: Vendor, settings: Any) -> None:
    settings.QUICK_SCORER = "gemini"
    call = make_spoken_call(trainee=in_acme.ada)
    runs.score_call(call_id=call.pk, track="quick")
    assert len(gemini.requests) == 1
    assert Score.objects.get(call=call).passed is None  # a first impression decides nothing
    private = make_spoken_call(trainee=in_acme.ada, private=True)
    run = runs.score_call(call_id=private.pk, track="deep")
    assert len(gemini.requests) == 2
    assert run is not None
    assert run.passed is not None
    assert not run.manifest["graded"]


@pytest.mark.parametrize("fields", [{"channel": "upload"}, {"forked_at_seq": 2}, {"private": True}])
def test_what_counts_in_no_number_is_not_graded(in_acme: Cast, fields: dict[str, Any]) -> None:
    call = make_spoken_call(trainee=in_acme.ada, **fields)
    assert not grading.is_graded(call, "deep")
    assert grading.readings_wanted(call, "deep") == 1


def test_one_reading_of_three_decides_nothing(
    in_acme: Cast, gemini: Vendor, ada_client: Client, bo_client: Client
) -> None:
    """The others failed, so how far the judge varies is not known: far above the pass mark, too, a person decides."""
    call = make_spoken_call(trainee=in_acme.ada)
    gemini.script = [*answers(call, 4), *["of no use"] * 4]
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    assert (run.overall_score, run.passed) == (100, None)
    assert run.manifest["readings"] == {"wanted": 3, "had": 1, "too_few": True}
    assert Score.objects.get(call=call).state == "needs_review"
    assert reproduce(run).differences == ()
    page = ada_client.get(f"/org/acme/calls/{call.pk}/debrief/").content.decode()
    assert "could read the call only once" in page
    assert "must not fail did" not in page
    assert (
        "Read only once: too little to decide." in ada_client.get(f"/org/acme/calls/{call.pk}/runs/").content.decode()
    )
    assert "read only once" in bo_client.get("/org/acme/reviews/").content.decode()
    assert bo_client.get("/org/acme/api/v1/reviews/").json()["results"][0]["why"] == "once"


def test_one_reading_carried_over_to_another_rubric_still_decides_nothing(in_acme: Cast, gemini: Vendor) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    gemini.script = [*answers(call, 4), *["of no use"] * 4]
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    case = projection.case_by(run, run.rubric_version.spec())
    again = runs.keep(call, case, "deep", projection.judged(run, case), again=True)
    assert (again.overall_score, again.passed) == (100, None)
    assert reproduce(again).differences == ()


def test_who_wants_one_reading_lets_it_decide(in_acme: Cast, gemini: Vendor, settings: Any) -> None:
    settings.GRADED_RUNS = 1
    call = make_spoken_call(trainee=in_acme.ada)
    gemini.script = answers(call, 4)
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    assert run.passed is True


def test_a_run_with_something_more_in_it_is_not_reproduced(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    run = runs.score_call(call_id=call.pk, track="quick")
    assert run is not None
    run.result["bonus"] = 5  # in memory: the database lets nobody change a run
    assert reproduce(run).differences == ("bonus",)


def test_what_is_handed_in_is_graded(in_acme: Cast, gemini: Vendor) -> None:
    call = make_spoken_call(trainee=in_acme.ada, private=True)
    first = runs.score_call(call_id=call.pk, track="deep")
    Call.objects.filter(pk=call.pk).update(submitted_at=call.created_at)
    call_submitted.send(sender=Call, schema_name="org_acme", call_id=call.pk)
    score = Score.objects.select_related("deep_run").get(call=call)
    assert score.deep_run is not None
    assert score.deep_run != first
    assert score.deep_run.manifest["graded"]
    assert score.deep_run.readings.count() == 3


def test_a_call_far_from_the_pass_mark_is_decided_by_the_judge(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    assert run.manifest["graded"]
    assert run.passed is True
    assert run.readings.count() == 0
    assert Score.objects.get(call=call).state == "ready"


def test_the_api_says_that_a_person_decides(in_acme: Cast, gemini: Vendor, ada_client: Client) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    gemini.script = answers(call, 4, 2, 3)
    runs.score_call(call_id=call.pk, track="deep")
    answer = ada_client.get(f"/org/acme/api/v1/calls/{call.pk}/score/")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["state"], body["passed"], body["overall_score"]) == ("needs_review", None, 75)
    assert body["interval"] == {"low": 50, "high": 100, "source": "readings"}
    assert body["criteria"][0]["readings"] == [100, 50, 75]
    assert body["criteria"][0]["spread"] == 25
    record = ada_client.get(f"/org/acme/api/v1/calls/{call.pk}/transparency/").json()
    assert record["judge"]["readings"] == len(record["judge"]["seeds"]) == 3
    page = ada_client.get(f"/org/acme/calls/{call.pk}/runs/").content.decode()
    assert "Too near the pass mark to decide." in page
    assert "Made of 3 readings" in page
