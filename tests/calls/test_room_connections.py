"""Whom the call page may talk to: us, and a voice service only where calls may go straight to it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from calls import room
from integrations.vendors import VendorKeys
from tenants.models import Organization
from tests.cast import Cast
from tests.factories import make_call

KEY = "xi-secret-key"


class Straight:
    """A provider that browsers may talk to."""

    def direct_sources(self, keys: VendorKeys) -> dict[str, list[str]]:
        return {"connect-src": ["wss://voice.example"], "script-src": ["https://cdn.example"]}


@pytest.fixture
def open_page(cast: Cast, ada_client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    with schema_context("org_acme"):
        call = make_call(trainee=cast.ada, status="pending")
    monkeypatch.setattr(room, "PROVIDERS", {"elsewhere": ""})
    monkeypatch.setattr(room, "provider", lambda name: Straight())
    monkeypatch.setattr(room, "keys_of", lambda name: VendorKeys(vendor=name, api_key=KEY))
    return lambda **extra: ada_client.get(f"/org/acme/calls/{call.pk}/", **extra)


def allowed_sources(response: Any, directive: str) -> list[str]:
    """In no order: the policy is put together from sets."""
    found = re.search(rf"(?:^|; ){directive} ([^;]*)", response["content-security-policy"])
    assert found
    return found[1].split()


def connections(response: Any) -> list[str]:
    return allowed_sources(response, "connect-src")


def test_a_page_talks_to_our_sockets_and_nobody_elses(open_page: Any) -> None:
    allowed = connections(open_page())
    assert "ws://testserver" in allowed
    assert "wss://voice.example" not in allowed
    assert not {"ws:", "wss:", "*"} & set(allowed)
    assert "wss://testserver" in connections(open_page(secure=True))


def test_direct_calls_add_the_voice_service_to_the_room_only(open_page: Any, ada_client: Client) -> None:
    Organization.objects.filter(schema_name="org_acme").update(voice_direct=True)
    answer = open_page()
    assert "wss://voice.example" in connections(answer)
    assert set(allowed_sources(answer, "script-src")) == {"'self'", "'wasm-unsafe-eval'", "https://cdn.example"}
    assert KEY not in answer.content.decode()
    assert "wss://voice.example" not in connections(ada_client.get("/org/acme/practice/"))
