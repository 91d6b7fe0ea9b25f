"""The record of how a score came about: complete, true, downloadable, and for those who may see the call."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from accounts.people.contacts import contacts_of
from accounts.people.models import TeamMembership
from calls.models import Call
from integrations.models import ModelCall
from scoring import runs
from scoring.models import ScoreRun
from scoring.transparency import record_of
from tests.cast import Cast
from tests.factories import make_run, make_score, make_scored_call

from .calls import make_spoken_call


@pytest.fixture
def call(in_acme: Cast) -> Call:
    call = make_spoken_call(trainee=in_acme.ada)
    runs.score_call(call_id=call.pk, track="quick")
    runs.score_call(call_id=call.pk, track="deep")
    return call


def page(client: Client, call: Call) -> Any:
    with schema_context("org_acme"):
        return client.get(f"/org/acme/calls/{call.pk}/transparency/")


def download(client: Client, call: Call) -> Any:
    return client.get(f"/org/acme/api/v1/calls/{call.pk}/transparency/")


def test_it_says_who_judged_what_from_which_data_and_who_answers_for_it(call: Call, ada_client: Client) -> None:
    answer = download(ada_client, call)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"] or "inline" in answer["Content-Disposition"]
    record = answer.json()
    assert record["judge"]["kind"] == "rules"
    assert record["judge"]["leaves_the_installation"] is False
    assert record["score"]["overall_score"] == record_score(call)
    assert [item["weight"] for item in record["rubric"]["criteria"]] == [20, 25, 25, 15, 15]
    assert record["contact"] == [{"name": "Bo", "email": "bo@cast.test"}]
    assert record["contest"]["path"].endswith(f"/calls/{call.pk}/appeal/")
    assert record["contest"]["until"]
    assert any("feelings" in line for line in record["data_not_used"])
    assert record["fingerprints"]["transcript_sha256"]
    assert record["person"] is None


def record_score(call: Call) -> int:
    with schema_context("org_acme"):
        return ScoreRun.objects.get(call=call, track="deep").overall_score


def test_it_holds_no_brief_of_the_buyers(call: Call) -> None:
    text = json.dumps(record_of(call))
    pains = call.brief["hidden_pains"] + call.brief["objections"]
    assert pains
    for item in pains:
        for value in item.values():
            assert not isinstance(value, str) or len(value) < 12 or value not in text


def test_a_models_readings_and_seeds_are_named(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    whole = make_run(call, judged_by="gemini", model="m-1", prompt_version="deep-1", manifest={"graded": True})
    for number in (1, 2):
        make_run(call, judged_by="gemini", group=whole, manifest={"reading": number, "seed": 40 + number})
    make_score(call, deep=whole)
    judge = record_of(call)["judge"]
    assert (judge["kind"], judge["vendor"], judge["model"]) == ("language_model", "gemini", "m-1")
    assert (judge["readings"], judge["seeds"], judge["leaves_the_installation"]) == (2, [41, 42], True)
    assert any("several times" in step for step in record_of(call)["method"])


def test_whoever_got_words_of_the_call_is_named_though_parley_judged(in_acme: Cast, ada_client: Client) -> None:
    """The quick score was a vendor's, another one worded the buyer, and the debrief's own vendor was asked in vain."""
    call = make_spoken_call(trainee=in_acme.ada)
    quick = make_run(call, track="quick", judged_by="groq", model="m-1")
    tried = [{"judge": "gemini", "code": "timeout"}, {"judge": "openai", "code": "over_budget"}]
    deep = make_run(call, manifest={"asked": ["gemini", "openai", "embedded"], "stand_in": True, "tried": tried})
    make_score(call, quick=quick, deep=deep)
    ModelCall.objects.create(task="talk", vendor="openrouter", model="m-2", ms=1, outcome="ok", reference=str(call.pk))
    ModelCall.objects.create(task="deep", vendor="vapi", model="m-3", ms=1, outcome="ok", reference=str(uuid4()))
    assert [one["vendor"] for one in record_of(call)["sent_to"]] == ["gemini", "groq", "openrouter"]
    shown = page(ada_client, call).content.decode()
    assert "Google Gemini, Groq, OpenRouter." in shown
    assert "It stood in for Google Gemini, which did not answer." in shown
    assert "Nothing left this installation" not in shown


@pytest.mark.parametrize(
    ("provider", "channel", "sent_to"),
    [("openai", "text", []), ("openai", "voice", ["openai"]), ("elevenlabs", "text", ["elevenlabs"])],
    ids=["typed to our own buyer", "spoken", "typed to a vendor's buyer"],
)
def test_who_held_the_call_is_named_where_anything_went_there(
    in_acme: Cast, provider: str, channel: str, sent_to: list[str]
) -> None:
    call = make_spoken_call(trainee=in_acme.ada, provider=provider, channel=channel)
    make_score(call, deep=make_run(call))
    assert [one["vendor"] for one in record_of(call)["sent_to"]] == sent_to


def test_a_person_who_set_the_score_is_named_beside_the_machine(call: Call, in_acme: Cast) -> None:
    base = ScoreRun.objects.get(call=call, track="deep")
    runs.record_human(call, by=in_acme.bo, reason="Heard it myself.", criteria={"opening": 5}, base_run=base)
    record = record_of(call)
    assert record["person"]["name"] == "Bo"
    assert record["person"]["reason"] == "Heard it myself."
    assert record["person"]["judge_overall_score"] == base.overall_score
    assert record["judge"]["kind"] == "rules"
    assert "person decided" in record["decision"]


def test_practice_in_private_says_that_nobody_else_sees_it(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada, private=True)
    runs.score_call(call_id=call.pk, track="deep")
    record = record_of(call)
    assert record["contest"]["path"] is None
    assert "private" in record["who_sees_it"]
    assert "decides nothing" in record["decision"]


def test_the_page_prints_the_same(call: Call, ada_client: Client, bo_client: Client) -> None:
    shown = page(ada_client, call).content.decode()
    for part in ("Nothing left this installation.", "bo@cast.test", "What is never used", "data-print", "Contest a"):
        assert part in shown
    assert "Contest a criterion" not in page(bo_client, call).content.decode()


def test_who_may_have_it(call: Call, in_acme: Cast, bo_client: Client, gil_client: Client, ada_client: Client) -> None:
    assert download(bo_client, call).status_code == 200
    assert page(gil_client, call).status_code == 404
    assert download(gil_client, call).status_code == 404
    with schema_context("org_acme"):
        private = make_spoken_call(trainee=in_acme.ada, private=True)
        runs.score_call(call_id=private.pk, track="deep")
    assert page(bo_client, private).status_code == 404
    assert download(bo_client, private).status_code == 404


def test_there_is_none_before_there_is_a_score(in_acme: Cast, ada_client: Client) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    assert "Not judged yet" in page(ada_client, call).content.decode()
    assert download(ada_client, call).status_code == 409


def test_somebody_without_a_team_turns_to_who_runs_the_organisation(in_acme: Cast) -> None:
    TeamMembership.objects.all().delete()
    assert [person.full_name for person in contacts_of(in_acme.ada)] == ["Cy", "Dee"]
    assert in_acme.cy not in contacts_of(in_acme.cy)


def test_queries_do_not_grow_with_runs(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada, turns=True)
    with CaptureQueriesContext(connection) as few:
        record_of(call)
    for _number in range(5):
        make_run(call)
    with CaptureQueriesContext(connection) as many:
        record_of(call)
    assert len(many) == len(few) < 10
