"""Who is in a call right now: for those who coach, never of private practice, in a fixed number of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts.people.models import AuditEvent
from calls import observers, presence
from calls.models import Call
from tenants.models import Organization
from tests.cast import Cast
from tests.conftest import signed_in
from tests.factories import make_call, make_scenario_version, make_turns

API = "/org/acme/api/v1"
LIVE = "/org/acme/live/"


def held(trainee: Any, **fields: Any) -> Call:
    return make_call(trainee=trainee, status="in_progress", **{"held_at": timezone.now(), **fields})


def get(client: Client, path: str, **more: Any) -> Any:
    with schema_context("org_acme"):
        return client.get(path, **more)


def count(client: Client) -> int:
    return int(get(client, f"{LIVE}count/").json()["calls"])


def allow_observers() -> None:
    Organization.objects.filter(slug="acme").update(observers_allowed=True)


def test_a_manager_sees_own_teams_and_an_admin_everybody(in_acme: Cast, bo_client: Client, cy_client: Client) -> None:
    held(in_acme.ada, scenario_version=make_scenario_version(title="Of the team"))
    held(in_acme.val, scenario_version=make_scenario_version(title="Of another team"))
    mine, everybody = get(bo_client, LIVE).content.decode(), get(cy_client, LIVE).content.decode()
    assert "Of the team" in mine
    assert "Of another team" not in mine
    assert "Of another team" in everybody
    assert (count(bo_client), count(cy_client)) == (1, 2)


def test_a_trainee_has_no_such_page(in_acme: Cast, ada_client: Client) -> None:
    assert get(ada_client, LIVE).status_code == 404
    assert get(ada_client, f"{LIVE}count/").status_code == 404


@pytest.mark.parametrize("observed", [True, False])
def test_private_practice_is_neither_listed_nor_counted(
    in_acme: Cast, bo_client: Client, cy_client: Client, observed: bool
) -> None:
    if observed:
        allow_observers()
    call = held(in_acme.ada, private=True)
    for client in (bo_client, cy_client):
        assert "Nobody is in a call" in get(client, LIVE).content.decode()
        assert count(client) == 0
        assert get(client, f"/org/acme/calls/{call.pk}/observe/").status_code == 404


def test_a_call_that_nobody_holds_any_more_is_not_live(in_acme: Cast, bo_client: Client) -> None:
    held(in_acme.ada, held_at=timezone.now() - timedelta(minutes=1))
    make_call(trainee=in_acme.ada, status="pending")
    make_call(trainee=in_acme.ada)
    assert count(bo_client) == 0


def test_a_call_that_no_socket_holds_shows_itself_by_its_heartbeat(
    in_acme: Cast, bo_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = held(in_acme.ada, held_at=None)
    assert count(bo_client) == 0
    presence.beat(call.pk)
    assert count(bo_client) == 1
    monkeypatch.setattr(presence, "LAPSES_SECONDS", -1.0)
    presence.beat(call.pk)
    assert count(bo_client) == 0, "it lapses by itself"


def test_heartbeats_of_one_organisation_are_not_another_s(in_acme: Cast) -> None:
    call = held(in_acme.ada, held_at=None)
    presence.beat(call.pk)
    assert call.pk in presence.present()
    with schema_context("org_globex"):
        assert call.pk not in presence.present()


def test_without_redis_the_hold_still_tells(in_acme: Cast, bo_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def __getattr__(self, name: str) -> Any:
            raise RedisConnectionError

    monkeypatch.setattr(presence, "_redis", Away)
    call = held(in_acme.ada)
    presence.beat(call.pk)
    assert count(bo_client) == 1


def test_the_control_is_there_only_where_listening_is_allowed(in_acme: Cast, bo_client: Client) -> None:
    call = held(in_acme.ada)
    observe = f"/org/acme/calls/{call.pk}/observe/"
    assert observe not in get(bo_client, LIVE).content.decode()
    assert get(bo_client, observe).status_code == 404
    allow_observers()
    assert observe in get(bo_client, LIVE).content.decode()
    assert get(bo_client, observe).status_code == 200
    Call.objects.filter(pk=call.pk).update(status="completed")
    assert get(bo_client, observe).headers["Location"] == f"/org/acme/calls/{call.pk}/debrief/"


def test_nobody_listens_to_oneself_or_to_strangers(in_acme: Cast, bo_client: Client, ada_client: Client) -> None:
    allow_observers()
    own, stranger = held(in_acme.bo), held(in_acme.val)
    assert get(bo_client, f"/org/acme/calls/{own.pk}/observe/").status_code == 404
    assert get(bo_client, f"/org/acme/calls/{stranger.pk}/observe/").status_code == 404
    assert get(ada_client, f"/org/acme/calls/{stranger.pk}/observe/").status_code == 404
    assert count(bo_client) == 0


def test_what_is_said_is_not_read_unseen(in_acme: Cast, bo_client: Client, ada_client: Client) -> None:
    allow_observers()
    call = held(in_acme.ada)
    make_turns(call)
    words = [f"{API}/calls/{call.pk}/{name}/" for name in ("transcript", "events", "stream")]
    for path in words:
        refused = get(bo_client, path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CALL_NOT_ENDED"), path
        assert get(ada_client, path).status_code == 200
    assert "penalties" not in get(bo_client, f"/org/acme/calls/{call.pk}/debrief/").content.decode()
    observers.join(call=call, user=in_acme.bo)
    assert all(get(bo_client, path).status_code == 200 for path in words), "openly one may"
    Call.objects.filter(pk=call.pk).update(status="completed")
    assert all(get(signed_in(in_acme.cy), path).status_code == 200 for path in words[:2]), "after its end, too"


@pytest.mark.parametrize("calls", [1, 8])
def test_the_page_takes_as_many_queries_for_many_calls(
    in_acme: Cast, bo_client: Client, calls: int, django_assert_num_queries: Any
) -> None:
    version = make_scenario_version()
    for _ in range(calls):
        observers.join(call=held(in_acme.ada, scenario_version=version), user=in_acme.bo)
    get(bo_client, LIVE)
    with django_assert_num_queries(11):
        get(bo_client, LIVE)


def test_owners_and_admins_set_the_rules_and_it_is_written_down(
    in_acme: Cast, cy_client: Client, bo_client: Client, ada_client: Client
) -> None:
    path = "/org/acme/practice/policy/"
    for client in (bo_client, ada_client):
        assert get(client, path).status_code == 403
    assert path in get(cy_client, LIVE).content.decode()
    with schema_context("org_acme"):
        cy_client.post(path, {"observers_allowed": "on"})
        cy_client.post(path, {"observers_allowed": "on"})
    acme = Organization.objects.get(slug="acme")
    assert (acme.observers_allowed, acme.private_practice_allowed) == (True, False)
    written = AuditEvent.objects.filter(action="organization.practice_policy_changed")
    assert [event.data for event in written] == [{"observers_allowed": True, "private_practice_allowed": False}]
    assert [event.actor for event in written] == [in_acme.cy]
