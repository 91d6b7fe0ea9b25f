"""The vendor's webhooks: every way of proving themselves, what is kept of them, and what they say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import time
from typing import Any

import pytest
from django_tenants.utils import schema_context

from calls import services
from calls.models import Call
from integrations import vendors
from integrations.inbound.base import Body, InboundInvalid, InboundRefused, Topic
from integrations.models import InboundEvent
from integrations.tasks import process_inbound
from integrations.vendors import VendorKeys
from integrations.voice.vapi import verifying
from integrations.voice.vapi.inbound import VENDOR
from tests.cast import Cast
from tests.factories import make_call
from tests.integrations.voice.vapi_webhooks import PROMPT, SECRET, message, post, report
from tests.standins.vapi_signing import signed

BODY = b'{"message":{"type":"status-update","status":"ended","call":{"id":"call_demo"}}}'
DEMO = "vapi_demo_secret"


def body(raw: bytes = BODY) -> Body:
    return Body(io.BytesIO(raw), len(raw))


def keys(*secrets: str, **options: str) -> VendorKeys:
    return VendorKeys("vapi", "key", webhook_secrets=secrets or (DEMO,), options=options)


def verify(headers: dict[str, str], raw: bytes = BODY, account: VendorKeys | None = None) -> None:
    VENDOR.verify(headers, body(raw), account or keys())


@pytest.mark.parametrize(
    ("stamp", "signature"),
    [
        ("1767225600", "c999ac527e47850bf4913dce51d1e9c5f0f7bd6cb792d4b05eb52b1a8b4fffa8"),
        ("1767225600000", "14cfb686a7ca3db82c0a8d98cf1dcfde2e89b9fd8bb117470f2ea204424187e9"),
    ],
)
def test_a_signature_as_the_vendor_makes_it(stamp: str, signature: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.inbound.signatures.time.time", lambda: 1767225630.0)
    verify({"X-Signature": signature, "X-Timestamp": stamp})
    with pytest.raises(InboundRefused):
        verify({"X-Signature": signature, "X-Timestamp": str(int(stamp) + 1)})
    with pytest.raises(InboundRefused):
        verify({"X-Signature": signature, "X-Timestamp": stamp}, BODY + b" ")


def test_the_body_alone_may_be_signed() -> None:
    signature = "28a6bef2d2983ae3a6aff7e42d8a1b331eab81eb2cc8a4c7e5ef35bb62fb51bf"
    verify({"x-signature": signature}, account=keys(hmac_payload_format="{body}"))
    verify({"x-signature": signature}, account=keys(hmac_include_timestamp="false"))


CREDENTIALS: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "as it is set up by default": ({}, {}, SECRET),
    "under the historic name": (
        {"signatureHeader": "x-vapi-signature"},
        {"hmac_signature_header": "x-vapi-signature"},
        SECRET,
    ),
    "sha512 in base64 with a prefix": (
        {"algorithm": "sha512", "signatureEncoding": "base64", "signaturePrefix": "v="},
        {"hmac_algorithm": "sha512", "hmac_encoding": "base64", "hmac_prefix": "v="},
        SECRET,
    ),
    "sha1 as GitHub does": (
        {"algorithm": "sha1", "signaturePrefix": "sha1=", "payloadFormat": "{body}", "includeTimestamp": False},
        {"hmac_algorithm": "sha1", "hmac_prefix": "sha1=", "hmac_payload_format": "{body}"},
        SECRET,
    ),
    "as Standard Webhooks": (
        {
            "payloadFormat": "{svix-id}.{timestamp}.{body}",
            "signatureEncoding": "base64",
            "signaturePrefix": "v1,",
            "signatureHeader": "webhook-signature",
            "timestampHeader": "webhook-timestamp",
            "messageIdHeader": "webhook-id",
            "secretIsBase64": True,
        },
        {
            "hmac_payload_format": "{svix-id}.{timestamp}.{body}",
            "hmac_encoding": "base64",
            "hmac_prefix": "v1,",
            "hmac_signature_header": "webhook-signature",
            "hmac_timestamp_header": "webhook-timestamp",
            "hmac_message_id_header": "webhook-id",
            "hmac_secret_is_base64": "true",
        },
        base64.b64encode(b"thirty-two bytes of a shared key").decode(),
    ),
    "a bearer token": ({"type": "bearer"}, {"webhook_auth": "bearer"}, SECRET),
    "the legacy secret": (
        {"type": "bearer", "headerName": "X-Vapi-Secret", "bearerPrefixEnabled": False},
        {"webhook_auth": "secret"},
        SECRET,
    ),
    "the secret under another name": (
        {"type": "bearer", "headerName": "X-Parley", "bearerPrefixEnabled": False},
        {"webhook_auth": "secret", "secret_header": "X-Parley"},
        SECRET,
    ),
}


@pytest.mark.parametrize("name", CREDENTIALS)
def test_every_credential_of_the_vendor(name: str) -> None:
    credential, options, secret = CREDENTIALS[name]
    headers = signed(BODY, secret, credential)
    verify(headers, account=keys(secret, **options))
    verify({key.upper(): value for key, value in headers.items()}, account=keys(secret, **options))
    # While a secret is exchanged both are good.
    verify(headers, account=keys("bmV3ZXI=", secret, **options))
    for account in (keys("b3RoZXI=", **options), VendorKeys("vapi", "key", options=options), keys("", **options)):
        with pytest.raises(InboundRefused):
            verify(headers, account=account)
    for header in headers:
        with pytest.raises(InboundRefused):
            verify({key: value for key, value in headers.items() if key != header}, account=keys(secret, **options))
    if "Bearer" not in str(headers) and "X-" not in str(list(headers)):
        with pytest.raises(InboundRefused):
            verify(headers, BODY + b" ", keys(secret, **options))


def made(at: int, *, raw: bytes = BODY, secret: str = DEMO) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()


NOW = 1767225600


@pytest.fixture
def at_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.inbound.signatures.time.time", lambda: float(NOW))


@pytest.mark.parametrize(
    ("headers", "raw"),
    [
        ({"x-signature": made(NOW), "x-timestamp": str(NOW)}, BODY + b" "),
        ({"x-signature": made(NOW), "x-timestamp": str(NOW + 1)}, BODY),
        ({"x-signature": made(NOW).upper(), "x-timestamp": str(NOW)}, BODY),
        ({"x-timestamp": str(NOW)}, BODY),
        ({"x-signature": "", "x-timestamp": str(NOW)}, BODY),
        ({"x-signature": made(NOW)}, BODY),
        ({"x-signature": "v1=" + made(NOW), "x-timestamp": str(NOW)}, BODY),
        ({"x-signature": made(NOW - 360), "x-timestamp": str(NOW - 360)}, BODY),
        ({"x-signature": made(NOW + 360), "x-timestamp": str(NOW + 360)}, BODY),
        ({"x-signature": made(NOW), "x-timestamp": "soon"}, BODY),
        ({"x-signature": made(NOW), "x-timestamp": f"{NOW}.0"}, BODY),
        ({"x-signature": made(NOW), "x-timestamp": str(NOW)}, json.dumps(json.loads(BODY)).encode()),
        ({"x-signature": made(NOW, secret=""), "x-timestamp": str(NOW)}, BODY),
        ({"x-vapi-secret": DEMO}, BODY),
        ({"authorization": f"Bearer {DEMO}"}, BODY),
    ],
)
def test_what_is_not_the_vendors_is_refused(headers: dict[str, str], raw: bytes, at_that_time: None) -> None:
    with pytest.raises(InboundRefused):
        verify(headers, raw)


def test_one_of_two_signatures_is_enough(at_that_time: None) -> None:
    verify({"x-signature": f"{'0' * 64} {made(NOW)}", "x-timestamp": str(NOW)})


@pytest.mark.parametrize(
    "options",
    [
        {"webhook_auth": "oauth"},
        {"hmac_algorithm": "md5"},
        {"hmac_payload_format": "{url}.{body}"},
        {"hmac_payload_format": "no body"},
        {"hmac_secret_is_base64": "true"},
    ],
)
def test_a_setting_that_makes_no_sense_lets_nobody_in(options: dict[str, str]) -> None:
    with pytest.raises(InboundRefused):
        verify({"x-signature": made(NOW), "x-timestamp": str(NOW)}, account=keys("no base64!", **options))


def test_the_secret_goes_along_where_no_credential_is_set_up() -> None:
    assert verifying.strategy_of(keys()) == "hmac"
    assert verifying.strategy_of(keys(webhook_auth="secret")) == "secret"


# -- what is kept -----------------------------------------------------------------------------------------------------
def parsed(told: dict[str, Any]) -> Any:
    return VENDOR.parse({}, body(json.dumps({"message": told}).encode()))


@pytest.mark.parametrize("raw", [b"{}", b'{"message": 1}', b'{"message": {}}', b"[]", b"not json"])
def test_what_is_no_message(raw: bytes) -> None:
    with pytest.raises(InboundInvalid):
        VENDOR.parse({}, body(raw))


@pytest.mark.parametrize(
    "told",
    [
        report(),
        message("status-update", status="ended", endedReason="customer-ended-call"),
        message("tool-calls", toolCallList=[{"id": "a", "name": "lookup_knowledge", "parameters": {"query": "x"}}]),
        message("conversation-update", messagesOpenAIFormatted=[{"role": "system", "content": PROMPT}]),
        message("session.created", session={"id": "s1"}),
    ],
    ids=lambda told: told["type"],
)
def test_instructions_numbers_and_secrets_are_not_kept(told: dict[str, Any]) -> None:
    kept = json.dumps(parsed(told).payload)
    for private in ("audit failed", "4155550142", SECRET, "storage.test"):
        assert private not in kept


def test_events_are_told_apart_as_their_repetitions_are_not() -> None:
    assert parsed(report()).event_id == parsed(report(cost=9)).event_id
    ended, ringing = message("status-update", status="ended"), message("status-update", status="ringing")
    assert parsed(ended).event_id == parsed({**ended, "timestamp": 5}).event_id
    assert parsed(ended).event_id != parsed(ringing).event_id
    hang = message("hang")
    assert parsed(hang).event_id == parsed(hang).event_id
    assert parsed(hang).event_id != parsed({**hang, "timestamp": 5}).event_id


def test_what_each_message_is_about() -> None:
    assert parsed(report()).topic == Topic.CALL_RECORD
    assert parsed(message("status-update", status="in-progress")).topic == Topic.CALL_STATUS
    ended = message("status-update", status="ended", endedReason="customer-did-not-answer")
    assert parsed(ended).topic == Topic.CALL_FAILED
    assert parsed(message("hang")).topic == Topic.OTHER
    named = parsed(message("hang", variables={"parley_organization": "globex"}))
    assert named.organization == "globex"
    final = parsed(message('transcript[transcriptType="final"]', transcript="Hi"))
    assert final.kind == "transcript"


@pytest.fixture
def account(settings: Any, cast: Cast) -> Cast:
    settings.VENDOR_WEBHOOK_SECRETS = {**settings.VENDOR_WEBHOOK_SECRETS, "vapi": SECRET}
    return cast


def test_a_report_brings_the_turns_of_a_telephone_call(account: Cast) -> None:
    with schema_context("org_acme"):
        call = make_call(trainee=account.ada, provider="vapi", status="in_progress", transport="phone")
        services.note_conversation(call_id=call.pk, conversation_id="vapi-1")
    for _ in range(2):
        assert post(report(started=time.time() - 10)).status_code == 200
    with schema_context("org_acme"):
        for event in InboundEvent.objects.all():
            process_inbound(str(event.pk))
        call = Call.objects.get(pk=call.pk)
        assert [(turn.role, turn.content) for turn in call.turns.all()] == [
            ("assistant", "Hello?"),
            ("user", "Hi, Ada here."),
        ]
        assert [turn.timestamp_ms for turn in call.turns.all()] == [900, 3000]
        assert [turn.end_ms for turn in call.turns.all()] == [1900, 4500]
        assert (call.status, call.ended_by) == ("completed", "trainee")
        assert InboundEvent.objects.count() == 1


def test_somebody_who_calls_is_told_that_nobody_takes_calls(account: Cast) -> None:
    answer = post(message("assistant-request"))
    assert answer.status_code == 200
    assert set(answer.json()) == {"error"}


def test_unknown_kinds_are_stored_and_left_alone(account: Cast) -> None:
    assert post(message("campaign.finished", campaign={"id": "c"})).json() == {"received": True}
    with schema_context("org_acme"):
        assert [event.kind for event in InboundEvent.objects.all()] == ["campaign.finished"]


def test_an_account_without_a_secret_takes_nothing(cast: Cast, settings: Any) -> None:
    settings.VENDOR_WEBHOOK_SECRETS = {}
    assert not vendors.platform_keys("vapi").webhook_secrets
    assert post(report()).status_code == 401
