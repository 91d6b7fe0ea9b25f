"""Who is in a call right now.

A call that is held by a voice socket is known by its row (`Call.held_at`, renewed every few seconds). Calls that no socket of
ours holds (turn by turn, straight to a voice service, by phone) show themselves by whoever watches their events or speaks in
them: a heartbeat in Redis that lapses by itself. Either is enough.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from redis import Redis

from calls.models import Call
from calls.services import HELD_FOR, visible_calls
from tenants.live import REDIS_AWAY
from tenants.names import redis_key
from tenants.schemas import current_schema

logger = structlog.get_logger(__name__)
LAPSES_SECONDS = 15.0


@cache
def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL)


def _key() -> str:
    return redis_key(current_schema(), "presence")


def beat(call_id: UUID | str) -> None:
    """Its trainee is there. Best effort."""
    now = time.time()
    try:
        with _redis().pipeline(transaction=False) as pipe:
            pipe.zadd(_key(), {str(call_id): now + LAPSES_SECONDS})
            pipe.zremrangebyscore(_key(), 0, now)
            pipe.expire(_key(), int(LAPSES_SECONDS) * 4)
            pipe.execute()
    except REDIS_AWAY as error:
        logger.warning("presence is away", error_type=type(error).__name__)


def present() -> set[UUID]:
    """Calls whose heartbeat has not lapsed, in the organisation at hand; empty when Redis is away."""
    try:
        members: Any = _redis().zrangebyscore(_key(), time.time(), "+inf")
    except REDIS_AWAY as error:
        logger.warning("presence is away", error_type=type(error).__name__)
        return set()
    return {UUID(member.decode()) for member in members}


def active_calls(user: Any, role: str | None) -> Any:
    """The calls of others that are held right now and that this person may see, longest first. Private ones are not in it."""
    there = Q(held_at__gt=timezone.now() - HELD_FOR) | Q(pk__in=present())
    calls = visible_calls(user, role).filter(there, status=Call.Status.IN_PROGRESS).exclude(trainee=user)
    return calls.order_by("started_at")
