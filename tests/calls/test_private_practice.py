"""Private practice: nobody but the trainee sees it, hears of it or can count it, until it is submitted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.people.models import AuditEvent
from calls import forks
from calls.models import Call, Recording
from reporting.statistics import progress_of
from tenants.models import Organization
from tests.cast import Cast
from tests.factories import make_call, make_scenario_version, make_scored_call, make_turns

API = "/org/acme/api/v1"
SECRET = "Only between us 4711"


@pytest.fixture
def private(in_acme: Cast) -> Call:
    """A private call of Ada's, finished and scored."""
    version = make_scenario_version(title=SECRET)
    call = make_scored_call(trainee=in_acme.ada, scenario_version=version, private=True, turns=True)
    name = default_storage.save(f"recordings/{call.pk}.mp3", ContentFile(b"sound"))
    Recording.objects.create(
        call=call, file_name=name, content_type="audio/mpeg", size_bytes=5, duration_ms=1000, sha256="0" * 64
    )
    return call


@pytest.fixture(autouse=True)
def _stay_inside(in_acme: Cast) -> Iterator[None]:
    """Requests leave the connection in `public`; these tests look at rows in between."""
    yield
    connection.set_schema_to_public()


def get(client: Client, path: str) -> Any:
    with schema_context("org_acme"):
        return client.get(path)


def post(client: Client, path: str, body: Any = None) -> Any:
    with schema_context("org_acme"):
        return client.post(path, body or {}, content_type="application/json")


def of_the_call(call: Call) -> list[str]:
    rest = f"{API}/calls/{call.pk}/"
    pages = [f"/org/acme/calls/{call.pk}/{page}" for page in ("", "debrief/", "debrief/body/", "compare/")]
    return [rest, *(rest + name for name in ("transcript/", "events/", "stream/", "recording/", "score/")), *pages]


def test_managers_and_admins_find_nothing_at_its_addresses(
    private: Call, bo_client: Client, cy_client: Client, ada_client: Client
) -> None:
    for path in of_the_call(private):
        for client in (bo_client, cy_client):
            assert get(client, path).status_code == 404, path
    assert get(ada_client, of_the_call(private)[0]).status_code == 200
    assert post(cy_client, f"{API}/calls/{private.pk}/analyze/").status_code == 404


def test_it_is_in_no_list_and_no_number_of_anybody_else(private: Call, bo_client: Client, cy_client: Client) -> None:
    ada = private.trainee_id
    for client in (bo_client, cy_client):
        assert get(client, f"{API}/calls/").json()["results"] == []
        assert get(client, f"{API}/calls/?trainee_id={ada}").json()["results"] == []
        progress = get(client, f"{API}/user/progress/?user_id={ada}").json()
        assert (progress["calls_total"], progress["calls_scored"], progress["trend"]) == (0, 0, [])
        assert (progress["duration_seconds"], progress["streak_days"], progress["last_call_at"]) == (0, 0, None)
        for page in (f"/org/acme/team/{ada}/", "/org/acme/team/", "/org/acme/"):
            assert SECRET not in get(client, page).content.decode(), page
        assert "Has not held a call yet." in get(client, f"/org/acme/team/{ada}/").content.decode()
    runs = get(cy_client, "/org/acme/admin/scoring/scorerun/").content.decode()
    assert SECRET not in runs
    run = private.score_runs.earliest("created_at")
    assert get(cy_client, f"/org/acme/admin/scoring/scorerun/{run.pk}/change/").status_code in {302, 404}


@pytest.mark.parametrize("more", [0, 3])
def test_nothing_tells_how_often_somebody_practised_in_private(
    in_acme: Cast, bo_client: Client, ada_client: Client, more: int
) -> None:
    """The same pages, byte for byte but for the tokens, with and without private calls."""
    version = make_scenario_version(title="Seen by all")
    make_scored_call(trainee=in_acme.ada, scenario_version=version, turns=True)
    before = [stable(get(bo_client, path)) for path in counted_on(in_acme)]
    for _ in range(more):
        make_scored_call(trainee=in_acme.ada, scenario_version=version, private=True, turns=True)
        make_call(trainee=in_acme.ada, scenario_version=version, private=True, status="in_progress")
    assert [stable(get(bo_client, path)) for path in counted_on(in_acme)] == before


def counted_on(cast: Cast) -> list[str]:
    ada = cast.ada.pk
    return ["/org/acme/team/", f"/org/acme/team/{ada}/", f"{API}/user/progress/?user_id={ada}", f"{API}/calls/"]


def stable(response: Any) -> list[str]:
    assert response.status_code == 200
    return [line for line in response.content.decode().splitlines() if "csrf" not in line]


def test_the_trainee_sees_it_marked_as_private(private: Call, ada_client: Client) -> None:
    history = get(ada_client, "/org/acme/history/").content.decode()
    assert SECRET in history
    assert "private" in history
    shown = get(ada_client, f"{API}/calls/{private.pk}/").json()
    assert (shown["private"], shown["submitted_at"]) == (True, None)
    debrief = get(ada_client, f"/org/acme/calls/{private.pk}/debrief/").content.decode()
    assert f"/org/acme/calls/{private.pk}/submit/" in debrief


def test_submitting_shows_it_and_lets_it_count_once_and_for_good(
    private: Call, ada_client: Client, bo_client: Client
) -> None:
    path = f"{API}/calls/{private.pk}/submit/"
    assert progress_of(user_id=private.trainee_id, zone=UTC).calls_total == 0
    answer = post(ada_client, path)
    assert answer.status_code == 200
    assert answer.json()["submitted_at"]
    assert post(ada_client, path).status_code == 409
    assert get(bo_client, f"{API}/calls/{private.pk}/").status_code == 200
    assert progress_of(user_id=private.trainee_id, zone=UTC).calls_total == 1
    assert AuditEvent.objects.filter(action="call.submitted", actor_id=private.trainee_id).count() == 1


def test_only_the_trainee_submits_and_only_what_can_be(
    private: Call, in_acme: Cast, ada_client: Client, bo_client: Client
) -> None:
    open_call = make_call(trainee=in_acme.ada, private=True, status="in_progress")
    public_call = make_call(trainee=in_acme.ada)
    make_turns(private) if not private.turns.exists() else None
    redo = forks.fork(call=private, turn=forks.find_turn(private, seq=3), private=True)
    Call.objects.filter(pk=redo.pk).update(status="completed", started_at=timezone.now(), ended_at=timezone.now())
    assert post(bo_client, f"{API}/calls/{private.pk}/submit/").status_code == 404
    codes = {}
    for name, call in {"open": open_call, "public": public_call, "redo": redo}.items():
        answer = post(ada_client, f"{API}/calls/{call.pk}/submit/")
        assert answer.status_code == 409
        codes[name] = answer.json()["error"]["code"]
    assert codes == {"open": "NOTHING_TO_SUBMIT", "public": "NOTHING_TO_SUBMIT", "redo": "REDO_NOT_SUBMITTED"}


def test_the_button_on_the_debrief_submits(private: Call, ada_client: Client) -> None:
    with schema_context("org_acme"):
        page = ada_client.post(f"/org/acme/calls/{private.pk}/submit/", follow=True).content.decode()
    assert "Your managers see this call now" in page
    private.refresh_from_db()
    assert private.submitted_at is not None


def test_a_call_is_made_private_over_rest_and_on_the_page(in_acme: Cast, ada_client: Client) -> None:
    version = make_scenario_version()
    body = {"scenario_id": str(version.scenario_id), "private": True}
    assert post(ada_client, f"{API}/calls/", body).json()["private"] is True
    prepare = f"/org/acme/practice/{version.scenario_id}/"
    assert 'name="private"' in get(ada_client, prepare).content.decode()
    with schema_context("org_acme"):
        ada_client.post(prepare, {"channel": "text", "private": "on"})
        ada_client.post(prepare, {"channel": "text"})
    made = Call.objects.filter(channel="text").order_by("created_at").values_list("private", flat=True)
    assert list(made) == [True, False], "the one is not the other's attempt"


def test_where_all_practice_is_seen_nobody_hides_any(in_acme: Cast, ada_client: Client) -> None:
    Organization.objects.update(private_practice_allowed=False)
    version = make_scenario_version()
    refused = post(ada_client, f"{API}/calls/", {"scenario_id": str(version.scenario_id), "private": True})
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == "private"
    prepare = f"/org/acme/practice/{version.scenario_id}/"
    assert 'name="private"' not in get(ada_client, prepare).content.decode()
    with schema_context("org_acme"):
        ada_client.post(prepare, {"channel": "text", "private": "on"})
    assert not Call.objects.filter(private=True).exists()


def test_a_redo_counts_nowhere(in_acme: Cast, bo_client: Client) -> None:
    first = make_scored_call(trainee=in_acme.ada, turns=True, ended_at=timezone.now() - timedelta(days=1))
    before = progress_of(user_id=in_acme.ada.pk, zone=UTC)
    make_scored_call(
        trainee=in_acme.ada,
        scenario_version=first.scenario_version,
        forked_from=first,
        forked_at_seq=3,
        scores=dict.fromkeys(("opening", "discovery", "objection", "communication", "closing"), 100),
    )
    assert progress_of(user_id=in_acme.ada.pk, zone=UTC) == before
    page = get(bo_client, f"/org/acme/team/{in_acme.ada.pk}/").content.decode()
    assert "redo, does not count" in page, "a shared redo is listed, marked as one"
