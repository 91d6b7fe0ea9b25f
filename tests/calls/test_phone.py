"""Practice by telephone: who may be called, what rings, what gets onto the record, and what is forgotten."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.people.models import AuditEvent
from calls import phone, vendor_records
from calls.models import Call, VendorConversation
from integrations.inbound import ledger
from integrations.models import InboundEvent
from integrations.resilience import POLICIES, RetryPolicy, breakers
from integrations.vendors import keys_of
from integrations.voice.registry import provider
from tenants.models import Organization
from tests.cast import Cast
from tests.factories import make_call, make_scenario_version, make_turns
from tests.integrations.voice.vapi_webhooks import SECRET, message, post, report
from tests.standins.vapi import PUBLIC_KEY, Vapi
from tests.standins.vapi_phone import PHONE_NUMBER_ID

NUMBER = "+34 600 123 442"
FORMATTED = "+34600123442"


@pytest.fixture
def vendor(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vapi]:
    monkeypatch.setitem(POLICIES, "vapi", RetryPolicy((0.02, 0.02)))
    breakers.cache_clear()
    stand_in = Vapi()
    stand_in.phone_hangs_up = False
    with stand_in.serving():
        settings.SITE_URL = ""  # the stand-in posts to nobody: these tests do
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "vapi": stand_in.key}
        settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, "vapi": stand_in.base_url}
        settings.VENDOR_WEBHOOK_SECRETS = {**settings.VENDOR_WEBHOOK_SECRETS, "vapi": SECRET}
        options = {"phone_number_id": PHONE_NUMBER_ID, "public_key": PUBLIC_KEY}
        settings.VENDOR_OPTIONS = {**settings.VENDOR_OPTIONS, "vapi": options}
        yield stand_in
    breakers.cache_clear()


@pytest.fixture
def call(in_acme: Cast, vendor: Vapi) -> Call:
    allow(True)
    return make_call(trainee=in_acme.ada, status="pending", provider="", recording_consent=False)


def allow(allowed: bool, **more: Any) -> None:
    Organization.objects.filter(schema_name="org_acme").update(phone_calls_allowed=allowed, **more)


def ask(client: Client, call: Call, verb: str = "phone", body: Any = None) -> Any:
    """The answer; the call is read again. A request leaves no organisation behind, so acme's is entered again."""
    answer = client.post(f"/org/acme/api/v1/calls/{call.pk}/{verb}/", body or {}, content_type="application/json")
    back(call)
    return answer


def back(call: Call) -> None:
    connection.set_tenant(Organization.objects.get(schema_name="org_acme"))
    call.refresh_from_db()


def ring(client: Client, call: Call, **changes: Any) -> Any:
    return ask(client, call, body={"number": NUMBER, "consent": True} | changes)


def tell(call: Call, told: dict[str, Any]) -> None:
    """The vendor's webhook, taken in and handled."""
    assert post(told).status_code == 200
    back(call)
    for event in InboundEvent.objects.filter(processed_at=None):
        ledger.process(event_id=event.pk)
    call.refresh_from_db()


def conversation(call: Call) -> str:
    return str(VendorConversation.objects.get(call=call).conversation_id)


def test_a_telephone_rings_and_the_call_is_held(call: Call, vendor: Vapi, ada_client: Client) -> None:
    answer = ring(ada_client, call, recording_consent=True)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["phone_state"], told["number_ends_with"], told["provider"]) == ("ringing", "42", "vapi")
    [asked] = vendor.requests("/call")
    assert asked.body["customer"] == {"number": FORMATTED}
    assert asked.body["phoneNumberId"] == PHONE_NUMBER_ID
    assert asked.body["assistant"]["artifactPlan"]["recordingEnabled"] is True
    assert asked.body["assistant"]["clientMessages"] == []
    assert (call.status, call.transport) == ("pending", "phone")
    known = conversation(call)

    tell(call, message("status-update", call_id=known, status="in-progress"))
    assert (call.status, call.held_at) == ("in_progress", None)
    assert get(ada_client, call)["phone_state"] == "underway"
    tell(call, message("status-update", call_id=known, status="ended", endedReason="customer-ended-call"))
    assert (call.status, call.ended_by, call.end_reason) == ("completed", "trainee", "hung_up")
    tell(call, report(call_id=known, started=time.time() - 10))
    assert [turn.content for turn in call.turns.all()] == ["Hello?", "Hi, Ada here."]
    assert get(ada_client, call)["phone_state"] == "over"


def get(client: Client, call: Call) -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"/org/acme/api/v1/calls/{call.pk}/phone/").json()
    back(call)
    return told


def test_the_number_is_forgotten(
    call: Call, vendor: Vapi, ada_client: Client, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    ring(ada_client, call)
    known = conversation(call)
    tell(call, message("status-update", call_id=known, status="in-progress", customer={"number": FORMATTED}))
    vendor.misbehave("broken_500")
    kept = json.dumps(
        [
            call.metadata,
            list(call.events.values("data")),
            list(InboundEvent.objects.values("payload")),
            list(AuditEvent.objects.values()),
        ],
        default=str,
    )
    out = capsys.readouterr()
    for place in (kept, caplog.text, out.out, out.err):
        assert "123442" not in place.replace(" ", "")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "number"),
        ("600 123 442", "with its country"),
        ("+34", "with its country"),
        ("+34 1", "with its country"),
        ("+1 555 0100", "that can be called"),
        ("112", "with its country"),
        ("+34 806 123 456", "that can be called"),
        ("+34600123442; DROP TABLE", "with its country"),
        ("call me", "with its country"),
        ("+" + "9" * 39, "with its country"),
    ],
)
def test_what_is_no_telephone_number(call: Call, vendor: Vapi, ada_client: Client, number: str, sentence: str) -> None:
    answer = ring(ada_client, call, number=number)
    assert answer.status_code == 400
    assert "number" in answer.json()["error"]["details"].get("field", "number")
    assert sentence in json.dumps(answer.json()) or number == ""
    assert not vendor.requests("/call")
    assert (call.status, call.transport) == ("pending", "bridge")


@pytest.mark.parametrize(
    "body", [{}, {"number": NUMBER}, {"consent": True}, {"number": NUMBER, "consent": True, "x": 1}]
)
def test_a_request_that_is_incomplete(call: Call, ada_client: Client, body: dict[str, Any]) -> None:
    assert ask(ada_client, call, body=body).status_code == 400


def test_nobody_is_called_who_did_not_agree(call: Call, vendor: Vapi, ada_client: Client) -> None:
    assert ring(ada_client, call, consent=False).status_code == 400
    assert not vendor.requests("/call")


def test_only_where_the_organisation_allows_it(call: Call, vendor: Vapi, ada_client: Client, settings: Any) -> None:
    allow(False)
    assert ring(ada_client, call).status_code == 403
    allow(True, allowed_ai_providers=["embedded"])
    assert ring(ada_client, call).status_code == 502
    allow(True, allowed_ai_providers=[])
    settings.VENDOR_OPTIONS = {**settings.VENDOR_OPTIONS, "vapi": {}}
    assert ring(ada_client, call).status_code == 502
    settings.VENDOR_OPTIONS = {
        **settings.VENDOR_OPTIONS,
        "vapi": {"phone_number_id": PHONE_NUMBER_ID, "phone_countries": "US, FR"},
    }
    assert ring(ada_client, call).status_code == 400
    assert not vendor.requests("/call")


def test_one_telephone_at_a_time(call: Call, vendor: Vapi, ada_client: Client, in_acme: Cast) -> None:
    assert ring(ada_client, call).status_code == 202
    assert ring(ada_client, call).status_code == 409
    other = make_call(trainee=in_acme.ada, status="pending", provider="")
    assert ring(ada_client, other).json()["error"]["code"] == "PHONE_BUSY"
    assert ask(ada_client, call, "start").json()["error"]["code"] == "CALL_HELD"
    # What was never answered stands in nobody's way.
    later = (timezone.now() - timedelta(minutes=3)).isoformat()
    Call.objects.filter(pk=call.pk).update(metadata={"phone": {"ends": "42", "placed_at": later}})
    assert get(ada_client, call)["phone_state"] == "failed"
    assert ring(ada_client, other).status_code == 202
    assert ask(ada_client, call, "start").status_code == 200
    assert call.transport == "bridge"


def test_only_a_new_voice_call(call: Call, vendor: Vapi, ada_client: Client, in_acme: Cast) -> None:
    typed = make_call(trainee=in_acme.ada, status="pending", channel="text")
    over = make_call(trainee=in_acme.ada, status="completed")
    begun = make_call(trainee=in_acme.ada, status="in_progress")
    make_turns(begun)
    for made in (typed, over, begun):
        assert ring(ada_client, made).status_code == 409
    strangers = make_call(trainee=in_acme.val, status="pending")
    assert ring(ada_client, strangers).status_code == 404
    assert not vendor.requests("/call")


@pytest.mark.parametrize("fault", ["refuse_401", "limit_429", "broken_500"])
def test_a_call_that_cannot_be_placed_is_not_used_up(call: Call, vendor: Vapi, ada_client: Client, fault: str) -> None:
    vendor.misbehave(fault)
    answer = ring(ada_client, call)
    assert answer.status_code == 502
    assert (call.status, call.transport) == ("pending", "bridge")
    # Asked once: a second request might ring twice.
    assert len(vendor.requests("/call")) == 1
    assert ring(ada_client, call).status_code == 202


def test_nobody_picks_up(call: Call, vendor: Vapi, ada_client: Client) -> None:
    ring(ada_client, call)
    told = message("status-update", call_id=conversation(call), status="ended", endedReason="customer-did-not-answer")
    tell(call, told)
    assert (call.status, call.transport) == ("pending", "bridge")
    state = get(ada_client, call)
    assert (state["phone_state"], state["reason"]) == ("failed", "no_answer")
    assert ask(ada_client, call, "start").status_code == 200


def test_hanging_up_while_it_rings_and_while_it_is_held(call: Call, vendor: Vapi, ada_client: Client) -> None:
    vendor.ring_seconds = 30
    ring(ada_client, call)
    known = conversation(call)
    assert ask(ada_client, call, "end").status_code == 200
    assert (call.status, call.transport) == ("pending", "bridge")
    assert vendor.calls[known].ended_reason == "manually-canceled"
    # The control address wants the public key; the private one is for nobody but the API.
    [control] = vendor.requests("/control")
    assert control.headers["authorization"] == f"Bearer {PUBLIC_KEY}"

    vendor.ring_seconds = 0.0
    ring(ada_client, call)
    known = str(VendorConversation.objects.filter(call=call).latest("opened_at").conversation_id)
    tell(call, message("status-update", call_id=known, status="in-progress"))
    assert ask(ada_client, call, "end").status_code == 200
    assert (call.status, call.ended_by) == ("completed", "trainee")
    assert vendor.calls[known].ended_reason == "manually-canceled"


def test_a_service_that_does_not_hear_us_hang_up(call: Call, vendor: Vapi, ada_client: Client) -> None:
    ring(ada_client, call)
    tell(call, message("status-update", call_id=conversation(call), status="in-progress"))
    vendor.misbehave("broken_500", times=9)
    assert ask(ada_client, call, "end").status_code == 200
    assert call.status == "completed"


def test_webhooks_that_never_come_are_fetched(call: Call, vendor: Vapi, ada_client: Client) -> None:
    vendor.phone_hangs_up = True
    ring(ada_client, call)
    known = conversation(call)
    for _ in range(1200):
        if vendor.calls[known].reported:
            break
        time.sleep(0.05)
    record = provider("vapi").fetch_record(known, keys=keys_of("vapi"))
    assert record is not None
    vendor_records.merge(record=record, vendor="vapi", via=VendorConversation.Via.RECONCILER)
    call.refresh_from_db()
    assert (call.status, call.turns.count()) == ("completed", 5)


def test_messages_in_the_wrong_order(call: Call, vendor: Vapi, ada_client: Client) -> None:
    ring(ada_client, call)
    known = conversation(call)
    tell(call, report(call_id=known, started=time.time() - 10))
    tell(call, message("status-update", call_id=known, status="ended", endedReason="customer-ended-call"))
    tell(call, message("status-update", call_id=known, status="in-progress"))
    assert (call.status, call.turns.count()) == ("completed", 2)


def test_a_status_of_another_call_changes_nothing(call: Call, vendor: Vapi, ada_client: Client) -> None:
    ring(ada_client, call)
    tell(call, message("status-update", call_id="somebody-elses", status="in-progress"))
    assert call.status == "pending"


def test_states_of_a_call_that_is_on_no_telephone(in_acme: Cast) -> None:
    made = make_call(trainee=in_acme.ada, status="pending")
    assert phone.state_of(made, now=timezone.now()) == "none"
    assert made.rings_until is None


# -- pages --------------------------------------------------------------------------------------------------------------
def page(client: Client, path: str, body: Any = None) -> Any:
    answer = client.get(path) if body is None else client.post(path, body)
    connection.set_tenant(Organization.objects.get(schema_name="org_acme"))
    return answer


def test_the_way_through_the_pages(in_acme: Cast, vendor: Vapi, ada_client: Client) -> None:
    allow(True)
    vendor.ring_seconds = 30
    scenario = make_scenario_version().scenario_id
    prepare = f"/org/acme/practice/{scenario}/"
    assert f"{prepare}phone/" in page(ada_client, prepare).content.decode()
    assert page(ada_client, f"{prepare}phone/").status_code == 200
    wrong = page(ada_client, f"{prepare}phone/", {"number": "12", "consent": "on"})
    assert wrong.status_code == 400
    assert "with its country" in wrong.content.decode()
    assert page(ada_client, f"{prepare}phone/", {"number": NUMBER}).status_code == 400
    placed = page(ada_client, f"{prepare}phone/", {"number": NUMBER, "consent": "on"})
    call = Call.objects.get(transport="phone")
    assert placed["Location"] == f"/org/acme/calls/{call.pk}/phone/"
    watched = page(ada_client, placed["Location"]).content.decode()
    assert "ends with 42" in watched
    assert "hx-get" in watched
    assert "123 442" not in watched
    assert "123442" not in watched
    # Its room is the telephone.
    assert page(ada_client, f"/org/acme/calls/{call.pk}/")["Location"] == placed["Location"]
    busy = page(ada_client, f"{prepare}phone/", {"number": NUMBER, "consent": "on"})
    assert "by phone already" in busy.content.decode()
    page(ada_client, f"/org/acme/calls/{call.pk}/phone/end/", {})
    failed = page(ada_client, placed["Location"]).content.decode()
    assert "You hung up before anybody answered." in failed
    assert "hx-get" not in failed.split('id="phone-call"')[1].split("</section>")[0]


@pytest.mark.parametrize("allowed", [True, False], ids=["allowed", "not allowed"])
def test_practice_by_telephone_may_be_private(in_acme: Cast, vendor: Vapi, ada_client: Client, allowed: bool) -> None:
    allow(True, private_practice_allowed=allowed)
    vendor.ring_seconds = 30
    asked = f"/org/acme/practice/{make_scenario_version().scenario_id}/phone/"
    assert ("Practise in private" in page(ada_client, asked).content.decode()) is allowed
    page(ada_client, asked, {"number": NUMBER, "consent": "on", "private": "on"})
    assert Call.objects.get(transport="phone").private is allowed


def test_a_page_that_shows_the_state_already_is_left_as_it_is(in_acme: Cast, vendor: Vapi, ada_client: Client) -> None:
    call = make_call(trainee=in_acme.ada, status="pending", provider="")
    allow(True)
    vendor.ring_seconds = 30
    ring(ada_client, call)
    path = f"/org/acme/calls/{call.pk}/phone/"
    assert page(ada_client, f"{path}?shown=ringing").status_code == 204
    tell(call, message("status-update", call_id=conversation(call), status="in-progress"))
    shown = page(ada_client, f"{path}?shown=ringing").content.decode()
    assert "is on the phone with you" in shown
    assert f"{path}?shown=underway" in shown
    assert f"/org/acme/ws/calls/{call.pk}/events/" in shown


def test_pages_where_telephones_are_not_called(in_acme: Cast, vendor: Vapi, ada_client: Client) -> None:
    allow(False)
    scenario = make_scenario_version().scenario_id
    prepare = f"/org/acme/practice/{scenario}/"
    assert f"{prepare}phone/" not in page(ada_client, prepare).content.decode()
    assert page(ada_client, f"{prepare}phone/").status_code == 403
    assert page(ada_client, f"{prepare}phone/", {"number": NUMBER, "consent": "on"}).status_code == 403
    assert not vendor.requests("/call")


# -- in the browser, past us ------------------------------------------------------------------------------------------
def test_a_browser_may_join_a_call_that_we_made(call: Call, vendor: Vapi, ada_client: Client, settings: Any) -> None:
    assert ask(ada_client, call, "web-call").status_code == 409
    allow(True, voice_direct=True)
    assert ask(ada_client, call, "web-call").status_code == 409
    options = {**settings.VENDOR_OPTIONS["vapi"], "web_calls": "on"}
    settings.VENDOR_OPTIONS = {**settings.VENDOR_OPTIONS, "vapi": options}
    room = page(ada_client, f"/org/acme/calls/{call.pk}/")
    assert f"calls/{call.pk}/web-call/" in room.content.decode()
    assert "https://c.daily.co" in room["content-security-policy"]
    assert ask(ada_client, call, "web-call", {"recording_consent": "perhaps"}).status_code == 400
    Call.objects.filter(pk=call.pk).update(channel="text")
    assert ask(ada_client, call, "web-call").status_code == 409, "what is typed is not joined by voice"
    Call.objects.filter(pk=call.pk).update(channel="voice")
    answer = ask(ada_client, call, "web-call", {"recording_consent": False})
    assert answer.status_code == 201
    assert call.recording_consent is False
    assert answer.json()["web_call_url"].startswith("https://vapi.daily.co/")
    assert (call.status, call.transport, call.provider) == ("in_progress", "direct", "vapi")
    told = answer.content.decode()
    for private in (vendor.key, PUBLIC_KEY, "penalties", "Marta Ruiz, "):
        assert private not in told
    # Nothing that could carry the buyer's instructions is to be sent to the browser.
    [asked] = vendor.requests("/call/web")
    assert "conversation-update" not in asked.body["assistant"]["clientMessages"]
    assert "model-output" not in asked.body["assistant"]["clientMessages"]
    assert asked.headers["authorization"] == f"Bearer {vendor.key}"


def test_globex_cannot_ring_acmes_trainee(call: Call, gil_client: Client) -> None:
    answer = gil_client.post(
        f"/org/globex/api/v1/calls/{call.pk}/phone/",
        {"number": NUMBER, "consent": True},
        content_type="application/json",
    )
    assert answer.status_code == 404
    with schema_context("org_acme"):
        assert Call.objects.get(pk=call.pk).transport == "bridge"
