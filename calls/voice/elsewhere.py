"""The sound of a call that a voice service holds without us, for people who listen in: fetched from there, frame by frame.

Each listener has a line of their own to the service. Its address and its key stay on the server; listeners get the frames of
`calls.voice.listening`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

import structlog

from calls.models import Call
from calls.voice.listening import BOTH, BUYER, HEADER, TRAINEE
from integrations.errors import ProviderError
from integrations.vendors import VendorKeys, keys_of
from integrations.voice.registry import provider
from tenants.context import in_schema

logger = structlog.get_logger(__name__)
LOOK_SECONDS = 3.0
SIDES = {"user": TRAINEE, "assistant": BUYER, "": BOTH}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is held."""

    vendor: str
    conversation_id: str
    keys: VendorKeys


def lets_listen(call: Call) -> bool:
    """Is there a service to listen at, for a call that goes past us?"""
    return call.transport in Call.PAST_US and bool(call.provider) and provider(call.provider).lets_listen(_keys(call))


def _keys(call: Call) -> VendorKeys:
    return keys_of(call.provider)


def _place_of(*, call_id: UUID) -> Place | None:
    call = Call.objects.filter(pk=call_id, status=Call.Status.IN_PROGRESS).first()
    if call is None or not call.provider_conversation_id or not lets_listen(call):
        return None
    return Place(call.provider, call.provider_conversation_id, _keys(call))


place_of = in_schema(_place_of)


async def sound_elsewhere(schema_name: str, call_id: UUID) -> AsyncGenerator[bytes]:
    """Frames as they come, until cancelled; none as long as the call is not held elsewhere."""
    while True:
        place = await place_of(schema_name, call_id=call_id)
        if place is not None:
            try:
                async with aclosing(provider(place.vendor).listen(place.conversation_id, keys=place.keys)) as sounds:
                    async for sound in sounds:
                        yield HEADER.pack(SIDES[sound.role], sound.rate) + sound.pcm
            except ProviderError as error:
                logger.warning("a call cannot be heard", call=str(call_id), vendor=place.vendor, code=error.code)
        await asyncio.sleep(LOOK_SECONDS)
