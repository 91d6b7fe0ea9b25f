"""A call straight with the voice service: how it begins, what the browser learns, how it gets onto the record."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import websockets.sync.client as sockets
from django.db import connection
from django.test import Client

from calls import vendor_records
from calls.models import Call, VendorConversation
from integrations.resilience import POLICIES, RetryPolicy, breakers
from integrations.vendors import keys_of
from integrations.voice.registry import provider
from tenants.models import Organization
from tests.cast import Cast
from tests.factories import make_call
from tests.integrations.voice.virtual import FakeSpeech
from tests.standins.elevenlabs import ElevenLabs

PAIN = "penalties"


@pytest.fixture
def vendor(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ElevenLabs]:
    monkeypatch.setitem(POLICIES, "elevenlabs", RetryPolicy((0.02, 0.02)))
    breakers.cache_clear()
    stand_in = ElevenLabs(speech=FakeSpeech())
    with stand_in.serving():
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "elevenlabs": stand_in.key}
        settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, "elevenlabs": stand_in.base_url}
        settings.VENDOR_OPTIONS = {"elevenlabs": {"agent_id": "agent_demo"}}
        yield stand_in
    breakers.cache_clear()


@pytest.fixture
def call(in_acme: Cast, vendor: ElevenLabs) -> Call:
    Organization.objects.filter(schema_name="org_acme").update(voice_direct=True)
    return make_call(trainee=in_acme.ada, status="pending", channel="text", provider="")


def ask(client: Client, call: Call, verb: str, body: Any = None) -> Any:
    """The answer; the call is read again. A request leaves no organisation behind, so acme's is entered again."""
    answer = client.post(f"/org/acme/api/v1/calls/{call.pk}/{verb}/", body or {}, content_type="application/json")
    connection.set_tenant(Organization.objects.get(schema_name="org_acme"))
    call.refresh_from_db()
    return answer


def test_the_browser_gets_the_services_own_address_and_no_secret(
    call: Call, vendor: ElevenLabs, ada_client: Client
) -> None:
    answer = ask(ada_client, call, "start")
    told = answer.json()
    assert (told["transport"], told["provider"]) == ("direct", "elevenlabs")
    assert told["signed_url"].startswith(vendor.base_url.replace("http", "ws"))
    assert "no-store" in answer.headers["cache-control"], "whoever holds the address is in the call"
    assert told["agent_config"]["dynamic_variables"]["parley_call_id"] == str(call.pk)
    assert PAIN not in answer.content.decode()
    assert vendor.key not in answer.content.decode()
    assert PAIN in json.dumps(vendor.agents)
    assert (call.status, call.transport, call.held_at) == ("in_progress", "direct", None)
    assert VendorConversation.objects.get(call=call).conversation_id == call.provider_conversation_id


def test_what_was_said_comes_from_the_services_record(call: Call, vendor: ElevenLabs, ada_client: Client) -> None:
    told = ask(ada_client, call, "start").json()
    with sockets.connect(told["signed_url"]) as socket:
        initiation = {"type": "conversation_initiation_client_data"}
        socket.send(json.dumps(initiation | {"dynamic_variables": told["agent_config"]["dynamic_variables"]}))
        frames = [str(socket.recv(timeout=60))]
        while "agent_response" not in frames[-1]:
            frames.append(str(socket.recv(timeout=60)))
        socket.send(json.dumps({"type": "user_message", "text": "How do you plan today?"}))
        frames.append("")
        while "agent_response" not in frames[-1]:
            frames.append(str(socket.recv(timeout=60)))
    assert PAIN not in "".join(frames)
    assert ask(ada_client, call, "end").status_code == 200
    assert call.status == "completed"
    record = None
    for _ in range(600):
        record = provider("elevenlabs").fetch_record(call.provider_conversation_id or "", keys=keys_of("elevenlabs"))
        if record is not None and record.status == "done":
            break
        time.sleep(0.05)
    assert record is not None
    vendor_records.merge(record=record, vendor="elevenlabs", via=VendorConversation.Via.RECONCILER)
    said = [(turn.role, turn.content) for turn in call.turns.order_by("seq")]
    assert said[:2] == [("assistant", call.brief["first_message"]), ("user", "How do you plan today?")]
    assert len(said) == 3


def test_started_again_it_stays_direct(call: Call, ada_client: Client) -> None:
    first, second = ask(ada_client, call, "start").json(), ask(ada_client, call, "start").json()
    assert second["transport"] == "direct"
    assert first["signed_url"] != second["signed_url"]
    assert first["agent_config"]["agent_id"] == second["agent_config"]["agent_id"]
    assert VendorConversation.objects.filter(call=call).count() == 2


def test_where_the_service_does_not_answer_the_call_goes_through_us(
    call: Call, vendor: ElevenLabs, ada_client: Client
) -> None:
    vendor.misbehave("broken_500", times=9)
    told = ask(ada_client, call, "start").json()
    assert told["transport"] == "bridge"
    assert "/ws/voice/" in told["signed_url"]
    assert call.status == "pending"


def test_an_organisation_that_does_not_want_it(call: Call, vendor: ElevenLabs, ada_client: Client) -> None:
    Organization.objects.filter(schema_name="org_acme").update(voice_direct=False)
    told = ask(ada_client, call, "start").json()
    assert (told["transport"], told["agent_config"]["dynamic_variables"]) == ("bridge", {})
    assert vendor.requests("agents") == []


def test_a_conversation_that_the_browser_names_is_believed_once(call: Call, in_acme: Cast, ada_client: Client) -> None:
    other = make_call(trainee=in_acme.ada, status="in_progress", transport="direct", provider="elevenlabs")
    third = make_call(trainee=in_acme.ada, status="in_progress", transport="direct", provider="elevenlabs")
    assert ask(ada_client, other, "end", {"conversation_id": "conv_mine"}).status_code == 200
    assert ask(ada_client, third, "end", {"conversation_id": "conv_mine"}).status_code == 200
    assert VendorConversation.objects.get(conversation_id="conv_mine").call_id == other.pk
