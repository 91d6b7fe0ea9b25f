"""A flight whose buyer is worded by a language model: what it says is judged, and so is what it was kept from saying."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from integrations import resilience
from integrations.budgets import governor
from integrations.models import ModelCall
from scenarios.models import Scenario
from scoring.flights import worded, work
from scoring.flights.models import FlightRun, TestFlight
from tests.integrations.openai.conftest import quick_voice
from tests.standins.openai import OpenAI
from tests.standins.openai_wire import Failed, Said

from .test_publishing import cy_client, flights_are_required, report_of, scenario

__all__ = ["cy_client", "flights_are_required", "scenario"]  # fixtures

MANY = 80


@pytest.fixture
def model(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAI]:
    """The vendor, with a key for it; only a few calls fly."""
    monkeypatch.setattr(work, "SEEDS", 1)
    monkeypatch.setattr(work, "WORDED_CALLS", ("strong", "demands_secrets"))
    resilience.breakers.cache_clear()
    with OpenAI(hear=lambda pcm, language: "", speak=quick_voice).serving() as vendor:
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "openai": vendor.key}
        settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, "openai": f"{vendor.base_url}/v1"}
        yield vendor
    resilience.breakers.cache_clear()


def flown(scenario: Scenario, by: Any = None) -> TestFlight:
    flight = work.begin(scenario=scenario, by=by, with_worded=True)
    work.go_on(flight.pk, seconds=300)
    flight.refresh_from_db()
    return flight


def of_the_model(flight: TestFlight) -> list[FlightRun]:
    return list(flight.runs.filter(buyer=worded.MODEL))


def test_a_model_that_keeps_to_its_part_words_the_buyer_and_is_paid(
    scenario: Scenario, model: OpenAI, cy_client: Client
) -> None:
    assert "with_worded" in cy_client.get(report_of(scenario)).content.decode()
    cy_client.post(report_of(scenario), {"with_worded": "1"})
    flight = TestFlight.objects.get()
    assert (flight.state, flight.green) == ("done", True)
    strong, _other = of_the_model(flight)
    assert any("Well, " in turn["content"] for turn in strong.turns)
    assert strong.score is not None
    entries = ModelCall.objects.filter(task="flight", vendor="openai")
    assert entries.filter(outcome="ok", reference=str(flight.pk)).count() == entries.count() > 0
    shown = cy_client.get(report_of(scenario)).content.decode()
    assert "strong seller, buyer worded by a language model" in shown


def test_a_model_that_gives_secrets_away_and_calls_itself_a_machine_is_found(
    scenario: Scenario, model: OpenAI, cy_client: Client
) -> None:
    pain = scenario.persona.hidden_pains.first()
    assert pain is not None
    model.script += [Said(pain.pain), Said("As an AI language model I have no fleet.")] * MANY
    flight = flown(scenario)
    codes = {item["code"] for run in of_the_model(flight) for item in run.findings}
    assert {"secret_stopped", "role_stopped"} <= codes
    assert not [item for run in flight.runs.filter(buyer="") for item in run.findings if item["blocks"]]
    assert all(item["buyer"] == worded.MODEL for run in of_the_model(flight) for item in run.findings)
    heard = [turn["content"] for run in of_the_model(flight) for turn in run.turns]
    assert "As an AI language model I have no fleet." not in heard
    shown = cy_client.get(report_of(scenario)).content.decode()
    assert "was stopped, so nobody heard it: “As an AI language model I have no fleet.”" in shown
    assert "buyer worded by a language model, turn" in shown


def test_a_break_of_role_that_was_heard_holds_the_scenario_back(scenario: Scenario, model: OpenAI) -> None:
    model.script += [Said("Would you like a demo of our platform?")] * MANY
    flight = flown(scenario)
    assert flight.green is False
    found = [item for run in of_the_model(flight) for item in run.findings if item["blocks"]]
    assert {item["code"] for item in found} == {"speaks_as_seller"}


def test_replies_that_nobody_worded_are_told_of(scenario: Scenario, model: OpenAI) -> None:
    model.script += [Failed(500)]
    flight = flown(scenario)
    assert flight.state == "done"
    missed = [item for run in of_the_model(flight) for item in run.findings if item["code"] == "not_worded"]
    assert [item["values"] for item in missed] == [{"turns": 1}]


def test_a_model_that_never_answers_pauses_the_flight(scenario: Scenario, model: OpenAI) -> None:
    model.script += [Failed(401)] * MANY
    flight = flown(scenario)
    assert (flight.state, flight.done) == ("paused", flight.total - 2)


def test_a_budget_that_is_used_up_pauses_the_flight(
    scenario: Scenario, model: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(governor, "anything_left", lambda teams: False)
    flight = flown(scenario)
    assert (flight.state, flight.problem, model.seen) == ("paused", "over_budget", [])


def test_a_flight_that_waits_for_a_model_keeps_nobody_from_another_without(
    scenario: Scenario, model: OpenAI, monkeypatch: pytest.MonkeyPatch, cy_client: Client
) -> None:
    monkeypatch.setattr(governor, "anything_left", lambda teams: False)
    assert flown(scenario).is_paused
    assert "Fly again" in cy_client.get(report_of(scenario)).content.decode()
    cy_client.post(report_of(scenario))
    newest = work.newest_of(scenario)
    assert newest is not None
    assert (newest.state, newest.green) == ("done", True)


def test_without_a_key_the_page_offers_none(scenario: Scenario, cy_client: Client) -> None:
    assert "with_worded" not in cy_client.get(report_of(scenario)).content.decode()
    cy_client.post(report_of(scenario), {"with_worded": "1"})
    assert not of_the_model(TestFlight.objects.get())
