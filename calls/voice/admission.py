"""Who may open a call's voice socket, and what its session starts from. Database hops, one each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.memberships import role_of
from accounts.models import User
from calls import services, tokens
from calls.models import Call
from scenarios.briefs import PersonaBrief
from tenants.context import in_schema
from tenants.models import Organization


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call as its voice session needs it. `resumed`: something was said before. `unheld_ms`: for how long nobody held a
    call that was in progress."""

    call_id: UUID
    schema_name: str
    organization_id: int
    slug: str
    brief: PersonaBrief
    engine_state: dict[str, Any]
    provider: str
    language: str
    text_only: bool
    recording: bool
    time_limit_ms: int
    started_at: datetime
    resumed: bool
    held: bool
    unheld_ms: int


class NotAdmitted(Exception):
    """`reason` is for the log and the close frame: `unknown`, `expired` or `call_ended`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def _admit(organization: Organization, call_id: UUID, token: str) -> Call:
    ticket = tokens.read(tokens.VOICE, token, schema_name=organization.schema_name, call_id=call_id)
    if ticket is None:
        raise NotAdmitted("unknown")
    user = User.objects.filter(pk=ticket.user_id, is_active=True).first()
    call = Call.objects.filter(pk=call_id, trainee_id=ticket.user_id).first()
    if call is None or user is None or role_of(user, organization) is None:
        raise NotAdmitted("unknown")
    if not call.is_live:
        raise NotAdmitted("call_ended")
    if call.status == Call.Status.PENDING and timezone.now() - ticket.issued_at > tokens.VOICE_START:
        raise NotAdmitted("expired")
    return call


def _admit_and_begin(organization: Organization, call_id: UUID, token: str) -> Admitted:
    call = _admit(organization, call_id, token)
    held = services.is_held(call)
    unheld = timezone.now() - call.held_at if call.held_at and not held else timedelta()
    call, _first = services.begin(call_id=call.pk)
    # Spoken in turn by turn so far: from now on by this socket, and single turns are refused while it is there. A direct
    # call comes here when its voice service cannot be had any more.
    before = Call.objects.filter(pk=call.pk, transport__in=[Call.Transport.TURNS, Call.Transport.DIRECT])
    before.update(transport=Call.Transport.BRIDGE)
    assert call.started_at is not None
    return Admitted(
        call_id=call.pk,
        schema_name=organization.schema_name,
        organization_id=organization.pk,
        slug=organization.slug,
        brief=services.brief_of(call),
        engine_state=call.engine_state,
        provider=call.provider or settings.VOICE_PROVIDER or "embedded",
        language=call.language,
        text_only=call.channel == Call.Channel.TEXT,
        recording=call.recording_consent and call.channel == Call.Channel.VOICE,
        time_limit_ms=call.time_limit_ms,
        started_at=call.started_at,
        resumed=call.turns.exists(),
        held=held,
        unheld_ms=unheld // timedelta(milliseconds=1),
    )


admit = in_schema(_admit_and_begin)
