"""The webhook of an identity service: signed like Svix, `{"type": "user.created|updated|deleted", "data": {…}}`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from integrations.inbound.base import Body, InboundInvalid, InboundMessage, InboundRefused, InboundVendor
from integrations.vendors import VendorKeys

# Svix's own names, and those that the standard made of them.
FAMILIES = ("svix", "webhook")


class IdentityInbound(InboundVendor):
    name = "identity"
    max_bytes = 256 * 1024
    refused_status = 400
    refused_message = "Invalid signature"

    def verify(self, headers: Mapping[str, str], body: Body, keys: VendorKeys) -> None:
        verify_signed(headers, body, keys)

    def parse(self, headers: Mapping[str, str], body: Body) -> InboundMessage:
        payload = body.json()
        kind, data = payload.get("type"), payload.get("data")
        if not isinstance(kind, str) or not isinstance(data, dict):
            raise InboundInvalid("A message needs a type and data.")
        external_id = data.get("id")
        if kind.startswith("user.") and not (isinstance(external_id, str) and 0 < len(external_id) <= 200):
            raise InboundInvalid("A message about a person needs data.id, a text of at most 200 characters.")
        return InboundMessage(
            event_id=signed_headers(headers)["webhook-id"],
            kind=kind,
            payload=payload,
            conversation_id=str(external_id or ""),
            occurred_at=written_at(payload),
        )


def verify_signed(headers: Mapping[str, str], body: Body, keys: VendorKeys) -> None:
    """Raises `InboundRefused` unless one of the secrets signed the body, as Svix and Standard Webhooks have it."""
    signed = signed_headers(headers)
    raw = body.read()
    for secret in keys.webhook_secrets:
        try:
            Webhook(secret).verify(raw, signed, json_parse=False)
        except (WebhookVerificationError, ValueError):  # a secret that is no base64 signs nothing
            continue
        return
    raise InboundRefused("mismatch" if keys.webhook_secrets else "no_secret")


def signed_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The three headers under the standard's names. Raises `InboundRefused`; half of one family is none of it."""
    given = {name.lower(): value for name, value in headers.items()}
    for family in FAMILIES:
        found = {f"webhook-{part}": given.get(f"{family}-{part}", "") for part in ("id", "timestamp", "signature")}
        if all(found.values()):
            return found
    raise InboundRefused("no_header")


def written_at(payload: Mapping[str, Any]) -> datetime | None:
    """When the message was written: the envelope's time, else the person's own; milliseconds or RFC 3339."""
    data = payload.get("data") or {}
    for value in (payload.get("timestamp"), data.get("updated_at"), data.get("created_at")):
        try:
            if isinstance(value, int | float) and not isinstance(value, bool):
                return datetime.fromtimestamp(value / 1000, tz=UTC)
            if isinstance(value, str) and value:
                moment = datetime.fromisoformat(value)
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError, OSError):
            continue
    return None


VENDOR = IdentityInbound()
