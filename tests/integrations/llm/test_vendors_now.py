"""A vendor that rests is seen by operators, and by an organisation whose own account it is."""

from __future__ import annotations

import html
import time
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from integrations import accounts, resilience
from integrations.errors import ProviderUnavailable
from tenants.schemas import current_schema
from tests.cast import Cast
from tests.conftest import signed_in

COSTS = "/org/acme/admin/costs/"


@pytest.fixture
def operator(cast: Cast) -> Client:
    return signed_in(User.objects.create_superuser("op@cast.test", "x"))


@pytest.fixture(autouse=True)
def _keys(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VENDOR_KEYS = {"groq": "test-key", "gemini": "test-key"}
    monkeypatch.setattr(resilience, "BREAKER_SECONDS", 36_000.0)  # a slow page must not outlast a rest


def fail(times: int, *, account: str = "") -> None:
    for _ in range(times):
        resilience.count_failure("groq", ProviderUnavailable("down", provider="groq"), account=account)


def said(client: Client, address: str) -> str:
    return html.unescape(client.get(address).content.decode())


def test_a_vendor_rests_and_is_back(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = said(operator, "/admin/costs/")
    assert "The vendors at this minute" in page
    assert page.count("No trouble") == 2  # OpenAI and others have no key here
    fail(2)
    assert "Its last 2 requests failed." in said(operator, "/admin/costs/")
    fail(resilience.BREAKER_THRESHOLD - 2)
    page = said(operator, "/admin/costs/")
    assert "is not asked for another" in page
    assert page.count("No trouble") == 1
    later = time.time() + resilience.BREAKER_SECONDS + 1
    monkeypatch.setattr("time.time", lambda: later)
    assert "the next request decides whether it is back" in said(operator, "/admin/costs/")
    with resilience.guarded("groq"):
        pass  # it answered
    assert said(operator, "/admin/costs/").count("No trouble") == 2


def test_an_organisation_sees_its_own_account_rest(in_acme: Cast, cy_client: Client, operator: Client) -> None:
    accounts.save(vendor="groq", api_key="gsk-own", options={}, actor=in_acme.cy, checked=False)
    fail(resilience.BREAKER_THRESHOLD, account=current_schema())
    page = said(cy_client, COSTS)
    assert "own account" in page
    assert "is not asked for another" in page
    assert "is not asked for another" not in said(operator, "/admin/costs/")


def test_months_that_are_over_say_nothing_of_today(operator: Client) -> None:
    page = said(operator, "/admin/costs/")
    month = page.split('href="?month=')[2].split('"')[0]
    assert "The vendors at this minute" not in said(operator, f"/admin/costs/?month={month}")
