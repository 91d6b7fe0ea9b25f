"""The log of what happened in a call, told live to who watches it.

Every event is a row first (`seq` counts from 1 without gaps, per call) and is told after commit, so nobody hears of
something that a crash could take back; who missed one reads it from the log.
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
from django.db import transaction
from django.db.models import F
from redis.exceptions import RedisError

from calls.models import Call, CallEvent
from tenants.names import call_group
from tenants.schemas import current_schema

logger = structlog.get_logger(__name__)
# What a channel layer raises when it cannot be reached; a loop that is closing raises RuntimeError.
REDIS_AWAY = (RedisError, OSError, RuntimeError)


def announce(call_id: UUID | str, type: str, data: dict[str, Any]) -> CallEvent:
    """Write an event and tell it after commit. The call's row is locked until then, so `seq` has no gaps."""
    plain = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    with transaction.atomic():
        Call.objects.filter(pk=call_id).update(last_event_seq=F("last_event_seq") + 1)
        seq = Call.objects.values_list("last_event_seq", flat=True).get(pk=call_id)
        event = CallEvent.objects.create(call_id=call_id, seq=seq, type=type, data=plain)
        transaction.on_commit(partial(tell, current_schema(), event_json(event)), robust=True)
    return event


def event_json(event: CallEvent) -> dict[str, Any]:
    """`{type, call_id, seq, at, data}`, as on the events socket."""
    at = event.at.isoformat().replace("+00:00", "Z")
    return {"type": event.type, "call_id": str(event.call_id), "seq": event.seq, "at": at, "data": event.data}


def events_after(call_id: UUID | str, seq: int) -> list[dict[str, Any]]:
    return [event_json(event) for event in CallEvent.objects.filter(call_id=call_id, seq__gt=seq).order_by("seq")]


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
