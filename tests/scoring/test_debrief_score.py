"""The debrief defends its number: how it adds up, who decided, and why each criterion has its mark."""

from __future__ import annotations

from copy import deepcopy

from django.test import Client
from django_tenants.utils import schema_context

from scenarios.models import RubricVersion
from scoring import appeals
from scoring.models import HUMAN, ScoreRun, Track
from tests.cast import Cast
from tests.factories import (
    make_call,
    make_run,
    make_scenario_version,
    make_score,
    make_scored_call,
    make_turns,
)
from tests.scoring.debriefs import page_of, path_of, ready_call


def test_the_lines_add_up_to_the_score(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        scores = {"opening": 61, "discovery": 77, "closing": 20}
        make_score(call, deep=make_run(call, scores=scores, not_applicable=frozenset({"objection"})))
    page = " ".join(page_of(ada_client, call).split())
    # 20·61, 25·77, 15·72 and 15·20 over 75: 16.27, 25.67, 14.4 and 4.0 are 60.33
    for words in (
        "÷ 75, the sum of the weights that applied",
        "61 × 20",
        ">16.3<",
        ">25.6<",
        ">14.4<",
        ">4.0<",
        "Together 60.3, rounded",
        "Most came from Discovery: 25.6 points. Most is still to be had in Closing: 16.0 points.",
    ):
        assert words in page, words
    assert "older rule" not in page


def test_a_score_that_its_lines_do_not_give_is_not_explained_away(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        run = make_run(call)
        odd = ScoreRun(
            call=call,
            track=Track.DEEP,
            rubric_version=call.rubric_version,
            overall_score=50,
            band="below_average",
            passed=False,
            judged_by="embedded",
        )
        odd.save()
        make_score(call, quick=run, deep=odd)
    assert "The score that was kept is 50" in page_of(ada_client, call)


def test_a_score_near_the_pass_mark_waits_for_a_person(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        run = make_run(call, passed=None, result={"interval": {"low": 66, "high": 77, "source": "readings"}})
        make_score(call, deep=run, state="needs_review")
    page = page_of(ada_client, call)
    assert 'data-state="needs_review"' in page
    assert "waits for a person" in page
    assert "Between 66 and 77; the pass mark is 70: a person will look at it." in page
    assert path_of(call, body=True) not in page
    assert "Criteria and evidence" in page


def test_a_call_that_failed_what_must_not_fail_is_not_called_ready(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        scores = dict.fromkeys(("opening", "discovery", "objection", "closing"), 95)
        make_score(call, deep=make_run(call, scores=scores, passed=False))
    page = page_of(ada_client, call)
    assert "Not passed: a criterion that must not fail did." in page
    assert 'class="band band-high"' not in page
    assert '<span class="band band-low">not passed</span>' in page


def test_a_coach_is_asked_for_marks_before_the_judges_are_shown(
    cast: Cast, ada_client: Client, bo_client: Client
) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        make_turns(call)
        make_score(call, deep=make_run(call, passed=None), state="needs_review")
    page = page_of(bo_client, call)
    assert "This score waits for a person" in page
    assert f"/calls/{call.pk}/review/" in page
    assert "Hello Marta, this is Ada" in page
    for hidden in ("score-ring", "Criteria and evidence", "What was heard about opening.", "discussion/", "evidence"):
        assert hidden not in page, hidden
    assert "score-ring" in bo_client.get(path_of(call), {"judged": ""}).content.decode()
    # What was seen once cannot be unseen.
    assert "score-ring" in page_of(bo_client, call)
    assert "score-ring" in page_of(ada_client, call)


def test_a_mark_is_contested_from_its_criterion_once(cast: Cast, ada_client: Client, bo_client: Client) -> None:
    call = ready_call(cast)
    with schema_context(cast.acme.schema_name):
        appeal = appeals.contest(call=call, criterion="opening", reason="I said why I call.")
    page = page_of(ada_client, call)
    assert f"/appeals/{appeal.pk}/" in page
    assert "waits for a second person" in page
    assert "/appeal/?criterion=opening" not in page
    assert "/appeal/?criterion=closing" in page
    assert "/appeal/?criterion=" not in page_of(bo_client, call)
    with schema_context(cast.acme.schema_name):
        private = make_scored_call(trainee=cast.ada, private=True)
    assert "/appeal/?criterion=" not in page_of(ada_client, private)


def test_a_persons_score_shows_who_and_why_and_keeps_the_judges(cast: Cast, ada_client: Client) -> None:
    call = ready_call(cast)
    with schema_context(cast.acme.schema_name):
        base = call.score.deep_run
        assert base is not None
        marked = {"key": "opening", "by_person": True, "was": 72}
        human = make_run(
            call,
            track=Track.HUMAN,
            judged_by=HUMAN,
            scores={"opening": 92},
            result={"criteria": [marked, {"key": "closing", "by_person": True, "was": 72}]},
            made_by=cast.bo,
            reason="The reason for the call was clear.",
            base_run=base,
        )
        call.score.human_run = human
        call.score.save()
    page = " ".join(page_of(ada_client, call).split())
    for words in (
        "set by a person",
        "Set by Bo on",
        "The reason for the call was clear.",
        "The judge had given 72. Its judgement is kept.",
        "Set by a person. The judge had given 72.",
        "Confirmed by a person.",
        "Judged by Bo.",
        "Judged by Parley&#x27;s embedded judge.",
        "Together 76.0, rounded",
        f"?run={base.pk}",
    ):
        assert words in page, words
    page = ada_client.get(path_of(call), {"run": str(base.pk)}).content.decode()
    assert "See the one that counts: 76" in page


def test_a_criterion_says_what_was_reached_what_is_next_and_why(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        version = make_scenario_version()
        rubric_version = version.rubric_version
        content = deepcopy(rubric_version.content)
        content["criteria"][0] |= {
            "anchors": {"95": "This very buyer.", "55": "The reason comes late.", "5": "Sells at once."},
            "signals": ["introduced_clearly", "stated_reason", "pace"],
        }
        richer = RubricVersion.objects.create(rubric=rubric_version.rubric, number=2, content=content)
        call = make_call(trainee=cast.ada, scenario_version=version, rubric_version=richer)
        manifest = {"raw": {"signals": {"introduced_clearly": 80, "stated_reason": None}}}
        make_score(call, deep=make_run(call, manifest=manifest))
    page = " ".join(page_of(ada_client, call).split())
    for words in (
        "Better than 55",
        "The reason comes late.",
        "Next: 95",
        "This very buyer.",
        "How well the trainee does: Opening.",
        "Ask why",
        "Reason for the call",
        "no occasion",
        "What was heard about opening.",
    ):
        assert words in page, words


def test_kinds_of_criteria_are_explained(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        version = make_scenario_version()
        content = deepcopy(version.rubric_version.content)
        kinds = [
            {
                "kind": "compound",
                "parts": [{"key": "name", "text": "Says a name"}, {"key": "firm", "text": "Says a firm"}],
            },
            {"kind": "grounded", "source": "Delivery takes three days."},
            {"kind": "blocker"},
            {"kind": "binary", "partial": 40},
        ]
        for criterion, more in zip(content["criteria"], kinds, strict=False):
            criterion |= more
        rubric = RubricVersion.objects.create(rubric=version.rubric_version.rubric, number=2, content=content)
        call = make_call(trainee=cast.ada, scenario_version=version, rubric_version=rubric)
        parts = [
            {"key": "name", "text": "Says a name", "score": 100, "applicable": True},
            {"key": "firm", "text": "Says a firm", "score": 0, "applicable": False},
        ]
        result = {
            "criteria": [
                {"key": "opening", "parts": parts},
                {"key": "closing", "readings": [50, None, 75], "confidence": "low"},
            ]
        }
        make_score(call, deep=make_run(call, judged_by="groq", model="m", prompt_version="deep-2", result=result))
    page = " ".join(page_of(ada_client, call).split())
    for words in (
        "Its parts are judged one by one; the mark is their mean.",
        "Says a firm",
        "What is said must agree with this source:",
        "Delivery takes three days.",
        "must not fail",
        "Whoever fails it does not pass",
        "half met earns 40",
        'Read 3 times: <span class="tabular-nums">50, –, 75</span>',
        "Take the mark with care.",
        "Judged by Groq (m). Instructions: deep-2.",
    ):
        assert words in page, words


def test_no_credit_comes_with_its_reason(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        make_score(call, deep=make_run(call, scores={"opening": 0}))
    assert "Unverified: no credit." in page_of(ada_client, call)
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada)
        raw = {"criteria": [{"key": "opening", "evidence": [{"turn": 1, "quote": "Marta speaking"}]}]}
        quotes = {"claimed": 3, "verified": 2, "refused": {"buyer": 1}}
        run = make_run(
            call, scores={"opening": 0}, judged_by="groq", model="m", manifest={"raw": raw, "quotes": quotes}
        )
        make_turns(call)
        make_score(call, deep=run)
    page = " ".join(page_of(ada_client, call).split())
    assert "“Marta speaking”</span> – the buyer said it" in page
    assert "Of 3 quotes that it gave, 2 were found" in page


def test_what_must_not_happen_and_did_is_not_called_unverified(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        version = make_scenario_version()
        content = deepcopy(version.rubric_version.content)
        content["criteria"][0] |= {"kind": "blocker", "signals": ["respectful"]}
        rubric = RubricVersion.objects.create(rubric=version.rubric_version.rubric, number=2, content=content)
        call = make_call(trainee=cast.ada, scenario_version=version, rubric_version=rubric)
        manifest = {"raw": {"signals": {"respectful": 0}}}
        make_score(call, deep=make_run(call, scores={"opening": 0}, manifest=manifest))
        make_turns(call)
    page = page_of(ada_client, call)
    assert "This must not fail, and it did: the call does not pass, whatever the sum." in page
    assert page.count("Unverified: no credit.") == 0
