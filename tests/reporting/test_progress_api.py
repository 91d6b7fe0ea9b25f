"""`user/progress/`: the page's numbers as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.test import Client
from django_tenants.utils import schema_context

from coaching.goals import medals
from tests.cast import Cast
from tests.factories import make_call, make_scored_call

PATH = "/org/acme/api/v1/user/progress/"


def progress(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(PATH + query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def test_nothing_yet(cast: Cast, ada_client: Client) -> None:
    assert progress(ada_client) == {
        "calls_total": 0,
        "calls_scored": 0,
        "calls_passed": 0,
        "duration_seconds": 0,
        "average": None,
        "best": None,
        "trend": [],
        "by_criterion": [],
        "calls_by_mode": {},
        "streak_days": 0,
        "longest_streak_days": 0,
        "last_call_at": None,
        "streak": {
            "days": 0,
            "longest": 0,
            "free_days": 0,
            "today_done": False,
            "at_risk": False,
            "ends_on": None,
        },
        "skills": [],
        "medals": [],
    }


def test_numbers_of_ones_own(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        call = make_scored_call(trainee=cast.ada, scores={"closing": 33})
        make_scored_call(trainee=cast.val)
    body = progress(ada_client)
    assert (body["calls_total"], body["calls_scored"], body["streak_days"]) == (1, 1, 1)
    assert body["average"] == body["best"] == 66
    assert [point["call_id"] for point in body["trend"]] == [str(call.pk)]
    assert body["by_criterion"][0] == {"key": "closing", "name": "Closing", "average": 33, "recent": 33, "calls": 1}


def test_skills_and_medals(cast: Cast, ada_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        for mark in (60, 70, 80, 90):
            make_scored_call(trainee=cast.ada, scores={"closing": mark})
        medals.refresh(user_id=cast.ada.pk)
    body = progress(ada_client)
    closing = next(skill for skill in body["skills"] if skill["key"] == "closing")
    assert (closing["marks"], closing["performance"]) == (4, 75)
    assert closing["proficiency"]["low"] < closing["proficiency"]["value"] < closing["proficiency"]["high"]
    assert "first_debrief" in {medal["kind"] for medal in body["medals"]}
    assert body["streak"]["today_done"]


def test_etag_changes_with_the_numbers(cast: Cast, ada_client: Client) -> None:
    tag = ada_client.get(PATH)["ETag"]
    assert ada_client.get(PATH, headers={"if-none-match": tag}).status_code == 304
    with schema_context(cast.acme.schema_name):
        make_scored_call(trainee=cast.ada)
    assert ada_client.get(PATH, headers={"if-none-match": tag}).status_code == 200


def test_days_begin_where_the_person_lives(cast: Cast, ada_client: Client) -> None:
    cast.ada.timezone = "Europe/Madrid"
    cast.ada.save()
    with schema_context(cast.acme.schema_name):
        make_call(trainee=cast.ada, ended_at=datetime(2026, 3, 9, 22, 30, tzinfo=UTC))
        make_call(trainee=cast.ada, ended_at=datetime(2026, 3, 9, 23, 30, tzinfo=UTC))
    assert progress(ada_client)["longest_streak_days"] == 2
    cast.ada.timezone = "Nowhere/Land"
    cast.ada.save()
    assert progress(ada_client)["longest_streak_days"] == 1  # the organisation's: UTC


def test_manager_asks_for_own_teams_only(cast: Cast, bo_client: Client, ada_client: Client, cy_client: Client) -> None:
    with schema_context(cast.acme.schema_name):
        make_scored_call(trainee=cast.ada)
    assert progress(bo_client, f"?user_id={cast.ada.pk}")["calls_total"] == 1
    assert progress(cy_client, f"?user_id={cast.val.pk}")["calls_total"] == 0
    refused = (
        (bo_client, cast.val.pk),  # not of his team
        (ada_client, cast.val.pk),
        (cy_client, cast.gil.pk),  # not of this organisation
        (cy_client, uuid4()),
        (cy_client, "everyone"),
    )
    for client, who in refused:
        response = client.get(f"{PATH}?user_id={who}")
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "NOT_FOUND"


def test_strangers_and_nobody(cast: Cast, gil_client: Client) -> None:
    assert gil_client.get(PATH).status_code == 404
    assert Client().get(PATH).status_code == 401
