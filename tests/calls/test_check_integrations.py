"""`manage.py check_integrations` says what is wrong with a vendor, and what to do."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from django_tenants.utils import schema_context

from calls.models import VendorConversation
from config import health
from integrations import accounts, resilience
from integrations.errors import ProviderUnavailable
from integrations.models import InboundEvent
from integrations.resilience import BREAKER_THRESHOLD, count_failure
from tests.cast import Cast
from tests.factories import make_call
from tests.standins.vapi import Vapi


@pytest.fixture
def vendor(cast: Cast, settings: Any) -> Iterator[Vapi]:
    resilience.breakers.cache_clear()
    stand_in = Vapi()
    with stand_in.serving():
        settings.VENDOR_KEYS = {"vapi": stand_in.key}
        settings.VENDOR_BASE_URLS = {"vapi": stand_in.base_url}
        settings.VENDOR_WEBHOOK_SECRETS = {"vapi": stand_in.webhook_secret}
        yield stand_in
    resilience.breakers.cache_clear()


def check() -> tuple[str, str]:
    """What it says, and how it ends."""
    out = io.StringIO()
    try:
        call_command("check_integrations", stdout=out, no_color=True)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_nothing_configured_is_nothing_wrong(cast: Cast) -> None:
    assert check() == ("No vendor has a key, so none was asked: the embedded engine serves every role.\n", "")


def test_a_vendor_that_answers(vendor: Vapi) -> None:
    said, ended = check()
    assert "Vapi (the installation): the key is accepted" in said
    assert "no webhook seen yet. Is http://localhost:8000/org/acme/api/webhooks/vapi/ entered at the vendor?" in said
    assert ended == ""
    assert "No vendor has a key" not in said
    assert vendor.key not in said
    assert vendor.webhook_secret not in said


def test_a_key_that_is_refused(vendor: Vapi, settings: Any) -> None:
    settings.VENDOR_KEYS = {"vapi": "wrong"}
    said, ended = check()
    assert "Vapi does not take this key." in said
    assert ended.startswith("1 to look at")


def test_a_vendor_that_is_down_and_rests(vendor: Vapi, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(keys: Any) -> None:
        raise ProviderUnavailable("answered 503", provider="vapi")

    monkeypatch.setattr(accounts, "check", away)
    for _time in range(BREAKER_THRESHOLD):
        count_failure("vapi", ProviderUnavailable("x", provider="vapi"))
    said, ended = check()
    assert "cannot be reached (answered 503)" in said
    assert "rests for another" in said
    assert ended


def test_a_clock_that_is_wrong(vendor: Vapi, monkeypatch: pytest.MonkeyPatch) -> None:
    from calls.management.commands import check_integrations

    class Late(check_integrations.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return timezone.now() + timedelta(minutes=7)

    monkeypatch.setattr(check_integrations, "datetime", Late)
    said, _ended = check()
    assert "s off: signatures will be refused" in said


def test_an_organisations_own_account_that_cannot_be_opened(cast: Cast, settings: Any) -> None:
    with schema_context("org_acme"):
        accounts.save(vendor="groq", api_key="gsk-abc", options={}, actor=cast.cy, checked=False)
    settings.SECRET_KEY = "replaced without keeping the old one: 0123456789"
    said, ended = check()
    assert "Groq (acme): the key cannot be opened" in said
    assert ended


def test_what_arrived_what_was_recovered_and_what_was_given_up(vendor: Vapi, cast: Cast) -> None:
    with schema_context("org_acme"):
        InboundEvent.objects.create(vendor="vapi", event_id="1", kind="x", next_attempt_at=None)
        call = make_call(trainee=cast.ada, provider="vapi")
        for number, via in enumerate(("webhook", "reconciler", "reconciler", "")):
            VendorConversation.objects.create(
                call=call,
                vendor="vapi",
                conversation_id=str(number),
                via=via,
                merged_at=timezone.now() if via else None,
            )
    said, ended = check()
    assert "Vapi (acme): last webhook" in said
    assert "acme: vendors' records of the last day: 1 told, 2 recovered by asking, 1 missing" in said
    assert "1 received events were given up" in said
    assert "/org/acme/admin/integrations/inboundevent/?state=failed" in said
    assert ended


def test_health_names_the_vendors_and_none_is_critical(vendor: Vapi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_cached", (0.0, {}))
    for _time in range(BREAKER_THRESHOLD):
        count_failure("vapi", ProviderUnavailable("x", provider="vapi"))
    found = health._vendors()
    assert found["vapi"]["status"] == "unhealthy"
    assert found["vapi"]["critical"] is False
    assert set(found) == {"vapi"}
