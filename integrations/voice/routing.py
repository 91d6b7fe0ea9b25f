"""Which voice services may serve a call, in the order in which they are tried.

The organisation's order, or the installation's where it has none; of those, what its allow-list lets through, what has keys,
and what is not resting after failures. The embedded engine comes last and is always possible unless the allow-list leaves it
out: it needs nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from integrations.resilience import breaker_state
from integrations.vendors import VendorKeys, keys_of_all, platform_keys
from integrations.voice.registry import PROVIDERS, provider
from tenants.models import Organization

EMBEDDED = "embedded"
# Where nobody chose: the services made for conversation first.
PREFERENCE = ("elevenlabs", "vapi", "openai")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A voice service and the account it would be used with. `resting`: it failed too often just now."""

    name: str
    keys: VendorKeys
    resting: bool = False


def candidates(organization: Organization) -> list[str]:
    """The names of those that can be tried now, best first; empty when none is left."""
    return [candidate.name for candidate in routes(organization)]


def routes(organization: Organization, *, first: str = "") -> list[Candidate]:
    """The same with their accounts. `first`: who served this call before, and goes on with it if it can.

    Where the organisation wants no fail-over there is one at most: the best, unless it rests.
    """
    found = usable(organization)
    if not organization.voice_failover:
        kept = [one for one in found if one.name == first] or found[:1]
        return [one for one in kept if not one.resting]
    ready = [one for one in found if not one.resting]
    return sorted(ready, key=lambda one: one.name != first)


def usable(organization: Organization) -> list[Candidate]:
    """Everything that has keys and is allowed, resting or not. Reads the current organisation's accounts."""
    keys = keys_of_all(order(organization))
    return [Candidate(name, account, rests(account)) for name, account in keys.items() if account.usable]


def rests(keys: VendorKeys) -> bool:
    return keys.vendor != EMBEDDED and breaker_state(keys.vendor, account=keys.account).state == "resting"


def order(organization: Organization) -> list[str]:
    """Names in the order of preference, keys or not."""
    chosen = [name for name in organization.voice_providers if name in PROVIDERS] or installation_order()
    allowed = organization.allowed_ai_providers
    return [name for name in dict.fromkeys([*chosen, EMBEDDED]) if not allowed or name in allowed]


def installation_order() -> list[str]:
    """`VOICE_PROVIDER` first, then the others; "embedded" asks nobody else."""
    if settings.VOICE_PROVIDER == EMBEDDED:
        return [EMBEDDED]
    names = dict.fromkeys([settings.VOICE_PROVIDER, *PREFERENCE, EMBEDDED])
    return [name for name in names if name in PROVIDERS]


def warm() -> None:
    """Have the installation's voices loaded before the first call. Takes seconds: not for an event loop."""
    for name in installation_order():
        if platform_keys(name).usable:
            provider(name).warm()
