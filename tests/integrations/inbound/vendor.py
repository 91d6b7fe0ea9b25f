"""A vendor made up for the tests: signs `t.body` like most of them, sends whatever it is told to."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from unittest import mock

from django.test import Client, override_settings

from integrations.inbound import registry, signatures
from integrations.inbound.base import (
    Body,
    InboundInvalid,
    InboundMessage,
    InboundRefused,
    InboundVendor,
    Received,
    Topic,
)
from integrations.vendors import VendorKeys

SECRET = "whsec-of-the-installation"
NAME = "chatterbox"
PATH = f"/org/acme/api/webhooks/{NAME}/"


class Chatterbox(InboundVendor):
    name = NAME
    max_bytes = 8 * 1024 * 1024
    synchronous: ClassVar[frozenset[str]] = frozenset({"ask"})

    def verify(self, headers: Mapping[str, str], body: Body, keys: VendorKeys) -> None:
        parts = dict(part.split("=", 1) for part in headers.get("X-Chatter", "").split(",") if "=" in part)
        if "v0" not in parts:
            raise InboundRefused("no_header")
        at = parts.get("t", "")
        signatures.fresh(at, tolerance=1800)
        digests = signatures.hmac_digests(body, signatures.secrets_of(keys.webhook_secrets), prefix=f"{at}.".encode())
        if not signatures.any_equal([digest.hex() for digest in digests], [parts["v0"]]):
            raise InboundRefused("mismatch")

    def parse(self, headers: Mapping[str, str], body: Body) -> InboundMessage:
        large = body.size > 1024 * 1024
        payload = json.loads(body.head(200).split(b"|", 1)[0]) if large else body.json()
        if "id" not in payload:
            raise InboundInvalid("An event without an id.")
        return InboundMessage(
            event_id=str(payload["id"]),
            kind=str(payload.get("type", "")),
            payload=payload,
            topic=Topic.CALL_RECORD if payload.get("type") == "record" else Topic.OTHER,
            conversation_id=str(payload.get("conversation", "")),
            keep_body=large,
            organization=str(payload.get("organization", "")),
        )

    def answer_without_handler(self, message: InboundMessage) -> dict[str, Any]:
        return {"results": []}


VENDOR = Chatterbox()
# What the handlers below were given, in order; and what they do.
heard: list[Received] = []
sizes: list[int] = []
behaviour: dict[str, Any] = {}


def listen(received: Received) -> str:
    heard.append(received)
    if received.body is not None:
        sizes.append(len(received.body.read()))
    if "error" in behaviour:
        raise behaviour["error"]
    return str(behaviour.get("outcome", "heard"))


def reply(received: Received) -> dict[str, Any]:
    return {"results": [{"id": received.event_id, "result": "forty-two"}]}


@contextmanager
def chatterbox(secret: str = SECRET) -> Iterator[None]:
    """The vendor is there, with the installation's account."""
    heard.clear()
    sizes.clear()
    behaviour.clear()
    registry.inbound_vendor.cache_clear()
    with (
        mock.patch.dict(registry.VENDORS, {NAME: f"{__name__}.VENDOR"}),
        override_settings(VENDOR_WEBHOOK_SECRETS={NAME: secret} if secret else {}),
    ):
        yield
    registry.inbound_vendor.cache_clear()


def signed(body: bytes, *, secret: str = SECRET, at: int | None = None) -> dict[str, str]:
    stamp = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()
    return {"X-Chatter": f"t={stamp},v0={digest}"}


def post(payload: Any, *, path: str = PATH, client: Client | None = None, secret: str = SECRET, **headers: str) -> Any:
    """Send a message as the vendor does: signed, over the raw bytes."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return (client or Client(enforce_csrf_checks=True)).post(
        path, body, content_type="application/json", headers={**signed(body, secret=secret), **headers}
    )
