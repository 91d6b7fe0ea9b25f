"""Calls that go straight from the browser to the voice service, where the organisation wants that and the service can.

Nothing of such a call passes us: it begins when its address is handed out, ends when the trainee hangs up or the service
tells so, and what was said is read from the service's record (`calls.vendor_records`, `calls.reconcile`).
"""

from __future__ import annotations

import structlog

from calls import metering, services
from calls.errors import NotDirect
from calls.models import Call, VendorConversation
from integrations.errors import ProviderError
from integrations.vendors import keys_of
from integrations.voice.base import DirectSession, VoiceBrief
from integrations.voice.registry import provider
from integrations.voice.routing import usable
from scenarios.prompts import buyer_prompt
from tenants.models import Organization

logger = structlog.get_logger(__name__)


def begin_direct(*, call: Call, organization: Organization) -> DirectSession | None:
    """An address at the call's voice service; the call has then begun. None: it goes through us.

    A call that something was said in, or that began through us, stays with us: only we know what was said.
    """
    if not organization.voice_direct or call.is_redo or call.turns.exists():
        return None
    if call.status == Call.Status.IN_PROGRESS and call.transport != Call.Transport.DIRECT:
        return None
    try:
        session = provider(call.provider).direct_session(
            brief_for(call, organization), keys=keys_of(call.provider), recording=call.recording_consent
        )
    except ProviderError as error:
        logger.warning("no direct call", call=str(call.pk), provider=call.provider, code=error.code)
        return None
    if session is None:
        return None
    _began(call, session)
    return session


def joined_by_browser(call: Call, organization: Organization) -> bool:
    """Would `begin_browser_call` be the way of this call: is the voice service that is asked first one whose own software a
    browser needs?"""
    if not _may_join(call, organization):
        return False
    first = next((candidate for candidate in usable(organization) if not candidate.resting), None)
    return first is not None and provider(first.name).joined_by_browser(first.keys)


def _may_join(call: Call, organization: Organization) -> bool:
    fresh = call.status == Call.Status.PENDING and not call.on_the_phone and not call.is_redo
    return organization.voice_direct and call.channel == Call.Channel.VOICE and fresh


def begin_browser_call(
    *, call: Call, organization: Organization, recording_consent: bool | None = None
) -> tuple[Call, DirectSession]:
    """A call that the browser joins by the voice service's own software; it has then begun. Consent, once given for a call,
    is not changed by silence.

    Raises `NotDirect` where the organisation, its service or the call's state does not allow it.
    """
    if not _may_join(call, organization):
        raise NotDirect
    if recording_consent is not None:
        call.recording_consent = recording_consent
        call.save(update_fields=["recording_consent"])
    for candidate in usable(organization):
        if candidate.resting or not metering.afford(call_id=call.pk, provider=candidate.name):
            continue
        try:
            session = provider(candidate.name).browser_call(
                brief_for(call, organization), keys=candidate.keys, recording=call.recording_consent
            )
        except ProviderError as error:
            logger.warning("no call in the browser", call=str(call.pk), provider=candidate.name, code=error.code)
            continue
        if session is not None:
            Call.objects.filter(pk=call.pk).update(provider=candidate.name)
            return _began(call, session), session
    raise NotDirect


def _began(call: Call, session: DirectSession) -> Call:
    Call.objects.filter(pk=call.pk).update(transport=Call.Transport.DIRECT)
    services.begin_elsewhere(call_id=call.pk)
    if session.conversation_id:
        services.note_conversation(call_id=call.pk, conversation_id=session.conversation_id)
    call.refresh_from_db()
    return call


def variables(call: Call, organization: Organization) -> dict[str, str]:
    """What the browser tells the service, so that its record finds the way to the call."""
    return {"parley_call_id": str(call.pk), "parley_organization": organization.slug}


def note_end(*, call: Call, conversation_id: str) -> None:
    """The browser names the conversation it held. Believed only where nobody has told us of any, and never twice."""
    if not conversation_id or call.transport != Call.Transport.DIRECT or call.metadata.get("conversation_ids"):
        return
    if not VendorConversation.objects.filter(vendor=call.provider, conversation_id=conversation_id).exists():
        services.note_conversation(call_id=call.pk, conversation_id=conversation_id)


def brief_for(call: Call, organization: Organization) -> VoiceBrief:
    """What a service is told of the buyer in a call that does not pass us."""
    buyer = services.brief_of(call)
    return VoiceBrief(
        call_id=str(call.pk),
        prompt=buyer_prompt(buyer),
        first_message=buyer.first_words,
        language=call.language,
        voice_id=buyer.voice_id,
        text_only=call.channel == Call.Channel.TEXT,
        variables=variables(call, organization),
        time_limit_seconds=call.time_limit_ms // 1000,
        observable=organization.observers_allowed and not call.is_hidden,
    )
