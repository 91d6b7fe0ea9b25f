"""The ledger of what vendors told us: written once per event, handled until it is done, replayable when it cannot be."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrations.errors import ProviderError
from integrations.inbound.base import Body, InboundInvalid, InboundMessage, Received
from integrations.inbound.handlers import dispatch
from integrations.models import InboundEvent
from tenants.errors import DomainError

logger = structlog.get_logger(__name__)

# Pauses before the next attempt; after the last one somebody has to look.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600))
# Longer than any handler may take (a recording is fetched and stored): a worker that died lets go after it.
CLAIM = timedelta(minutes=6)
NOT_OURS = "not ours"
DEEPEST = 64  # no vendor nests like that


def store(*, vendor: str, message: InboundMessage, body: Body) -> tuple[InboundEvent, bool]:
    """Write a message down; the caller has it handled after commit. The flag: was it new? The first delivery counts."""
    event_id = fitting(message.event_id, 200)
    known = InboundEvent.objects.filter(vendor=vendor, event_id=event_id).first()
    if known is not None:
        return known, False
    file_name = ""
    if message.keep_body:
        file_name = default_storage.save(f"inbound/{vendor}/{uuid4()}.json", File(body.open()))
    with transaction.atomic():
        event, made = InboundEvent.objects.get_or_create(
            vendor=vendor,
            event_id=event_id,
            defaults={
                "kind": message.kind[:80],
                "topic": str(message.topic),
                "conversation_id": message.conversation_id[:120],
                "payload": storable(message.payload),
                "file_name": file_name,
                "size_bytes": body.size,
                "occurred_at": message.occurred_at,
            },
        )
    if file_name and not made:  # the same delivery came twice at once
        default_storage.delete(file_name)
    return event, made


def fitting(text: str, most: int) -> str:
    """An id that fits its column: a long one is told apart by its digest."""
    return text if len(text) <= most else text[: most - 65] + "." + hashlib.sha256(text.encode()).hexdigest()


def storable(value: Any, depth: int = 0) -> Any:
    """The same JSON without the null character, which PostgreSQL does not store. Raises `InboundInvalid`."""
    if depth > DEEPEST:
        raise InboundInvalid("The body is nested too deeply.")
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {storable(key, depth): storable(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner, depth + 1) for inner in value]
    return value


def process(*, event_id: UUID) -> str:
    """Hand an event to its handlers, one worker at a time; returns its state afterwards.

    What goes wrong is kept on the row, and the event is tried again after a pause; it can be replayed at any time, since
    handlers do the same thing once however often they are called.
    """
    now = timezone.now()
    claimed = (
        InboundEvent.objects.open()
        .free(now)
        .filter(pk=event_id)
        .update(claimed_until=now + CLAIM, attempts=F("attempts") + 1)
    )
    event = InboundEvent.objects.filter(pk=event_id).first()
    if not claimed or event is None:
        return event.state if event else "gone"
    try:
        outcome = _dispatch(event)
    except Exception as error:
        # Whatever a handler ran into, the message is not lost. The error's text may quote what was said: keep its kind.
        _failed(event, error)
        return event.state
    _handled(event, outcome)
    return event.state


def _dispatch(event: InboundEvent) -> str:
    received = partial(
        Received,
        vendor=event.vendor,
        event_id=event.event_id,
        kind=event.kind,
        topic=event.topic,
        conversation_id=event.conversation_id,
        payload=event.payload,
        received_at=event.received_at,
    )
    if not event.file_name:
        return dispatch(received())
    with default_storage.open(event.file_name) as body:
        return dispatch(received(body=cast("BinaryIO", body.file)))


def _handled(event: InboundEvent, outcome: str) -> None:
    event.processed_at = timezone.now()
    event.outcome = outcome[:120]
    event.error = ""
    event.next_attempt_at = event.claimed_until = None
    if outcome == NOT_OURS:
        event.payload = {}  # somebody else's conversation on a shared account is not for us to keep
    file_name, event.file_name = event.file_name, ""
    event.save()
    if file_name:
        default_storage.delete(file_name)


def _failed(event: InboundEvent, error: Exception) -> None:
    pause = PAUSES[event.attempts - 1] if event.attempts <= len(PAUSES) else None
    event.error = described(error)
    event.claimed_until = None
    event.next_attempt_at = timezone.now() + pause if pause else None
    event.save(update_fields=["error", "claimed_until", "next_attempt_at"])
    logger.error(
        "a received event could not be handled",
        inbound=str(event.pk),
        vendor=event.vendor,
        kind=event.kind,
        attempts=event.attempts,
        given_up=pause is None,
        error=event.error,
    )


def described(error: Exception) -> str:
    """What went wrong, without words of the call: our own errors by their message, others by their kind and place."""
    if isinstance(error, ProviderError | DomainError):
        return f"{type(error).__name__}: {error}"[:300]
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"[:300]


def due(*, most: int = 100) -> list[UUID]:
    """Events whose time has come: new ones that no worker was told of, and those that wait for another attempt."""
    now = timezone.now()
    settled = now - timedelta(seconds=5)  # the task of a new one is on its way
    rows = InboundEvent.objects.open().free(now).filter(Q(attempts__gt=0) | Q(received_at__lt=settled))
    return list(rows.filter(next_attempt_at__lte=now).order_by("next_attempt_at").values_list("pk", flat=True)[:most])


def replay(*, event: InboundEvent) -> None:
    """Handle it once more from the beginning, whatever became of it. The caller enqueues."""
    InboundEvent.objects.filter(pk=event.pk).update(
        processed_at=None, attempts=0, next_attempt_at=timezone.now(), claimed_until=None, outcome="", error=""
    )


def discard(*, event: InboundEvent, reason: str) -> None:
    """Stop trying: somebody looked and decided. The row stays and says so."""
    file_name = event.file_name
    InboundEvent.objects.filter(pk=event.pk, processed_at=None).update(
        processed_at=timezone.now(),
        next_attempt_at=None,
        claimed_until=None,
        file_name="",
        outcome=f"discarded: {reason}"[:120],
    )
    if file_name:
        default_storage.delete(file_name)


def forget(*, conversation_ids: Iterable[str]) -> int:
    """Delete what was told about these conversations: the person who held them leaves. Returns how many events."""
    rows = InboundEvent.objects.filter(conversation_id__in=[name for name in conversation_ids if name])
    for name in rows.exclude(file_name="").values_list("file_name", flat=True):
        default_storage.delete(name)
    return rows.delete()[0]


def empty_old(*, most: int = 500) -> int:
    """Take the contents out of events that were handled long ago: the row stays, so that a late repeat is known."""
    before = timezone.now() - timedelta(days=settings.INBOUND_KEEP_DAYS)
    old = InboundEvent.objects.filter(processed_at__lt=before).exclude(payload={}).values_list("pk", flat=True)[:most]
    return InboundEvent.objects.filter(pk__in=list(old)).update(payload={})
