"""How the vendors that have a key are doing at this minute, for the page of costs: nobody is asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.resilience import BreakerState, breaker_state
from integrations.vendor_names import AI_PROVIDERS, EMBEDDED, name_of
from integrations.vendors import keys_of_all


@dataclass(frozen=True, slots=True)
class VendorNow:
    """A vendor and what its breaker has seen. `own`: the organisation's account, which has a breaker of its own."""

    name: str
    own: bool
    now: BreakerState


def vendors_now() -> list[VendorNow]:
    """Those of the current organisation, in `public` those of the installation. One query at most."""
    keys = keys_of_all(vendor for vendor in AI_PROVIDERS if vendor != EMBEDDED).values()
    return [
        VendorNow(name_of(one.vendor), one.own, breaker_state(one.vendor, account=one.account))
        for one in keys
        if one.usable
    ]
