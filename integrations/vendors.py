"""Whose account a vendor is used with: the organisation's own keys where it brought some, else the installation's.

Keys never reach a browser, a log line or an error message; their `repr` says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from tenants.encryption import CannotDecrypt, decrypt
from tenants.schemas import current_schema, in_public

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class VendorKeys:
    """`options`: what a vendor needs besides, by the names of its settings in small letters ("agent_id", "public_key").
    `own`: the organisation's, not the installation's. `account`: whose limits are used up, for breakers; "" is the
    installation."""

    vendor: str
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    own: bool = False
    account: str = ""

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
    return keys_of_all([vendor])[vendor]


def keys_of_all(vendors: Iterable[str]) -> dict[str, VendorKeys]:
    """The same for several, in one query; in the order given."""
    names = list(vendors)
    if in_public():
        return {name: platform_keys(name) for name in names}
    # By name: adapters and their tests load this module where Django's models are not there yet.
    accounts: Any = apps.get_model("integrations", "VendorAccount")
    own = {row.vendor: row for row in accounts.objects.filter(vendor__in=names)}
    return {name: _own_keys(own[name]) if name in own else platform_keys(name) for name in names}


def _own_keys(account: Any) -> VendorKeys:
    """An account of the organisation's own never falls back on the installation's, not even in parts: whoever brought keys
    must not be billed to, or signed for by, somebody else. Addresses are the installation's to choose."""
    secrets = [account.sealed_secret]
    if account.old_secret_until is not None and account.old_secret_until > timezone.now():
        secrets.append(account.sealed_old_secret)
    return VendorKeys(
        vendor=account.vendor,
        api_key=opened(account.sealed_key, vendor=account.vendor),
        base_url=settings.VENDOR_BASE_URLS.get(account.vendor, ""),
        webhook_secrets=tuple(secret for sealed in secrets if (secret := opened(sealed, vendor=account.vendor))),
        options=dict(account.options),
        own=True,
        account=current_schema(),
    )


def opened(sealed: str, *, vendor: str) -> str:
    """The text of a sealed secret; empty for none, and for one that no configured key opens any more."""
    if not sealed:
        return ""
    try:
        return decrypt(sealed)
    except CannotDecrypt:
        logger.error(
            "a vendor's key cannot be read: FIELD_ENCRYPTION_KEYS lacks the one it was sealed with", vendor=vendor
        )
        return ""
