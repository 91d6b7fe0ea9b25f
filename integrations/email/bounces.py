"""Mail that came back for good, and mail that was reported as spam: nothing more goes there until the person says so.

The installation has one account with the mail service, whose messages come to one organisation's address; the person is told
nothing by mail in any organisation then.
"""

from __future__ import annotations

from typing import Any

from django_tenants.utils import schema_context

from accounts.models import Membership
from accounts.notices.models import DeadAddress
from accounts.notices.preferences import note_dead_address
from integrations.inbound import handlers
from integrations.inbound.base import Received

BOUNCED, COMPLAINED = "email.bounced", "email.complained"


def handle(received: Received) -> str:
    """A mailbox that is full or busy for now is tried again with the next mail."""
    data = received.payload.get("data") or {}
    if received.kind == BOUNCED and not _is_for_good(data.get("bounce")):
        return "for now"
    reason = DeadAddress.Reason.COMPLAINED if received.kind == COMPLAINED else DeadAddress.Reason.BOUNCED
    addresses = [to for to in data.get("to") or [] if isinstance(to, str)]
    found = 0
    for address in addresses:
        seats = Membership.objects.active().filter(user__email__iexact=address).select_related("organization")
        for seat in seats:
            with schema_context(seat.organization.schema_name):
                note_dead_address(email=address, reason=reason)
            found += 1
    return "noted" if found else "nobody"


def _is_for_good(bounce: Any) -> bool:
    kind = bounce.get("type") if isinstance(bounce, dict) else ""
    return str(kind or "Permanent").lower() == "permanent"


for name in (BOUNCED, COMPLAINED):
    handlers.register("resend", name, "integrations.email.bounces.handle")
