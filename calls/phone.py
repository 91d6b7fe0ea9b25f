"""Practice by telephone: a voice service calls the trainee, where the organisation allows that and the service can.

As with every call that goes past us, its record is the service's. The number is the trainee's own business: it is passed on
and forgotten; of it the call keeps the last two digits, so that the trainee sees which telephone rings.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Any
from uuid import UUID

import phonenumbers
import structlog
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberType

from accounts.people import audit
from calls import metering, services
from calls.direct import brief_for
from calls.errors import (
    CallAlreadyEnded,
    CallHeld,
    IllegalTransition,
    PhoneBusy,
    PhoneFailed,
    PhoneNotAllowed,
    PhoneNotPossible,
)
from calls.models import Call, VendorConversation
from calls.services import Ending
from calls.vendor_records import close_unanswered, find, is_closed
from integrations.budgets.standing import spent_until_next_month
from integrations.errors import ProviderError
from integrations.inbound.base import Received
from integrations.inbound.ledger import NOT_OURS
from integrations.vendors import VendorKeys, keys_of
from integrations.voice.registry import provider
from integrations.voice.routing import usable
from tenants.errors import InvalidInput
from tenants.models import Organization

logger = structlog.get_logger(__name__)

# What costs whoever calls it, or is no telephone of a person.
REFUSED_TYPES = frozenset(
    {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN, PhoneNumberType.VOICEMAIL}
)


def account(organization: Organization) -> VendorKeys | None:
    """The account that telephones for this organisation; None where there is none or it may not."""
    if not organization.phone_calls_allowed:
        return None
    for candidate in usable(organization):
        if not candidate.resting and provider(candidate.name).telephones(candidate.keys):
            return candidate.keys
    return None


def e164(number: str, *, keys: VendorKeys) -> str:
    """The number as networks write it, "+34600123456". Raises `InvalidInput`; the number is not repeated in it."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        raise _bad(_("Write the number with its country, such as +34 600 123 456.")) from None
    if not phonenumbers.is_valid_number(parsed) or phonenumbers.number_type(parsed) in REFUSED_TYPES:
        raise _bad(_("This is not a telephone number that can be called."))
    countries = keys.options.get("phone_countries", "").upper().replace(",", " ").split()
    if countries and phonenumbers.region_code_for_number(parsed) not in countries:
        raise _bad(_("Your organisation does not call numbers of this country."))
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _bad(sentence: str) -> InvalidInput:
    return InvalidInput(details={"field": "number", "issue": sentence})


def place(
    *, call: Call, organization: Organization, number: str, agreed: bool, recording_consent: bool | None = None
) -> Call:
    """Have the trainee's telephone ring. `agreed`: to be called there by a voice service.

    Raises `PhoneNotAllowed`, `PhoneNotPossible`, `PhoneBusy`, `PhoneFailed`, `InvalidInput`; for a call in the wrong state
    `CallAlreadyEnded`, `CallHeld` or `IllegalTransition`; `BudgetSpent` where the month's budget does not cover it.
    """
    if not organization.phone_calls_allowed:
        raise PhoneNotAllowed
    keys = account(organization)
    if keys is None:
        raise PhoneNotPossible
    if not agreed:
        raise InvalidInput(details={"field": "consent", "issue": _("Nobody is called who has not agreed to it.")})
    number = e164(number, keys=keys)
    if not metering.afford(call_id=call.pk, provider=keys.vendor):
        raise spent_until_next_month()
    call = _take(call=call, vendor=keys.vendor, ends=number[-2:], recording_consent=recording_consent)
    try:
        conversation_id = provider(keys.vendor).place_call(
            brief_for(call, organization), number=number, keys=keys, recording=call.recording_consent
        )
    except ProviderError as error:
        # Neither the number nor the vendor's sentence, which may repeat it.
        logger.warning("a telephone call could not be placed", call=str(call.pk), code=error.code)
        give_up(call_id=call.pk, reason="not_connected")
        raise PhoneFailed from None
    services.note_conversation(call_id=call.pk, conversation_id=conversation_id)
    audit.record(call.trainee, "call.phoned", call, vendor=keys.vendor)
    call.refresh_from_db()
    return call


@transaction.atomic
def _take(*, call: Call, vendor: str, ends: str, recording_consent: bool | None) -> Call:
    """The call is by telephone now. One person is called once at a time."""
    # Two requests at once wait for each other here.
    get_user_model().objects.select_for_update().get(pk=call.trainee_id)
    others = Call.objects.live().filter(trainee_id=call.trainee_id, transport=Call.Transport.PHONE)
    if any(other.on_the_phone for other in others):
        raise PhoneBusy
    call = Call.objects.select_for_update().get(pk=call.pk)
    if not call.is_live:
        raise CallAlreadyEnded
    if services.is_held(call):
        raise CallHeld
    if call.status != Call.Status.PENDING or call.is_redo or call.channel != Call.Channel.VOICE or call.turns.exists():
        raise IllegalTransition(details={"issue": _("Only a new voice call can be held by telephone.")})
    close_unanswered(call)
    call.transport, call.provider = Call.Transport.PHONE, vendor
    call.metadata = {**call.metadata, "phone": {"ends": ends, "placed_at": timezone.now().isoformat()}}
    if recording_consent is not None:
        call.recording_consent = recording_consent
    call.save(update_fields=["transport", "provider", "metadata", "recording_consent", "updated_at"])
    return call


@transaction.atomic
def give_up(*, call_id: UUID, reason: str) -> bool:
    """Nobody was reached: the call can be tried again, here or by telephone. False where somebody was."""
    call = Call.objects.select_for_update().get(pk=call_id)
    if call.transport != Call.Transport.PHONE or call.status != Call.Status.PENDING:
        return False
    close_unanswered(call)
    call.transport = Call.Transport.BRIDGE
    call.metadata = {**call.metadata, "phone": {**call.metadata.get("phone", {}), "failed": reason}}
    call.save(update_fields=["transport", "metadata", "updated_at"])
    metering.free(call.pk)
    return True


def state_of(call: Call, *, now: datetime) -> str:
    """Where a telephone call stands: none, ringing, failed (nobody was reached), underway or over."""
    if not call.metadata.get("phone"):
        return "none"
    if not call.is_live:
        return "over"
    if call.status == Call.Status.IN_PROGRESS:
        return "underway"
    until = call.rings_until
    return "ringing" if until is not None and now < until else "failed"


def hang_up(*, call: Call) -> None:
    """Tell the voice service that it is over. A service that does not hear us ends the call by its own time limit."""
    known = VendorConversation.objects.filter(call=call).order_by("-opened_at").first()
    if known is None:
        return
    try:
        provider(known.vendor).hang_up(known.conversation_id, keys=keys_of(known.vendor))
    except ProviderError as error:
        logger.warning("the voice service was not told to hang up", call=str(call.pk), code=error.code)


def cancel(*, call: Call) -> Call:
    """Stop a telephone from ringing."""
    if call.status == Call.Status.PENDING and call.transport == Call.Transport.PHONE:
        hang_up(call=call)
        give_up(call_id=call.pk, reason="cancelled")
        call.refresh_from_db()
    return call


# -- what the voice service tells ------------------------------------------------------------------------------------------
def on_status(received: Received) -> str:
    """Handler of `Topic.CALL_STATUS`: somebody picked up, or put down."""
    call = _phone_call(received)
    if call is None:
        return NOT_OURS
    state = received.payload.get("state")
    if state == "started":
        with contextlib.suppress(CallAlreadyEnded):
            services.begin_elsewhere(call_id=call.pk)
            return "begun"
    if state == "ended" and call.status == Call.Status.IN_PROGRESS:
        by = str(received.payload.get("by") or "system")
        services.complete(
            call_id=call.pk, ending=Ending(by, str(received.payload.get("reason") or ""), at=_when(received))
        )
        return "ended"
    return "noted"


def on_failure(received: Received) -> str:
    """Handler of `Topic.CALL_FAILED`: nobody picked up."""
    call = _phone_call(received)
    if call is None:
        return NOT_OURS
    given_up = give_up(call_id=call.pk, reason=str(received.payload.get("reason") or "not_connected"))
    return "nobody was reached" if given_up else "noted"


def _phone_call(received: Received) -> Call | None:
    variables: Any = received.payload.get("variables", {})
    call = find(vendor=received.vendor, conversation_id=received.conversation_id, variables=variables)
    # The telephone may have been given up for the browser, or rung anew, before this came.
    if call is None or call.transport != Call.Transport.PHONE or is_closed(received):
        return None
    return call


def _when(received: Received) -> datetime:
    return min(received.received_at, timezone.now())
