"""`manage.py check_integrations`: does every vendor with a key answer, and does what they tell us arrive?

Each line says what was found, and what to do where something is wrong.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django_tenants.utils import tenant_context

from calls import reconcile
from integrations import accounts
from integrations.errors import ProviderError, ProviderUnavailable
from integrations.models import InboundEvent, VendorAccount
from integrations.resilience import breaker_state
from integrations.vendor_names import ACCOUNTS, KEYLESS, POSTING, name_of
from integrations.vendors import VendorKeys, keys_of_all, platform_keys
from tenants.context import org_url
from tenants.models import Organization

ADDRESSES = {
    "elevenlabs": "https://api.elevenlabs.io",
    "vapi": "https://api.vapi.ai",
    "openai": "https://api.openai.com",
    "openrouter": "https://openrouter.ai",
    "groq": "https://api.groq.com",
    "gemini": "https://generativelanguage.googleapis.com",
}
# Signatures carry the time; the strictest vendor allows five minutes.
MOST_SKEW = timedelta(seconds=60)
LATELY = timedelta(days=7)


class Command(BaseCommand):
    help = "Ask every vendor that has a key, and look at what vendors told us. Ends with 1 where something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS")

    def handle(self, *args: Any, timeout: float, **options: Any) -> None:
        self.problems: list[str] = []
        self.asked = 0
        self.timeout = timeout
        for vendor in ACCOUNTS:
            self._vendor(platform_keys(vendor), where="the installation")
        for organization in Organization.objects.active().order_by("slug"):
            with tenant_context(organization):
                self._organization(organization)
        if not self.asked:
            self.stdout.write("No vendor has a key, so none was asked: the embedded engine serves every role.")
        if self.problems:
            raise CommandError(f"{len(self.problems)} to look at: {', '.join(dict.fromkeys(self.problems))}.")

    # -- vendors ------------------------------------------------------------------------------------------------------
    def _vendor(self, keys: VendorKeys, *, where: str) -> None:
        if keys.vendor in KEYLESS or not keys.usable:
            return
        self.asked += 1
        label = f"{name_of(keys.vendor)} ({where})"
        began = time.monotonic()
        try:
            accounts.check(keys)
        except ProviderUnavailable as error:
            self._bad(
                label,
                f"cannot be reached ({error.message}): calls go to the next service; see the vendor's status page",
            )
        except ProviderError as error:
            self._bad(label, f"{accounts.explained(error)} Correct the key or its options, then run this again.")
        else:
            self._good(label, f"the key is accepted ({(time.monotonic() - began) * 1000:.0f} ms)")
        state = breaker_state(keys.vendor, account=keys.account)
        if state.state == "resting":
            self._bad(label, f"rests for another {state.seconds_left:.0f} s after failures in a row")
        elif state.state == "probing":
            self._good(label, "failed a while ago; the next request decides whether it is back")
        self._clock(keys, label)

    def _clock(self, keys: VendorKeys, label: str) -> None:
        """A vendor's answer says what time it is there."""
        try:
            answer = httpx.head(keys.base_url or ADDRESSES[keys.vendor], timeout=self.timeout)
            theirs = parsedate_to_datetime(answer.headers["date"])
        except (httpx.HTTPError, KeyError, ValueError):
            return
        skew = datetime.now(tz=UTC) - theirs
        if abs(skew) > MOST_SKEW:
            seconds = skew.total_seconds()
            self._bad(
                label, f"our clock is {seconds:+.0f} s off: signatures will be refused; set the machine's clock by NTP"
            )

    # -- organisations ------------------------------------------------------------------------------------------------
    def _organization(self, organization: Organization) -> None:
        own = set(VendorAccount.objects.values_list("vendor", flat=True))
        for keys in keys_of_all(ACCOUNTS).values():
            if keys.vendor in own:
                self._own_account(keys, organization)
            if keys.vendor in POSTING and (keys.usable or keys.vendor in own):
                for line in self._webhook(keys, organization):
                    self.stdout.write(line)
        records = reconcile.recovered()
        if any(records.values()):
            self.stdout.write(
                f"{organization.slug}: vendors' records of the last day: {records['told']} told, "
                f"{records['fetched']} recovered by asking, {records['missing']} missing"
            )
        given_up = InboundEvent.objects.filter(processed_at=None, next_attempt_at=None).count()
        if given_up:
            page = org_url(organization, "admin:integrations_inboundevent_changelist") + "?state=failed"
            self._bad(
                organization.slug,
                f"{given_up} received events were given up: look at them and process them again at {page}",
            )

    def _own_account(self, keys: VendorKeys, organization: Organization) -> None:
        if keys.vendor not in KEYLESS and not keys.api_key:
            self.asked += 1
            label = f"{name_of(keys.vendor)} ({organization.slug})"
            self._bad(label, "the key cannot be opened: put the key it was sealed with back into FIELD_ENCRYPTION_KEYS")
            return
        self._vendor(keys, where=organization.slug)

    def _webhook(self, keys: VendorKeys, organization: Organization) -> Iterator[str]:
        label = f"{name_of(keys.vendor)} ({organization.slug})"
        address = org_url(organization, "inbound", vendor=keys.vendor).rstrip("/") + "/"
        last = InboundEvent.objects.filter(vendor=keys.vendor).order_by("-received_at").first()
        if not keys.webhook_secrets:
            yield (
                f"{label}: no webhook secret, so its messages are refused and records are fetched instead. Enter {address} "
                f"at the vendor and its secret here"
            )
        elif last is None:
            yield f"{label}: no webhook seen yet. Is {address} entered at the vendor?"
        elif timezone.now() - last.received_at > LATELY:
            yield f"{label}: no webhook since {last.received_at:%Y-%m-%d}. Look there: vendors switch off what failed"
        else:
            yield f"{label}: last webhook {last.received_at:%Y-%m-%d %H:%M} UTC"

    def _good(self, label: str, text: str) -> None:
        self.stdout.write(f"{label}: {text}")

    def _bad(self, label: str, text: str) -> None:
        self.problems.append(label)
        self.stdout.write(self.style.ERROR(f"{label}: {text}"))
