"""Vendors' records that nobody told us of are fetched: webhooks get lost, and a call must not get lost with them."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models import F, Q
from django.utils import timezone

from calls import recordings, services, vendor_records
from calls.models import Call, VendorConversation
from calls.services import Ending
from integrations.errors import ProviderError
from integrations.vendors import keys_of
from integrations.voice.registry import provider
from integrations.voice.routing import rests

logger = structlog.get_logger(__name__)

# The webhook's turn first: so long after the end of a call nobody asks.
PATIENCE = timedelta(seconds=45)
# Then these pauses; the last one again and again.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (60, 120, 300, 900, 1800, 3600))
GIVE_UP = timedelta(hours=24)
# A call past us that its vendor cannot still be holding.
SURELY_OVER = timedelta(minutes=15)
# What asking may take; whoever asks holds the row for so long.
CLAIM = timedelta(minutes=3)
BATCH = 20
NO_RECORD = "no_record"


def due() -> list[int]:
    """Ids of the `VendorConversation`s whose record should be here by now, the longest overdue first."""
    now = timezone.now()
    ended = Q(call__status__in=[Call.Status.COMPLETED, Call.Status.FAILED], call__ended_at__lt=now - PATIENCE)
    # Of these we may not have heard the end.
    past_us = Q(call__transport__in=Call.PAST_US, opened_at__lt=now - PATIENCE)
    rows = VendorConversation.objects.filter(merged_at=None, next_pull_at__lte=now).filter(ended | past_us)
    return list(rows.order_by("next_pull_at").values_list("pk", flat=True)[:BATCH])


def pull(conversation_id: int) -> str:
    """Ask the vendor for one record; returns what came of it: an outcome of `vendor_records.merge`, "not finished",
    "unknown there", an error's code, or "elsewhere" where somebody else asks already."""
    now = timezone.now()
    claimed = VendorConversation.objects.filter(pk=conversation_id, merged_at=None, next_pull_at__lte=now).update(
        next_pull_at=now + CLAIM
    )
    if not claimed:
        return "elsewhere"
    kept = VendorConversation.objects.select_related("call").get(pk=conversation_id)
    keys = keys_of(kept.vendor)
    if not keys.usable or rests(keys):
        return _later(kept, "resting" if keys.usable else "not_configured")
    try:
        record = provider(kept.vendor).fetch_record(kept.conversation_id, keys=keys)
    except ProviderError as error:
        return _later(kept, error.code)
    if record is None:
        return _later(kept, "unknown there")
    outcome = vendor_records.merge(record=record, vendor=kept.vendor, via=VendorConversation.Via.RECONCILER)
    return _later(kept, "") if outcome == vendor_records.NOT_FINISHED else outcome


def _later(kept: VendorConversation, error: str) -> str:
    """Ask again after a pause, or give up."""
    now = timezone.now()
    pause = PAUSES[min(kept.pulls, len(PAUSES) - 1)]
    over = now - kept.opened_at > GIVE_UP
    VendorConversation.objects.filter(pk=kept.pk, merged_at=None).update(
        pulls=F("pulls") + 1, error=error[:120], next_pull_at=None if over else now + pause
    )
    if over:
        logger.error("a vendor's record was never to be had", call=str(kept.call_id), vendor=kept.vendor, error=error)
        if kept.call.awaits_record and kept.call.status == Call.Status.COMPLETED:
            vendor_records.give_up(kept.call)
    return error or vendor_records.NOT_FINISHED


def close_lost() -> int:
    """Calls past us that nobody ended and nobody tells of, long after they can have lasted: complete them, with nothing
    said. Returns how many."""
    now = timezone.now()
    running = Call.objects.filter(
        status=Call.Status.IN_PROGRESS, transport__in=Call.PAST_US, started_at__lt=now - SURELY_OVER
    )
    closed = 0
    for call in running:
        assert call.started_at is not None
        if now - call.started_at > SURELY_OVER + timedelta(milliseconds=call.time_limit_ms):
            closed += services.complete(call_id=call.pk, ending=Ending("system", NO_RECORD, at=now))
    return closed


def give_up_silent() -> int:
    """Calls past us that were hung up without anybody telling which conversation it was: nobody can be asked. Returns how
    many."""
    silent = Call.objects.filter(
        status=Call.Status.COMPLETED,
        transport__in=Call.PAST_US,
        ended_at__lt=timezone.now() - SURELY_OVER,
        turns__isnull=True,
        vendor_conversations__isnull=True,
        metadata__record_given_up__isnull=True,
    )
    for call in silent:
        vendor_records.give_up(call)
    return len(silent)


def fetch_recordings() -> int:
    """The sound of calls past us, where the trainee agreed and no webhook brought it. Returns how many were kept."""
    waiting = VendorConversation.objects.filter(audio_wanted=True, merged_at__lt=timezone.now() - PATIENCE)
    kept = 0
    for conversation in waiting.select_related("call")[:BATCH]:
        if not vendor_records.wants_recording(conversation.call):
            VendorConversation.objects.filter(pk=conversation.pk).update(audio_wanted=False)
            continue
        keys = keys_of(conversation.vendor)
        try:
            audio = provider(conversation.vendor).fetch_recording(conversation.conversation_id, keys=keys)
            if audio is not None:
                recordings.keep_from_vendor(call_id=conversation.call_id, audio=audio)
                kept += 1
        except ProviderError as error:
            logger.warning("a recording could not be fetched", call=str(conversation.call_id), code=error.code)
            if timezone.now() - conversation.opened_at < GIVE_UP:
                continue
        VendorConversation.objects.filter(pk=conversation.pk).update(audio_wanted=False)
    return kept


def recovered(*, since: timedelta = timedelta(days=1)) -> dict[str, int]:
    """For the operator: records that came `by webhook`, those that had to be fetched, and those still missing."""
    rows = VendorConversation.objects.filter(opened_at__gt=timezone.now() - since)
    return {
        "told": rows.filter(via=VendorConversation.Via.WEBHOOK).count(),
        "fetched": rows.filter(via=VendorConversation.Via.RECONCILER).count(),
        "missing": rows.filter(merged_at=None).exclude(call__status=Call.Status.IN_PROGRESS).count(),
    }
