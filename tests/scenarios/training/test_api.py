"""REST of tracks, programs and assignments: who may what, and what is refused."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from scenarios.training.models import Assignment, Program, Track
from scenarios.training.questions import parse
from tests.cast import Cast
from tests.factories import make_scenario_version
from tests.training import QUESTIONS, make_assignment, make_track

pytestmark = pytest.mark.django_db
API = "/org/acme/api/v1"


def send(client: Client, verb: str, path: str, body: Any = None, **headers: str) -> Any:
    return getattr(client, verb)(
        f"{API}{path}", json.dumps(body or {}), content_type="application/json", headers=headers
    )


def test_an_author_writes_publishes_and_archives_a_track(in_acme: Cast, cy_client: Client, ada_client: Client) -> None:
    version = make_scenario_version()
    body = {
        "title": "First steps",
        "items": [
            {"kind": "reading", "title": "Read", "text": "# Hello"},
            {"kind": "check", "title": "Know", "questions": parse(QUESTIONS), "pass_mark": 70},
            {"kind": "scenario", "scenario_id": str(version.scenario_id), "module": "Calls", "attempt_limit": 3},
        ],
    }
    made = send(cy_client, "post", "/tracks/", body)
    assert made.status_code == 201, made.json()
    track = made.json()
    assert (track["key"], track["status"]) == ("first-steps", "draft")
    assert [item["key"] for item in track["items"]] == ["read", "know", "item"]
    assert ada_client.get(f"{API}/tracks/{track['id']}/").status_code == 404
    published = send(cy_client, "post", f"/tracks/{track['id']}/publish/")
    assert published.json()["published_version"]["number"] == 1
    seen = ada_client.get(f"{API}/tracks/{track['id']}/")
    assert [item["title"] for item in seen.json()["items"]] == ["Read", "Know", version.content["title"]]
    assert "questions" not in seen.content.decode()
    assert ada_client.get(f"{API}/tracks/{track['id']}/", headers={"if-none-match": seen["ETag"]}).status_code == 304
    changed = send(cy_client, "patch", f"/tracks/{track['id']}/", {"summary": "Short."})
    assert changed.json()["has_unpublished_changes"] is True
    stale = send(cy_client, "patch", f"/tracks/{track['id']}/", {"summary": "x"}, **{"if-match": '"old"'})
    assert stale.status_code == 412
    assert cy_client.delete(f"{API}/tracks/{track['id']}/").status_code == 204
    assert Track.objects.get(pk=track["id"]).status == "archived"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"valid_months": 0}, "valid_months"),
        ({"nonsense": 1}, "nonsense"),
        ({"items": [{"kind": "dance", "title": "x"}]}, "items[0].kind"),
        ({"items": [{"kind": "check", "title": "x", "questions": [{"text": "?"}]}]}, "items[0].questions"),
        ({"items": [{"kind": "check", "title": "x", "pass_mark": 101}]}, "items[0].pass_mark"),
        ({"items": [{"kind": "scenario", "scenario_id": str(uuid4())}]}, "items[0].scenario_id"),
    ],
    ids=["title", "months", "field", "kind", "questions", "mark", "scenario"],
)
def test_what_is_no_track_is_refused(in_acme: Cast, cy_client: Client, change: dict[str, Any], field: str) -> None:
    answer = send(cy_client, "post", "/tracks/", {"title": "A track", **change})
    assert answer.status_code == 400, answer.json()
    assert field in answer.json()["error"]["details"]["fields"]
    assert not Track.objects.exists()


def test_a_track_that_cannot_be_learned_is_not_published(in_acme: Cast, cy_client: Client) -> None:
    track = make_track(
        {"key": "a", "kind": "reading", "title": "A", "text": "a", "requires": ["b"]},
        {"key": "b", "kind": "reading", "title": "B", "text": "b", "requires": ["a"]},
        {"key": "c", "kind": "scenario"},
        publish=False,
        in_order=False,
    )
    answer = send(cy_client, "post", f"/tracks/{track.pk}/publish/").json()["error"]
    assert answer["code"] == "NOT_READY"
    problems = json.dumps(answer["details"]["fields"], ensure_ascii=False)
    assert "These wait for each other, so none of them would ever open: A → B → A." in problems
    assert "Choose the scenario of item c." in problems


def test_trainees_and_managers_do_not_author(in_acme: Cast, ada_client: Client, bo_client: Client) -> None:
    for client in (ada_client, bo_client):
        assert send(client, "post", "/tracks/", {"title": "x"}).status_code == 403
        assert send(client, "post", "/programs/", {"title": "x"}).status_code == 403
        assert send(client, "post", "/programs/shipped/first-weeks/copy/").status_code == 403


def test_the_same_key_makes_one_track(in_acme: Cast, cy_client: Client) -> None:
    key = {"idempotency-key": "k-1"}
    first = send(cy_client, "post", "/tracks/", {"title": "Once"}, **key)
    assert send(cy_client, "post", "/tracks/", {"title": "Once"}, **key).json() == first.json()
    assert Track.objects.count() == 1
    taken = send(cy_client, "post", "/tracks/", {"title": "Once", "key": "once"})
    assert taken.status_code == 400


def test_a_program_that_ships_is_copied_once(in_acme: Cast, cy_client: Client) -> None:
    plans = cy_client.get(f"{API}/programs/shipped/").json()
    assert {plan["key"] for plan in plans} >= {"first-weeks", "yearly-refresher"}
    made = send(cy_client, "post", "/programs/shipped/first-weeks/copy/")
    assert made.status_code == 201, made.json()
    assert send(cy_client, "post", "/programs/shipped/first-weeks/copy/").status_code == 409
    assert send(cy_client, "post", "/programs/shipped/nothing/copy/").status_code == 404
    for track in Track.objects.all():
        assert send(cy_client, "post", f"/tracks/{track.pk}/publish/").status_code == 200
    assert send(cy_client, "post", f"/programs/{made.json()['id']}/publish/").status_code == 200
    assert Program.objects.get().published_version is not None


def test_a_program_is_assigned_track_by_track(in_acme: Cast, cy_client: Client, bo_client: Client) -> None:
    tracks = [make_track(), make_track()]
    body = {"title": "Both", "tracks": [{"track_id": str(track.pk)} for track in tracks]}
    program = send(cy_client, "post", "/programs/", body).json()["id"]
    assert send(cy_client, "post", f"/programs/{program}/publish/").status_code == 200
    answer = send(bo_client, "post", "/assignments/", {"program_id": program, "email": "ADA@cast.test"})
    assert answer.status_code == 201, answer.json()
    assert len(answer.json()["with_ids"]) == 1
    assert Assignment.objects.count() == 2
    assert send(cy_client, "post", "/programs/", {**body, "tracks": body["tracks"][:1] * 2}).status_code == 400


def test_an_assignment_is_made_changed_and_withdrawn(in_acme: Cast, bo_client: Client, ada_client: Client) -> None:
    track = make_track()
    body = {"track_id": str(track.pk), "user_id": str(in_acme.ada.pk), "due_on": "2030-01-31"}
    made = send(bo_client, "post", "/assignments/", body)
    assert (made.status_code, made.json()["created"]) == (201, True)
    again = send(bo_client, "post", "/assignments/", body)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    one = f"/assignments/{made.json()['id']}/"
    assert ada_client.get(API + one).json()["due_on"] == "2030-01-31"
    assert send(ada_client, "patch", one, {"due_on": None}).status_code == 403
    assert send(bo_client, "patch", one, {"due_on": "2020-01-31"}).status_code == 400
    assert send(bo_client, "patch", one, {"attempts": 2}).json()["attempts"] == 2
    assert bo_client.delete(API + one).status_code == 204
    assert bo_client.get(f"{API}/assignments/?withdrawn=true").json()["results"][0]["withdrawn_at"]
    assert bo_client.get(f"{API}/assignments/?withdrawn=false").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "track_id"),
        ({"track_id": str(uuid4())}, "team_id"),
        ({"track_id": str(uuid4()), "team_id": str(uuid4())}, "track_id"),
        ({"track_id": "x", "team_id": str(uuid4())}, "track_id"),
        ({"scenario_id": str(uuid4()), "track_id": str(uuid4()), "email": "a@b.test"}, "track_id"),
    ],
    ids=["nothing", "nobody", "unknown", "no id", "two things"],
)
def test_what_is_no_assignment_is_refused(in_acme: Cast, cy_client: Client, body: dict[str, Any], field: str) -> None:
    answer = send(cy_client, "post", "/assignments/", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == field


def test_a_sheet_is_dry_unless_told_otherwise(in_acme: Cast, bo_client: Client, ada_client: Client) -> None:
    make_track(key="first")
    body = {"csv": "team,track\nNorth,first\nSouth,first\n"}
    report = send(bo_client, "post", "/assignments/sheet/", body).json()
    assert (report["dry_run"], report["new"], report["refused"]) == (True, 1, 1)
    assert not Assignment.objects.exists()
    assert send(bo_client, "post", "/assignments/sheet/", {**body, "dry_run": False}).json()["new"] == 1
    assert send(bo_client, "post", "/assignments/sheet/", {"csv": "x"}).status_code == 400
    assert send(ada_client, "post", "/assignments/sheet/", body).status_code == 403


@pytest.mark.parametrize("rows", [1, 6])
def test_lists_ask_as_often_for_many_as_for_one(
    in_acme: Cast, cy_client: Client, ada_client: Client, django_assert_max_num_queries: Any, rows: int
) -> None:
    for _index in range(rows):
        make_assignment(to=in_acme.ada, of=make_track())
    for client in (cy_client, ada_client):
        for path in ("tracks", "assignments"):
            client.get(f"{API}/{path}/")
            with django_assert_max_num_queries(9):
                assert len(client.get(f"{API}/{path}/").json()["results"]) == rows
