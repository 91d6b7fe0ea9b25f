"""Resend's webhook: signed like Svix, `{"type": "email.…", "created_at": …, "data": {"email_id", "to": […], …}}`."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.identity.inbound import signed_headers, verify_signed, written_at
from integrations.inbound.base import Body, InboundInvalid, InboundMessage, InboundVendor
from integrations.vendors import VendorKeys


class ResendInbound(InboundVendor):
    name = "resend"
    max_bytes = 256 * 1024

    def verify(self, headers: Mapping[str, str], body: Body, keys: VendorKeys) -> None:
        verify_signed(headers, body, keys)

    def parse(self, headers: Mapping[str, str], body: Body) -> InboundMessage:
        payload = body.json()
        kind, data = payload.get("type"), payload.get("data")
        if not isinstance(kind, str) or not isinstance(data, dict):
            raise InboundInvalid("A message needs a type and data.")
        return InboundMessage(
            event_id=signed_headers(headers)["webhook-id"],
            kind=kind,
            payload={"type": kind, "created_at": payload.get("created_at"), "data": _needed(data)},
            occurred_at=written_at(payload),
        )


def _needed(data: Mapping[str, object]) -> dict[str, object]:
    """Who it was for and how it failed; what stood in the mail is not kept."""
    return {name: data[name] for name in ("email_id", "to", "bounce") if name in data}


VENDOR = ResendInbound()
