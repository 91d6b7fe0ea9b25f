"""Which vendors may tell us something. One readable line per vendor."""

from __future__ import annotations

from functools import lru_cache

from django.utils.module_loading import import_string

from integrations.inbound.base import InboundVendor

VENDORS = {
    "elevenlabs": "integrations.voice.elevenlabs.inbound.VENDOR",
    "vapi": "integrations.voice.vapi.inbound.VENDOR",
    "identity": "integrations.identity.inbound.VENDOR",
    "resend": "integrations.email.inbound.VENDOR",
}


@lru_cache
def inbound_vendor(name: str) -> InboundVendor | None:
    """The vendor's adapter; None for a name nobody registered."""
    if name not in VENDORS:
        return None
    made = import_string(VENDORS[name])
    assert isinstance(made, InboundVendor)
    return made
