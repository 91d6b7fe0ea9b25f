"""Which of a vendor's models to ask, and what happens when the vendor serves one no more."""

from __future__ import annotations

from datetime import date

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.utils import timezone

from accounts.models import User
from integrations.vendor_names import name_of
from integrations.vendors import VendorKeys

from .models import FIRST, ProviderModel

logger = structlog.get_logger(__name__)

ASK_AGAIN = 3600  # seconds until an account that was not served a model is asked for it once more


def named_by_setting(vendor: str) -> str:
    return str(getattr(settings, f"{vendor.upper()}_MODEL", ""))


def models_for(keys: VendorKeys, *, task: str = "") -> list[str]:
    """The names of the models to ask, in order: an account's own choice, then the installation's. One query.

    Never empty: where every model is known to be gone the first of them is asked all the same, so that the vendor says so.
    """
    rows = list(ProviderModel.objects.filter(vendor=keys.vendor, task__in=("", task)))
    gone = {row.name for row in rows if row.retired_at}
    setting = named_by_setting(keys.vendor)
    line = [(row.position, row.name) for row in rows]
    if setting and setting not in {row.name for row in rows}:
        line.append((FIRST, setting))
    names = [name for _position, name in sorted(line)]
    if own := keys.options.get("model"):
        names.insert(0, own)
        gone.discard(own)
    if keys.own:
        gone |= {name for name in names if cache.get(_key(keys, name))}
    served = [name for name in dict.fromkeys(names) if name not in gone]
    return served or names[:1]


def note_gone(keys: VendorKeys, name: str) -> bool:
    """A vendor does not serve this model. True: nobody knew that yet, so the operators are to be told.

    What an organisation's own account is not served, others may be: that is kept in mind for this account alone.
    """
    if keys.own:
        cache.set(_key(keys, name), True, ASK_AGAIN)
        logger.warning("an organisation's own account is not served a model", vendor=keys.vendor, model=name)
        return False
    ProviderModel.objects.get_or_create(vendor=keys.vendor, name=name, task="", defaults={"position": FIRST})
    first = ProviderModel.objects.filter(vendor=keys.vendor, name=name, retired_at=None).update(
        retired_at=timezone.now()
    )
    if first:
        logger.error("a vendor serves a model no more", vendor=keys.vendor, model=name)
    return bool(first)


def note_served(vendor: str, name: str) -> None:
    """It answers after all: a wrong address, or the vendor's own mistake, is mended."""
    ProviderModel.objects.filter(vendor=vendor, name=name).exclude(retired_at=None).update(retired_at=None)


def tell_operators(*, vendor: str, name: str) -> int:
    """Mail to everybody who operates the installation; returns how many."""
    next_in_line = models_for(VendorKeys(vendor))[0]
    taken_over = (
        f"{next_in_line} has taken its place."
        if next_in_line != name
        else "No other model of this vendor is in line, so other vendors and Parley's own engine do its work."
    )
    addresses = list(User.objects.filter(is_staff=True, is_active=True).values_list("email", flat=True))
    for address in addresses:
        send_mail(
            f"{settings.SITE_NAME}: {name_of(vendor)} serves {name} no more",
            f"{name_of(vendor)} answered on {date.today().isoformat()} that it does not serve the model {name}.\n"
            f"{taken_over}\n\n"
            f"Set {vendor.upper()}_MODEL, or change the line: {settings.SITE_URL}/admin/catalogue/providermodel/\n"
            "`manage.py check_models` asks every model once.\n",
            None,
            [address],
        )
    return len(addresses)


def _key(keys: VendorKeys, name: str) -> str:
    return f"model-gone:{keys.vendor}:{name}"
