"""Whose account a vendor is used with: the organisation's own keys where it brought some, else the installation's.

Keys never reach a browser, a log line or an error message; their `repr` says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings


@dataclass(frozen=True, slots=True)
class VendorKeys:
    """`options`: what a vendor needs besides, by the names of its settings in small letters ("agent_id", "public_key").
    `own`: the organisation's, not the installation's."""

    vendor: str
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    own: bool = False

    @property
    def usable(self) -> bool:
        """The embedded engine needs no key; every other vendor does."""
        return self.vendor == "embedded" or bool(self.api_key)


def platform_keys(vendor: str) -> VendorKeys:
    """The installation's."""
    secret = settings.VENDOR_WEBHOOK_SECRETS.get(vendor, "")
    return VendorKeys(
        vendor=vendor,
        api_key=settings.VENDOR_KEYS.get(vendor, ""),
        base_url=settings.VENDOR_BASE_URLS.get(vendor, ""),
        webhook_secrets=(secret,) if secret else (),
        options=settings.VENDOR_OPTIONS.get(vendor, {}),
    )


def keys_of(vendor: str) -> VendorKeys:
    """The current organisation's account with a vendor, else the installation's. One query at most."""
    return platform_keys(vendor)
