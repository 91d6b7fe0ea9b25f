"""Scores over REST: pending, ready, not gradable, not yours; scoring again."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from calls.models import Call, Turn
from scoring import runs
from scoring.models import ScoreRun
from tests.cast import Cast
from tests.factories import make_call

from .calls import make_spoken_call

API = "/org/acme/api/v1"


def score(client: Client, call: Call) -> Any:
    return client.get(f"{API}/calls/{call.pk}/score/")


def judge(cast: Cast, call: Call, track: Any) -> None:
    """As a worker would: a request leaves the connection outside of the organisation."""
    with schema_context(cast.acme.schema_name):
        runs.score_call(call_id=call.pk, track=track)


@pytest.fixture
def call(in_acme: Cast) -> Call:
    return make_spoken_call(trainee=in_acme.ada)


def test_a_score_is_pending_then_ready(call: Call, in_acme: Cast, ada_client: Client) -> None:
    waiting = score(ada_client, call)
    assert waiting.status_code == 202
    assert waiting.json()["state"] == "pending"
    assert waiting.json()["overall_score"] is None
    judge(in_acme, call, "quick")
    quick = score(ada_client, call)
    assert quick.status_code == 202
    assert quick.json()["quick"]["overall"] >= 70
    assert quick.json()["judged_by"] == {"quick": "embedded", "deep": None}
    judge(in_acme, call, "deep")
    ready = score(ada_client, call)
    assert ready.status_code == 200
    body = ready.json()
    assert body["state"] == "ready"
    assert body["band"] == "exceptional"
    assert body["passed"] is True
    assert body["judged_by"] == {"quick": "embedded", "deep": "embedded"}
    assert body["rubric_version_id"] == str(call.rubric_version_id)
    assert body["interval"]["low"] <= body["overall_score"] <= body["interval"]["high"]
    assert 3 <= len(body["strengths"]) <= 5
    assert 3 <= len(body["improvements"]) <= 5
    assert set(body["improvements"][0]) == {"point", "suggestion", "timestamp_ms"}
    assert body["key_moments"]
    assert body["metrics"]["questions"]["open"] >= 4
    unchanged = ada_client.get(f"{API}/calls/{call.pk}/score/", headers={"If-None-Match": ready["ETag"]})
    assert unchanged.status_code == 304


def test_the_overall_score_and_the_quotes_can_be_checked_by_hand(call: Call, ada_client: Client) -> None:
    runs.score_call(call_id=call.pk, track="deep")
    body = score(ada_client, call).json()
    turns = {turn["id"]: turn for turn in ada_client.get(f"{API}/calls/{call.pk}/transcript/").json()["turns"]}
    counted = [item for item in body["criteria"] if item["applicable"]]
    mean = sum(item["score"] * item["weight"] for item in counted) / sum(item["weight"] for item in counted)
    assert body["overall_score"] == int(mean + 0.5)
    for item in body["criteria"]:
        assert item["verified"] == bool(item["evidence"])
        assert item["score"] == 0 or item["evidence"]
        for span in item["evidence"]:
            turn = turns[span["turn_id"]]
            assert turn["role"] == "user"
            assert turn["content"][span["start"] : span["end"]] == span["quote"]


def test_managers_see_their_teams_scores_and_strangers_none(
    call: Call, in_acme: Cast, bo_client: Client, cy_client: Client, gil_client: Client
) -> None:
    runs.score_call(call_id=call.pk, track="deep")
    other = make_spoken_call(trainee=in_acme.val)
    assert score(bo_client, call).status_code == 200
    assert score(cy_client, call).status_code == 200
    assert score(gil_client, call).status_code == 404
    assert score(bo_client, other).status_code == 404
    assert bo_client.get(f"{API}/calls/{uuid4()}/score/").status_code == 404
    assert Client().get(f"{API}/calls/{call.pk}/score/").status_code == 401


def test_a_call_too_short_says_so(call: Call, ada_client: Client) -> None:
    Turn.objects.filter(call=call, seq__gt=1).delete()
    runs.score_call(call_id=call.pk, track="deep")
    answer = score(ada_client, call)
    assert answer.status_code == 200
    assert answer.json()["state"] == "not_gradable"
    assert answer.json()["overall_score"] is None


def test_a_call_that_never_took_place_or_is_only_kept_has_no_score(in_acme: Cast, ada_client: Client) -> None:
    call = make_call(trainee=in_acme.ada, status="failed")
    live = make_call(trainee=in_acme.ada, status="in_progress")
    kept = make_call(trainee=in_acme.ada, status="completed", to_score=False)
    assert score(ada_client, call).status_code == 404
    assert score(ada_client, kept).status_code == 404
    assert "does not score it" in score(ada_client, kept).json()["error"]["message"]
    assert score(ada_client, live).status_code == 202
    refused = ada_client.post(f"{API}/calls/{live.pk}/analyze/")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "CALL_NOT_ENDED"


def test_a_trainee_fills_in_and_a_manager_scores_anew(
    call: Call, in_acme: Cast, ada_client: Client, bo_client: Client, gil_client: Client
) -> None:
    answer = ada_client.post(f"{API}/calls/{call.pk}/analyze/")
    assert answer.status_code == 202
    assert answer.json()["success"]
    ada_client.post(f"{API}/calls/{call.pk}/analyze/")
    with schema_context(in_acme.acme.schema_name):
        assert ScoreRun.objects.filter(call=call).count() == 2
    bo_client.post(f"{API}/calls/{call.pk}/analyze/")
    with schema_context(in_acme.acme.schema_name):
        assert ScoreRun.objects.filter(call=call).count() == 4
    assert gil_client.post(f"{API}/calls/{call.pk}/analyze/").status_code == 404


def test_reading_a_score_takes_the_same_queries_however_long_the_call(
    call: Call, ada_client: Client, django_assert_max_num_queries: Any
) -> None:
    runs.score_call(call_id=call.pk, track="deep")
    with django_assert_max_num_queries(12):
        score(ada_client, call)


def test_runs_can_be_read_in_the_admin_and_not_changed(call: Call, in_acme: Cast, cy_client: Client) -> None:
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    base = "/org/acme/admin/scoring/scorerun/"
    assert cy_client.get(base).status_code == 200
    assert cy_client.get(f"{base}{run.pk}/change/").status_code == 200
    assert cy_client.get(f"{base}add/").status_code == 403
    assert cy_client.post(f"{base}{run.pk}/delete/", {"post": "yes"}).status_code == 403
    with schema_context(in_acme.acme.schema_name):
        assert ScoreRun.objects.filter(pk=run.pk).exists()
