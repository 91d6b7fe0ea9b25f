"""A language model plays a seller, until the money is gone; what was flown stays, and the flight goes on later."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from integrations.errors import OverBudget
from scenarios.models import Scenario
from scoring.flights import modelled, work
from scoring.flights.models import TestFlight
from tests.integrations.llm.models import Told

from .test_publishing import cy_client, flights_are_required, report_of, scenario

__all__ = ["cy_client", "flights_are_required", "scenario"]  # fixtures

LINES = [
    {"says": "Hello Dana, this is Kim from RouteWise. How do you plan your routes today?", "done": False},
    {"says": "What happens when a delivery arrives late?", "done": False},
    {"says": "I understand. How about a visit next Tuesday at ten?", "done": False},
    {"says": "", "done": True},
]


def seller(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> Told:
    told = Told(*answers)
    monkeypatch.setattr(modelled.gateway, "order_for", lambda task: [told])
    return told


def test_a_model_plays_and_is_checked_like_anybody(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    told = seller(monkeypatch, *LINES, *LINES)
    flight = work.begin(scenario=scenario, by=None, with_model=True)
    assert work.go_on(flight.pk)
    flight.refresh_from_db()
    assert flight.is_finished
    runs = list(flight.runs.filter(trainee=modelled.MODEL))
    assert len(runs) == work.MODEL_CALLS
    assert all(run.score is not None for run in runs)
    assert runs[0].turns[1]["content"] == LINES[0]["says"]
    assert "Dana" in told.asked[0].system
    hidden = {pain.pain for pain in scenario.persona.hidden_pains.all()}
    assert not any(pain in ask.system + ask.prompt for ask in told.asked[:1] for pain in hidden)


def test_no_money_left_pauses_and_keeps_what_is_there(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch, cy_client: Client
) -> None:
    seller(monkeypatch, *LINES, LINES[0], OverBudget("spent", provider="groq"), OverBudget("spent", provider="groq"))
    cy_client.post(report_of(scenario), {"with_model": "1"})
    flight = TestFlight.objects.get()
    assert (flight.state, flight.problem, flight.green) == ("paused", "over_budget", None)
    assert flight.done == flight.total - 1
    shown = cy_client.get(report_of(scenario)).content.decode()
    assert "had no budget left" in shown
    assert "Transcripts side by side" in shown
    seller(monkeypatch, *LINES)
    cy_client.post(report_of(scenario), {"action": "resume"})
    flight.refresh_from_db()
    assert (flight.state, flight.done, flight.green) == ("done", flight.total, True)


def test_without_a_model_the_page_does_not_offer_one(scenario: Scenario, cy_client: Client) -> None:
    assert "with_model" not in cy_client.get(report_of(scenario)).content.decode()
    cy_client.post(report_of(scenario), {"with_model": "1"})
    assert not TestFlight.objects.get().runs.filter(trainee=modelled.MODEL).exists()
