"""A mail service tells of mail that nobody got, or that somebody did not want."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context
from standardwebhooks import Webhook

from accounts.notices.models import DeadAddress
from integrations.inbound import ledger
from integrations.models import InboundEvent
from tests.cast import Cast

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PATH = "/org/acme/api/webhooks/resend/"
_ids = count(1)


@pytest.fixture(autouse=True)
def secret(settings: Any, cast: Cast) -> None:
    settings.VENDOR_WEBHOOK_SECRETS = {**settings.VENDOR_WEBHOOK_SECRETS, "resend": SECRET}


def send(kind: str, to: str, secret: str = SECRET, **data: Any) -> Any:
    body = json.dumps({"type": kind, "data": {"to": [to], "subject": "Your call", **data}})
    event_id, now = f"msg_{next(_ids)}", datetime.now(tz=UTC)
    headers = {
        "svix-id": event_id,
        "svix-timestamp": str(int(now.timestamp())),
        "svix-signature": Webhook(secret).sign(event_id, now, body),
    }
    return Client().post(PATH, body, content_type="application/json", headers=headers)


def told(kind: str, to: str, **data: Any) -> str:
    assert send(kind, to, **data).status_code in {200, 202}
    with schema_context("org_acme"):
        event = InboundEvent.objects.latest("received_at")
        ledger.process(event_id=event.pk)
        event.refresh_from_db()
        assert "Your call" not in str(event.payload)
        return str(event.outcome)


def dead(slug: str) -> list[tuple[str, str]]:
    with schema_context(f"org_{slug}"):
        return list(DeadAddress.objects.values_list("email", "reason"))


def test_mail_that_came_back_for_good_ends_mail_everywhere(cast: Cast) -> None:
    assert told("email.bounced", "Val@cast.test", bounce={"type": "Permanent"}) == "noted"
    assert dead("acme") == dead("globex") == [("val@cast.test", "bounced")]


def test_a_complaint_does_too_and_a_full_mailbox_does_not(cast: Cast) -> None:
    assert told("email.bounced", "ada@cast.test", bounce={"type": "Transient"}) == "for now"
    assert dead("acme") == []
    assert told("email.complained", "ada@cast.test") == "noted"
    assert (dead("acme"), dead("globex")) == ([("ada@cast.test", "complained")], [])


def test_an_address_of_nobody_is_nobodys(cast: Cast) -> None:
    assert told("email.bounced", "stranger@cast.test", bounce={"type": "Permanent"}) == "nobody"
    assert dead("acme") == []


def test_what_is_not_signed_is_refused(cast: Cast) -> None:
    other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    assert send("email.bounced", "ada@cast.test", secret=other).status_code == 401
    assert dead("acme") == []
