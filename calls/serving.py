"""Who serves a call's voice: noted when one speaks, when one fails, and given back when none is left."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from calls import events, metering
from calls.errors import NoVoiceService
from calls.models import Call, Turn
from calls.services import note_conversation
from integrations.budgets.standing import spent_until_next_month
from integrations.voice.routing import candidates
from tenants.models import Organization

# A service that failed in this call is asked last for so long.
SHUN = timedelta(minutes=2)
# After this many broken sessions the call ends: a conversation in pieces is no practice.
MOST_FAILURES = 4


def provider_for(call: Call, organization: Organization) -> str:
    """Who is to speak in this call: who speaks in it already, else the best that can be had and that the month's budget
    covers, for which its cost is put aside. Raises `NoVoiceService`, and `BudgetSpent` where only money is wanting."""
    if call.status == Call.Status.IN_PROGRESS and call.provider:
        return call.provider
    names = candidates(organization)
    if not names:
        raise NoVoiceService(details={"reason": "no_voice_service"})
    for name in names:
        if metering.afford(call_id=call.pk, provider=name):
            return name
    raise spent_until_next_month()


def note_session(*, call_id: UUID, provider: str, conversation_id: str, started_at: datetime | None) -> None:
    """This service speaks now; it calls the conversation so. `started_at`: zero of the call's clock, where it was set
    anew because nothing had been said."""
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=call_id)
        metering.changed_over(call, provider=provider, at=timezone.now())
        Call.objects.filter(pk=call_id).update(provider=provider)
        if started_at is not None:
            Call.objects.filter(pk=call_id, status=Call.Status.IN_PROGRESS).update(started_at=started_at)
        note_conversation(call_id=call_id, conversation_id=conversation_id)


def note_failure(*, call_id: UUID, provider: str, code: str, message: str, at_ms: int | None) -> int:
    """Remember that a service failed in this call, for the choice of the next one and for the flight record; returns how
    often any has. `code` is one of our own words (`ProviderError.code`), `message` quotes nobody."""
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=call_id)
        failures = [
            *call.metadata.get("provider_failures", []),
            {"provider": provider, "code": code, "at": timezone.now().isoformat()},
        ]
        call.metadata["provider_failures"] = failures
        call.save(update_fields=["metadata", "updated_at"])
        data = {"provider": provider, "error_type": code, "message": message[:300], "fatal": True}
        events.keep(call_id, "provider:fault", data, at_ms=at_ms)
    return len(failures)


def shunned(call: Call) -> frozenset[str]:
    """The services that failed in this call a moment ago."""
    since = timezone.now() - SHUN
    return frozenset(
        failure["provider"]
        for failure in call.metadata.get("provider_failures", [])
        if datetime.fromisoformat(failure["at"]) > since
    )


def give_back(*, call_id: UUID) -> bool:
    """In progress → pending: no voice could be had and nobody has said anything, so no attempt is used. False: something was
    said (or the call is not in progress), and nothing changes."""
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(pk=call_id, status=Call.Status.IN_PROGRESS).first()
        if call is None or spoken(call).exists():
            return False
        Call.objects.filter(pk=call_id).update(
            status=Call.Status.PENDING, started_at=None, held_at=None, updated_at=timezone.now()
        )
        metering.free(call_id)
        events.keep(call_id, "call:given_back", {}, at_ms=None)
    return True


def spoken(call: Call) -> QuerySet[Turn]:
    """What was said in this call itself; a redo begins with turns of the call it branched off."""
    return call.turns.filter(seq__gt=call.forked_at_seq or 0)
