"""Calls that an assignment asks for: made over the API or from the page, refused while locked or when attempts are used."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from calls.models import Call
from coaching.learning.services import todo_for
from tests.cast import Cast
from tests.factories import make_persona_version, make_scenario_version
from tests.training import call_item, hold_call, make_assignment, make_track

pytestmark = pytest.mark.django_db
API = "/org/acme/api/v1/calls/"


def post(client: Client, **body: Any) -> Any:
    return client.post(API, json.dumps(body, default=str), content_type="application/json")


def test_a_call_is_made_on_what_is_asked(in_acme: Cast, ada_client: Client) -> None:
    version = make_scenario_version()
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(version)))
    answer = post(ada_client, assignment_id=assignment.pk, channel="text")
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert (body["assignment_id"], body["assignment_item"]) == (str(assignment.pk), "call")
    assert (body["scenario_version_id"], body["private"]) == (str(version.pk), False)
    again = post(ada_client, assignment_id=assignment.pk)
    assert (again.json()["id"], again.json()["channel"]) == (body["id"], "voice")


def test_a_locked_call_is_refused_with_the_reason(in_acme: Cast, ada_client: Client) -> None:
    assignment = make_assignment(to=in_acme.ada, of=make_track())
    answer = post(ada_client, assignment_id=assignment.pk)
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "ITEM_LOCKED"
    assert error["message"] == "Opens when you have passed “Know this”."
    assert not Call.objects.exists()


def test_attempts_are_used_up_by_calls_that_count(in_acme: Cast, ada_client: Client) -> None:
    version = make_scenario_version()
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(version, attempt_limit=2)))
    hold_call(assignment, by=in_acme.ada, score=20)
    hold_call(assignment, by=in_acme.ada, score=20, voided_at="2026-01-01T00:00Z", void_reason="stall")
    assert todo_for(in_acme.ada)[0].attempts_left == 1
    hold_call(assignment, by=in_acme.ada, score=20)
    answer = post(ada_client, assignment_id=assignment.pk)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ATTEMPTS_USED")


def test_a_call_that_goes_on_is_an_attempt(in_acme: Cast, ada_client: Client) -> None:
    version = make_scenario_version()
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(version, attempt_limit=1)))
    call = post(ada_client, assignment_id=assignment.pk).json()["id"]
    assert (
        ada_client.patch(f"{API}{call}/", '{"status": "in_progress"}', content_type="application/json").status_code
        == 200
    )
    assert post(ada_client, assignment_id=assignment.pk).status_code == 409


def test_what_is_asked_of_others_is_not_there(in_acme: Cast, ada_client: Client) -> None:
    assignment = make_assignment(to=in_acme.val, of=make_track(call_item(make_scenario_version())))
    assert post(ada_client, assignment_id=assignment.pk).status_code == 404


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"private": True}, "private"),
        ({"mode": "discovery"}, "mode"),
        ({"persona": True}, "persona_id"),
        ({"assignment_item": "nothing"}, "assignment_item"),
        ({"other": True}, "scenario_id"),
    ],
    ids=["private", "mode", "persona", "no such item", "another scenario"],
)
def test_what_does_not_fit_the_assignment_is_refused(
    in_acme: Cast, ada_client: Client, more: dict[str, Any], field: str
) -> None:
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(make_scenario_version())))
    if more.pop("persona", False):
        more["persona_id"] = make_persona_version().persona_id
    if more.pop("other", False):
        more["scenario_id"] = make_scenario_version().scenario_id
    answer = post(ada_client, assignment_id=assignment.pk, **more)
    assert (answer.status_code, answer.json()["error"]["details"]["field"]) == (400, field)


def test_an_item_alone_needs_an_assignment(in_acme: Cast, ada_client: Client) -> None:
    scenario = make_scenario_version().scenario_id
    assert post(ada_client, scenario_id=scenario, assignment_item="call").status_code == 400


def test_a_single_scenario_can_be_asked_for(in_acme: Cast, ada_client: Client) -> None:
    version = make_scenario_version()
    assignment = make_assignment(to=in_acme.ada, of=version.scenario)
    assert post(ada_client, assignment_id=assignment.pk).json()["assignment_item"] == "call"
    hold_call(assignment, by=in_acme.ada)
    assert [todo.state for todo in todo_for(in_acme.ada)] == ["done"]
