"""The sound of a call for people who listen in: from the process that holds the call to whatever process they are in.

It travels by Redis' publish and subscribe, in batches, and only while somebody listens: listeners say so again and again
through the voice group, and the tap closes itself when nobody has said so for a while. The audio path never waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from redis.asyncio import Redis

from calls.services import voice_group
from tenants.live import REDIS_AWAY
from tenants.names import redis_key

logger = structlog.get_logger(__name__)
BATCH_SECONDS = 0.1
# Listeners renew every few seconds (`calls.consumers`).
LISTENED_SECONDS = 15.0
RETRY_SECONDS = 1.0
# A frame: whose voice, three bytes of nothing, its rate in Hz (little-endian), then 16-bit mono PCM.
HEADER = struct.Struct("<BxxxI")
TRAINEE, BUYER, CUT = 0, 1, 2
BOTH = 3  # of a call that is held elsewhere, both voices in one


def sound_channel(schema_name: str, call_id: UUID | str) -> str:
    return redis_key(schema_name, "listen", call_id)


class Tap:
    """Both sides' audio of one held call, passed on. Has the methods of a tape; `on_idle` is called when it closes itself."""

    def __init__(
        self, schema_name: str, call_id: UUID, *, trainee_rate: int, buyer_rate: int, on_idle: Callable[[], None]
    ) -> None:
        self._channel = sound_channel(schema_name, call_id)
        self._rates = {TRAINEE: trainee_rate, BUYER: buyer_rate}
        self._waiting = {TRAINEE: bytearray(), BUYER: bytearray()}
        self._was_cut = False
        self._on_idle = on_idle
        self._until = 0.0
        self.renew()
        self._task = asyncio.create_task(self._publish())

    def renew(self) -> None:
        """Somebody listens still."""
        self._until = time.monotonic() + LISTENED_SECONDS

    def trainee(self, pcm: bytes) -> None:
        self._waiting[TRAINEE] += pcm

    def buyer(self, pcm: bytes) -> None:
        self._waiting[BUYER] += pcm

    def cut_buyer(self) -> None:
        """The trainee cut in: what the buyer was still going to say is not to be heard."""
        self._waiting[BUYER].clear()
        self._was_cut = True

    def close(self) -> None:
        self._task.cancel()

    def _batch(self) -> list[bytes]:
        frames = []
        if self._was_cut:
            self._was_cut = False
            frames.append(HEADER.pack(CUT, 0))
        for side, pcm in self._waiting.items():
            if pcm:
                frames.append(HEADER.pack(side, self._rates[side]) + bytes(pcm))
                pcm.clear()
        return frames

    async def _publish(self) -> None:
        redis = Redis.from_url(settings.REDIS_URL)
        try:
            while time.monotonic() < self._until:
                await asyncio.sleep(BATCH_SECONDS)
                try:
                    for frame in self._batch():
                        await redis.publish(self._channel, frame)
                except REDIS_AWAY as error:  # this batch is not heard; the call goes on
                    logger.warning("nobody can listen in", error_type=type(error).__name__)
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            self._on_idle()
            with contextlib.suppress(*REDIS_AWAY):
                await redis.aclose()


async def want_sound(schema_name: str, call_id: UUID) -> None:
    """Tell whoever holds the call that somebody listens. Must be said again within `LISTENED_SECONDS`."""
    layer = get_channel_layer()
    if layer is not None:
        with contextlib.suppress(*REDIS_AWAY):
            await layer.group_send(voice_group(schema_name, call_id), {"type": "voice.observed"})


async def sound_of(schema_name: str, call_id: UUID, *, ready: asyncio.Event) -> AsyncIterator[bytes]:
    """Frames of a tap as they come, until cancelled. `ready` is set when nothing can be missed any more."""
    while True:
        redis = Redis.from_url(settings.REDIS_URL)
        subscription: Any = redis.pubsub(ignore_subscribe_messages=True)
        try:
            await subscription.subscribe(sound_channel(schema_name, call_id))
            ready.set()
            async for message in subscription.listen():
                yield message["data"]
        except REDIS_AWAY as error:
            logger.warning("the sound of a call is away", error_type=type(error).__name__)
        finally:
            with contextlib.suppress(*REDIS_AWAY):
                await subscription.aclose()
                await redis.aclose()
        await asyncio.sleep(RETRY_SECONDS)
