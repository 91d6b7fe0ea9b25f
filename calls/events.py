"""The log of what happened in a call, told live to who watches it.

Every event is a row first (`seq` counts from 1 without gaps, per call) and is told after commit, so nobody hears of
something that a crash could take back; who missed one reads it from the log. What goes on behind the conversation (a lost
line, a stall, an agent's tool) is kept in the same log without a number and told to nobody: it is for the flight record.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from calls.models import Call, CallEvent
from tenants.live import REDIS_AWAY
from tenants.names import call_group
from tenants.schemas import current_schema

logger = structlog.get_logger(__name__)
# The part of a kept event's data that only who may see the buyer's secrets may read.
HIDDEN = "hidden"


def announce(call_id: UUID | str, type: str, data: dict[str, Any], *, at_ms: int | None = None) -> CallEvent:
    """Write an event and tell it after commit. The call's row is locked until then, so `seq` has no gaps.

    `at_ms`: when it happened, on the call's clock."""
    plain = plain_json(data)
    with transaction.atomic(savepoint=False):
        seq = _next_seq(call_id)
        event = CallEvent.objects.create(call_id=call_id, seq=seq, type=type, data=plain, at_ms=at_ms)
        transaction.on_commit(partial(tell, current_schema(), event_json(event)), robust=True)
    return event


def _next_seq(call_id: UUID | str) -> int:
    """Counted and read in one statement, which the ORM has no words for: this happens with every turn of every call."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE calls_call SET last_event_seq = last_event_seq + 1 WHERE id = %s RETURNING last_event_seq",
            [call_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise Call.DoesNotExist
    return int(row[0])


def keep(call_id: UUID | str, type: str, data: dict[str, Any], *, at_ms: int | None) -> CallEvent:
    """Write an event for the flight record only: it has no number and nobody is told. What may hold the buyer's secrets
    goes below `HIDDEN`."""
    return CallEvent.objects.create(call_id=call_id, type=type, data=plain_json(data), at_ms=at_ms)


def mention(call_id: UUID | str, type: str, data: dict[str, Any]) -> None:
    """Tell, after commit, what is of no interest a moment later: it is written nowhere and carries no number."""
    at = timezone.now().isoformat().replace("+00:00", "Z")
    event = {"type": type, "call_id": str(call_id), "seq": None, "at": at, "data": plain_json(data)}
    transaction.on_commit(partial(tell, current_schema(), event), robust=True)


def plain_json(data: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return plain


def event_json(event: CallEvent) -> dict[str, Any]:
    """`{type, call_id, seq, at, data}`, as on the events socket."""
    at = event.at.isoformat().replace("+00:00", "Z")
    return {"type": event.type, "call_id": str(event.call_id), "seq": event.seq, "at": at, "data": event.data}


def events_after(call_id: UUID | str, seq: int) -> list[dict[str, Any]]:
    return [event_json(event) for event in CallEvent.objects.filter(call_id=call_id, seq__gt=seq).order_by("seq")]


def kept_json(call_id: UUID | str, *, hidden: bool) -> list[dict[str, Any]]:
    """What was kept for the record: `{type, at_ms, at, data}`, in order. `hidden`: with what the buyer hides."""
    return [
        {
            "type": event.type,
            "at_ms": event.at_ms,
            "at": event.at.isoformat().replace("+00:00", "Z"),
            "data": event.data if hidden else {key: value for key, value in event.data.items() if key != HIDDEN},
        }
        for event in CallEvent.objects.filter(call_id=call_id, seq__isnull=True).order_by("pk")
    ]


def tell(schema_name: str, event: dict[str, Any]) -> None:
    """Best effort: the row is there already, and every listener looks for what it missed."""
    send(call_group(schema_name, event["call_id"]), {"type": "call.event", "event": event})


def send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group, message)
    except REDIS_AWAY as error:
        logger.warning("an event could not be told", error_type=type(error).__name__)
