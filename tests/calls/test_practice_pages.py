"""The picker, the page before a call, and the room: who sees what, and what leads where."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from calls.models import Call
from calls.room import texts
from config.runtime.places import ROOT
from scenarios.models import Scenario, ScenarioVersion, Status
from tests.cast import Cast
from tests.factories import make_call, make_scenario_version

PRACTICE = "/org/acme/practice/"


@pytest.fixture
def version(cast: Cast) -> ScenarioVersion:
    with schema_context("org_acme"):
        return make_scenario_version(title="The late depot")


def room_script(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="room-data" type="application/json">(.*?)</script>', html, re.S)
    assert found
    return json.loads(found[1])


def test_published_scenarios_are_listed_and_filtered(version: ScenarioVersion, ada_client: Client) -> None:
    page = ada_client.get(PRACTICE).content.decode()
    assert "The late depot" in page
    assert "The late depot" not in ada_client.get(PRACTICE, {"mode": "cold_call"}).content.decode()
    assert "The late depot" in ada_client.get(PRACTICE, {"mode": "nonsense"}).content.decode()


def test_the_readers_language_narrows_only_while_something_is_left(version: ScenarioVersion, cast: Cast) -> None:
    client = Client(headers={"accept-language": "es"})
    client.force_login(cast.ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    cast.ada.language = "es"
    cast.ada.save()
    assert "The late depot" in client.get(PRACTICE).content.decode()
    assert "The late depot" not in client.get(PRACTICE, {"language": "es"}).content.decode()


def test_an_empty_picker_says_what_to_do(cast: Cast, ada_client: Client, cy_client: Client) -> None:
    with schema_context("org_acme"):
        Scenario.objects.update(status=Status.ARCHIVED)
    assert "/org/acme/admin/" not in ada_client.get(PRACTICE).content.decode().split("<main")[1]
    assert "/org/acme/admin/" in cy_client.get(PRACTICE).content.decode().split("<main")[1]


def test_the_page_before_a_call_tells_the_rubric_but_nothing_hidden(
    version: ScenarioVersion, ada_client: Client
) -> None:
    page = ada_client.get(f"{PRACTICE}{version.scenario_id}/").content.decode()
    assert "Objection handling" in page
    assert "70" in page
    for secret in ("penalties", "budget was cut", "Runs three depots"):
        assert secret not in page


def test_a_double_click_makes_one_call(version: ScenarioVersion, ada_client: Client, cast: Cast) -> None:
    address = f"{PRACTICE}{version.scenario_id}/"
    first = ada_client.post(address, {"channel": "voice"})
    second = ada_client.post(address, {"channel": "voice"})
    assert first.status_code == 302
    assert first["Location"] == second["Location"]
    with schema_context("org_acme"):
        call = Call.objects.get(trainee=cast.ada, scenario_version=version)
        assert (call.channel, call.status) == ("voice", "pending")


def test_an_unknown_scenario_is_a_plain_404(cast: Cast, ada_client: Client) -> None:
    answer = ada_client.get(f"{PRACTICE}00000000-0000-4000-8000-000000000000/")
    assert answer.status_code == 404
    assert "Acme" not in answer.content.decode()


def test_the_room_carries_its_addresses_and_no_secret(version: ScenarioVersion, ada_client: Client, cast: Cast) -> None:
    with schema_context("org_acme"):
        call = make_call(trainee=cast.ada, scenario_version=version, status="pending")
    page = ada_client.get(f"/org/acme/calls/{call.pk}/").content.decode()
    data = room_script(page)
    assert data["urls"]["start"] == f"/org/acme/api/v1/calls/{call.pk}/start/"
    assert data["urls"]["debrief"].startswith("/org/acme/")
    assert data["urls"]["again"] == f"{PRACTICE}{version.scenario_id}/"
    assert data["underway"] is False
    for secret in ("penalties", "budget was cut", "Runs three depots"):
        assert secret not in page


def test_a_room_offers_no_second_attempt_at_what_is_not_practised_any_more(
    version: ScenarioVersion, ada_client: Client, cast: Cast
) -> None:
    with schema_context("org_acme"):
        call = make_call(trainee=cast.ada, scenario_version=version, status="pending")
        Scenario.objects.filter(pk=version.scenario_id).update(status="archived")
    page = ada_client.get(f"/org/acme/calls/{call.pk}/").content.decode()
    assert room_script(page)["urls"]["again"] == ""
    assert 'data-part="again"' not in page


def test_the_room_has_a_text_for_every_refused_microphone() -> None:
    """The browser's side picks one by its key."""
    said = texts("Nora", "voice")
    keys = set(re.findall(r'"(mic[A-Z]\w+)"', (ROOT / "static/src/call/devices.ts").read_text()))
    assert {"micDeniedApp", "micDeniedAppApple", "micDeniedChrome"} <= keys
    assert keys <= set(said)
    assert "left of the address, set" not in said["micDeniedApp"]


def test_only_who_makes_the_call_enters_its_room(
    version: ScenarioVersion, bo_client: Client, gil_client: Client, cast: Cast
) -> None:
    with schema_context("org_acme"):
        call = make_call(trainee=cast.ada, scenario_version=version, status="pending")
    for client in (bo_client, gil_client):
        assert client.get(f"/org/acme/calls/{call.pk}/").status_code == 404


def test_talking_or_typing_can_be_chosen_until_the_call_begins(
    version: ScenarioVersion, ada_client: Client, cast: Cast
) -> None:
    with schema_context("org_acme"):
        call = make_call(trainee=cast.ada, scenario_version=version, status="pending")
    address = f"/org/acme/calls/{call.pk}/"
    assert ada_client.post(address, {"channel": "text"}).status_code == 302
    assert room_script(ada_client.get(address).content.decode())["channel"] == "text"
    assert ada_client.post(address, {"channel": "telepathy"}).status_code == 400
    with schema_context("org_acme"):
        Call.objects.filter(pk=call.pk).update(status="in_progress")
    assert ada_client.post(address, {"channel": "voice"}).status_code == 409


def test_a_call_that_is_over_leads_to_its_debrief(version: ScenarioVersion, ada_client: Client, cast: Cast) -> None:
    with schema_context("org_acme"):
        call = make_call(trainee=cast.ada, scenario_version=version)
    answer = ada_client.get(f"/org/acme/calls/{call.pk}/")
    assert answer["Location"] == f"/org/acme/calls/{call.pk}/debrief/"


@pytest.mark.parametrize("scenarios", [1, 9])
def test_the_picker_asks_the_database_the_same_number_of_times(
    scenarios: int, ada_client: Client, django_assert_max_num_queries: Any
) -> None:
    with schema_context("org_acme"):
        for _number in range(scenarios):
            make_scenario_version()
    ada_client.get(PRACTICE)
    with django_assert_max_num_queries(8):  # address, session, person, role, menu, scenarios; search paths
        ada_client.get(PRACTICE)


def test_what_was_said_into_a_dead_line_is_not_called_safe() -> None:
    assert texts("Marta", "text")["reconnected"] == "Connected again. Nothing was lost."
    assert texts("Marta", "voice")["reconnected"] == "Connected again. Say once more what you said meanwhile."
