"""Listening in on a call that a voice service holds without us: its sound comes from there, its address and key stay here."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from django_tenants.utils import schema_context
from websockets.asyncio.client import connect

from accounts.people.models import AuditEvent
from calls import services
from calls.direct import brief_for
from calls.models import Call, Observer
from calls.voice import listening
from integrations.vendors import keys_of
from integrations.voice.registry import provider
from tenants.models import Organization
from tests.calls.voice.conftest import Live
from tests.calls.voice.test_isolation_of_sockets import cookie_of
from tests.calls.voice.test_listening import event, listening_as, open_house, rows, sound
from tests.standins.vapi import PUBLIC_KEY, Vapi
from tests.standins.vapi_phone import PHONE_NUMBER_ID

pytestmark = pytest.mark.slow
__all__ = ["open_house"]


@pytest.fixture
def vendor(settings: Any) -> Iterator[Vapi]:
    stand_in = Vapi()
    stand_in.ring_seconds, stand_in.phone_hangs_up, stand_in.phone_script = 0.0, False, ()
    with stand_in.serving():
        settings.SITE_URL = ""
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "vapi": stand_in.key}
        settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, "vapi": stand_in.base_url}
        options = {"phone_number_id": PHONE_NUMBER_ID, "public_key": PUBLIC_KEY}
        settings.VENDOR_OPTIONS = {**settings.VENDOR_OPTIONS, "vapi": options}
        yield stand_in


def picked_up(live: Live) -> str:
    """Ada's call is held by telephone; the conversation's id."""
    with schema_context(live.cast.acme.schema_name):
        Call.objects.filter(pk=live.call.pk).update(
            transport="phone", provider="vapi", metadata={"phone": {"ends": "42", "placed_at": "2026-01-01T00:00:00Z"}}
        )
        call = Call.objects.get(pk=live.call.pk)
        brief = brief_for(call, Organization.objects.get(pk=live.cast.acme.pk))
        known = provider("vapi").place_call(brief, number="+34600123442", keys=keys_of("vapi"), recording=False)
        services.note_conversation(call_id=call.pk, conversation_id=known)
        services.begin_elsewhere(call_id=call.pk)
    return known


def loudest(pcm: bytes) -> int:
    return max(abs(sample) for (sample,) in struct.iter_unpack("<h", pcm))


@pytest.mark.parametrize("apart", [True, False], ids=["sides apart", "mixed"])
def test_a_telephone_call_is_heard_and_the_trainee_knows(open_house: Live, vendor: Vapi, apart: bool) -> None:
    live = open_house
    if not apart:
        vendor.listen_start = None
    known = picked_up(live)
    cookie = cookie_of(live, "bo")

    async def story() -> None:
        async with connect(live.events_url()) as trainee, listening_as(live, cookie) as socket:
            assert [who["role"] for who in (await event(trainee, "presence"))["observers"]] == ["manager"]
            for side in (listening.TRAINEE, listening.BUYER) if apart else (listening.BOTH,):
                rate, pcm = await sound(socket, side)
                assert rate == 16_000
                assert loudest(pcm) > 4000
        async with connect(live.events_url()) as trainee:
            assert (await event(trainee, "presence"))["observers"]

    asyncio.run(story())
    assert vendor.calls[known].assistant["monitorPlan"]["listenAuthenticationEnabled"] is True
    [row] = rows(live, Observer)
    assert row.left_at is not None
    assert rows(live, AuditEvent, action="call.observed")


def test_no_address_and_no_key_reaches_the_listener(open_house: Live, vendor: Vapi) -> None:
    live = open_house
    known = picked_up(live)
    cookie = cookie_of(live, "bo")
    frames: list[Any] = []

    async def story() -> None:
        async with listening_as(live, cookie) as socket, asyncio.timeout(60):
            while sum(isinstance(frame, bytes) for frame in frames) < 5:
                frames.append(await socket.recv())

    asyncio.run(story())
    told = " ".join(frame for frame in frames if isinstance(frame, str))
    for secret in (vendor.key, PUBLIC_KEY, known, "/listen", vendor.base_url):
        assert secret not in told


def test_practice_in_private_is_not_to_be_heard_at_the_service_either(open_house: Live, vendor: Vapi) -> None:
    live = open_house
    with schema_context(live.cast.acme.schema_name):
        Call.objects.filter(pk=live.call.pk).update(private=True)
    known = picked_up(live)
    assert vendor.calls[known].assistant["monitorPlan"]["listenEnabled"] is False
    with schema_context(live.cast.acme.schema_name):

        async def heard() -> list[Any]:
            return [one async for one in provider("vapi").listen("nobody's", keys=keys_of("vapi"))]

        assert asyncio.run(heard()) == []
