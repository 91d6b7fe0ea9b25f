"""An organisation's own accounts with vendors: written, checked, rotated and removed. What was written is never shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people import audit
from integrations.errors import ProviderError, ProviderNotConfigured, ProviderRefused, ProviderUnavailable
from integrations.llm.registry import MODELS, language_model
from integrations.llm.trial import QUESTION
from integrations.models import VendorAccount
from integrations.vendor_names import KEYLESS, name_of
from integrations.vendors import VendorKeys, keys_of, platform_keys
from integrations.voice.registry import PROVIDERS, provider
from tenants.encryption import encrypt
from tenants.errors import InvalidInput

# While a webhook secret is being changed at the vendor, both are good.
ROTATION = timedelta(hours=48)
CHECK_SECONDS = 10.0
HINT = 4


def check(keys: VendorKeys) -> None:
    """Are these keys good? Asks the vendor. Raises a `ProviderError`."""
    if keys.vendor in KEYLESS:
        return
    if not keys.api_key:
        raise ProviderNotConfigured("no key is set", provider=keys.vendor)
    if keys.vendor in PROVIDERS:
        provider(keys.vendor).check(keys)
    elif keys.vendor in MODELS:
        language_model(keys.vendor, keys=keys).answer(QUESTION, timeout=CHECK_SECONDS)


def explained(error: ProviderError) -> str:
    """What a check found, for whoever typed the key."""
    vendor = name_of(error.provider)
    if isinstance(error, ProviderRefused) and error.status in (401, 403):
        return _("%(vendor)s does not take this key.") % {"vendor": vendor}
    if isinstance(error, ProviderUnavailable):
        return _("%(vendor)s could not be asked (%(reason)s).") % {"vendor": vendor, "reason": error.message}
    return _("%(vendor)s says: %(reason)s.") % {"vendor": vendor, "reason": error.message}


def proposed(*, vendor: str, api_key: str, options: Mapping[str, str], account: VendorAccount | None) -> VendorKeys:
    """The keys as they would be after saving; an empty `api_key` leaves the one that is there."""
    known = keys_of(vendor) if account is not None else VendorKeys(vendor)
    return VendorKeys(
        vendor=vendor,
        api_key=api_key or known.api_key,
        base_url=platform_keys(vendor).base_url,
        options=dict(options),
        own=True,
        account=known.account,
    )


@transaction.atomic
def save(
    *,
    vendor: str,
    api_key: str = "",
    webhook_secret: str = "",
    options: Mapping[str, str],
    actor: Any,
    checked: bool,
) -> VendorAccount:
    """Write an account; empty secrets leave what is there. A new webhook secret leaves the old one good for two days.

    `checked`: the vendor was asked and agreed. Raises `InvalidInput` for an account without a key.
    """
    account = VendorAccount.objects.select_for_update().filter(vendor=vendor).first()
    made = account is None
    account = account or VendorAccount(vendor=vendor)
    changed = [name for name, value in (("api_key", api_key), ("webhook_secret", webhook_secret)) if value]
    if account.options != dict(options):
        changed.append("options")
    if api_key:
        account.sealed_key, account.key_hint = encrypt(api_key), hint(api_key)
    if webhook_secret:
        if account.sealed_secret:
            account.sealed_old_secret, account.old_secret_until = account.sealed_secret, timezone.now() + ROTATION
        account.sealed_secret, account.secret_hint = encrypt(webhook_secret), hint(webhook_secret)
    if not account.sealed_key and vendor not in KEYLESS:
        raise InvalidInput(details={"field": "api_key", "issue": _("An account needs a key.")})
    account.options = dict(options)
    account.checked_at = timezone.now() if checked else None
    account.last_error = ""
    account.save()
    # The names of what changed, never the values.
    audit.record(
        actor, "vendor_account.added" if made else "vendor_account.changed", account, vendor=vendor, fields=changed
    )
    return account


def hint(secret: str) -> str:
    """The end of a secret, to tell two apart; of a short one nothing."""
    return secret[-HINT:] if len(secret) >= 4 * HINT else ""


def check_again(*, account: VendorAccount) -> str:
    """Ask the vendor once more; returns what is wrong as a sentence, empty when nothing is."""
    try:
        check(keys_of(account.vendor))
        problem = ""
    except ProviderError as error:
        problem = explained(error)
    VendorAccount.objects.filter(pk=account.pk).update(checked_at=timezone.now(), last_error=problem[:200])
    return problem


def end_old_secret(*, account: VendorAccount, actor: Any) -> None:
    """The vendor signs with the new one: the old one is good no longer."""
    VendorAccount.objects.filter(pk=account.pk).update(sealed_old_secret="", old_secret_until=None)
    audit.record(actor, "vendor_account.old_secret_ended", account, vendor=account.vendor)


def remove(*, account: VendorAccount, actor: Any) -> None:
    """The organisation uses the installation's account again, where there is one."""
    audit.record(actor, "vendor_account.removed", account, vendor=account.vendor)
    account.delete()
