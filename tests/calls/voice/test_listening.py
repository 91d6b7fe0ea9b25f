"""Listening in: where it is allowed, openly, both voices and all words, and nothing on the way when nobody does."""

from __future__ import annotations

import asyncio
import json
import struct
import threading
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import schema_context
from uvicorn.protocols.utils import ClientDisconnected
from websockets.asyncio.client import ClientConnection, connect

from accounts.people.models import AuditEvent, TeamMembership
from calls import observers
from calls.models import Call, Observer
from calls.voice import holder, listening
from config.runtime.sockets import SocketProtocol
from tenants.models import Organization
from tests.calls.voice.conftest import Live
from tests.calls.voice.test_isolation_of_sockets import cookie_of, refused
from tests.calls.voice.test_socket import next_of, say, until

pytestmark = pytest.mark.slow
WORD = struct.pack("<h", 1234) * 320


@pytest.fixture
def open_house(live: Live) -> Any:
    """Acme lets its managers listen in."""
    connection.set_schema_to_public()
    Organization.objects.filter(pk=live.cast.acme.pk).update(observers_allowed=True)
    yield live
    connection.set_schema_to_public()
    Organization.objects.filter(pk=live.cast.acme.pk).update(observers_allowed=False)


def listen_url(live: Live) -> str:
    return f"ws://{live.address}/org/acme/ws/calls/{live.call.pk}/listen/"


@asynccontextmanager
async def listening_as(live: Live, cookie: str) -> AsyncIterator[ClientConnection]:
    async with connect(listen_url(live), additional_headers={"Cookie": cookie}) as socket:
        yield socket


async def event(socket: ClientConnection, type: str) -> dict[str, Any]:
    """The next event of that type; sound and other events are passed over."""
    async with asyncio.timeout(60):
        while True:
            frame = await socket.recv()
            if isinstance(frame, str) and json.loads(frame)["type"] == type:
                return dict(json.loads(frame)["data"])


async def sound(socket: ClientConnection, side: int) -> tuple[int, bytes]:
    """The next batch of that voice: its rate and PCM."""
    async with asyncio.timeout(60):
        while True:
            frame = await socket.recv()
            if isinstance(frame, bytes):
                whose, rate = listening.HEADER.unpack_from(frame)
                if whose == side:
                    return rate, frame[listening.HEADER.size :]


def held(live: Live) -> holder.HeldCall:
    return next(iter(holder.held.values()))


def rows(live: Live, model: Any, **filters: Any) -> list[Any]:
    try:
        with schema_context(live.cast.acme.schema_name):
            return list(model.objects.filter(**filters))
    finally:
        connection.close()


def test_a_manager_hears_both_and_reads_all_and_the_trainee_knows(open_house: Live) -> None:
    live = open_house
    cookie = cookie_of(live, "bo")

    async def story() -> None:
        async with connect(live.voice_url()) as trainee, connect(live.events_url()) as events:
            await next_of(trainee, "agent_response")
            assert held(live).bridge.tap is None, "nothing is on the way while nobody listens"
            async with listening_as(live, cookie) as socket:
                assert (await event(socket, "turn:added"))["turn"]["content"] == "Hello?"
                told = await event(events, "presence")
                assert [(who["name"], who["role"]) for who in told["observers"]] == [("Bo", "manager")]
                await until(lambda: held(live).bridge.tap is not None)
                await trainee.send(json.dumps({"user_audio_chunk": b64encode(WORD).decode()}))
                assert await sound(socket, listening.TRAINEE) == (16000, WORD)
                await say(trainee, "hi there")
                assert (await event(socket, "turn:added"))["turn"]["content"] == "hi there"
                await say(trainee, "and again")
                rate, pcm = await sound(socket, listening.BUYER)
                assert rate == live.provider.sessions[0].output_rate
                assert pcm
            assert (await event(events, "presence"))["observers"] == []

    asyncio.run(story())
    (row,) = rows(live, Observer, call_id=live.call.pk)
    assert row.user_id == live.cast.bo.pk
    assert row.left_at is not None
    audited = rows(live, AuditEvent, action="call.observed", target=f"call:{live.call.pk}")
    assert [item.actor_id for item in audited] == [live.cast.bo.pk]


def test_what_was_cut_off_is_not_heard(open_house: Live) -> None:
    live = open_house
    cookie = cookie_of(live, "cy")

    async def story() -> None:
        async with connect(live.voice_url()) as trainee:
            await next_of(trainee, "agent_response")
            async with listening_as(live, cookie) as socket:
                await until(lambda: held(live).bridge.tap is not None)
                session = live.provider.sessions[0]
                session.cut(2, "Hello?", "Hel")
                assert await sound(socket, listening.CUT) == (0, b"")

    asyncio.run(story())


def test_who_goes_in_the_middle_of_a_word_has_gone(open_house: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was being sent to a browser that closed raises in the server; the trainee is told all the same."""
    live = open_house
    cookie = cookie_of(live, "bo")
    send = SocketProtocol.send
    gone, tried = threading.Event(), threading.Event()

    async def sending(self: SocketProtocol, message: dict[str, Any]) -> None:
        if gone.is_set() and self.scope["path"].endswith("/listen/"):
            tried.set()
            raise ClientDisconnected
        await send(self, message)

    monkeypatch.setattr(SocketProtocol, "send", sending)

    async def story() -> None:
        async with connect(live.voice_url()) as trainee, connect(live.events_url()) as events:
            await next_of(trainee, "agent_response")
            async with listening_as(live, cookie):
                assert (await event(events, "presence"))["observers"]
                gone.set()
                await say(trainee, "hi there")
                await until(tried.is_set)
            assert (await event(events, "presence"))["observers"] == []

    asyncio.run(story())
    assert rows(live, Observer, left_at=None) == []


def test_two_sockets_of_one_person_are_one_observer(open_house: Live) -> None:
    live = open_house
    cookie = cookie_of(live, "bo")

    async def story() -> None:
        async with connect(live.voice_url()) as trainee, connect(live.events_url()) as events:
            await next_of(trainee, "agent_response")
            async with listening_as(live, cookie), listening_as(live, cookie):
                assert len((await event(events, "presence"))["observers"]) == 1
                await until(lambda: len(rows(live, Observer, left_at=None)) == 2)

    asyncio.run(story())
    assert len(rows(live, AuditEvent, action="call.observed", target=f"call:{live.call.pk}")) == 1


def test_the_tap_closes_itself_when_nobody_listens(open_house: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    live = open_house
    monkeypatch.setattr(listening, "LISTENED_SECONDS", 0.3)
    cookie = cookie_of(live, "bo")

    async def story() -> None:
        async with connect(live.voice_url()) as trainee:
            await next_of(trainee, "agent_response")
            async with listening_as(live, cookie):
                await until(lambda: held(live).bridge.tap is not None)
            await until(lambda: held(live).bridge.tap is None)
            assert await say(trainee, "still here") == "1: still here", "the call is none the wiser"

    asyncio.run(story())


def test_where_listening_is_forbidden_there_is_nothing(live: Live) -> None:
    connection.set_schema_to_public()
    for person in ("bo", "cy", "dee"):
        cookie = cookie_of(live, person)
        assert refused(listen_url(live), cookie)
        assert refused(live.events_url(token=""), cookie), "reading along unseen is listening in, too"
    assert rows(live, Observer) == []


def test_only_who_coaches_listens_and_only_to_own_teams(open_house: Live) -> None:
    live = open_house
    for person in ("ada", "val", "gil"):
        assert refused(listen_url(live), cookie_of(live, person)), person
    with schema_context(live.cast.acme.schema_name):
        seat = TeamMembership.objects.get(user_id=live.cast.bo.pk)
        seat.delete()
    try:
        assert refused(listen_url(live), cookie_of(live, "bo"))
    finally:
        with schema_context(live.cast.acme.schema_name):
            seat.save(force_insert=True)
    assert rows(live, Observer) == []


def test_private_practice_is_private(open_house: Live) -> None:
    live = open_house
    with schema_context(live.cast.acme.schema_name):
        Call.objects.filter(pk=live.call.pk).update(private=True)
    for person in ("bo", "cy", "dee"):
        assert refused(listen_url(live), cookie_of(live, person))
        assert refused(live.events_url(token=""), cookie_of(live, person))


def test_a_call_that_is_over_is_not_listened_to(open_house: Live) -> None:
    live = open_house
    with schema_context(live.cast.acme.schema_name):
        Call.objects.filter(pk=live.call.pk).update(status="completed")
    cookie = cookie_of(live, "bo")
    assert refused(listen_url(live), cookie)
    assert not refused(live.events_url(token=""), cookie), "its record may be read"


def test_who_may_not_listen_any_more_has_to_go(open_house: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    live = open_house
    monkeypatch.setattr("calls.consumers.LOOK_SECONDS", 0.2)
    cookie = cookie_of(live, "bo")

    def forbid() -> None:
        try:
            Organization.objects.filter(pk=live.cast.acme.pk).update(observers_allowed=False)
        finally:
            connection.close()

    async def story() -> None:
        async with connect(live.voice_url()) as trainee:
            await next_of(trainee, "agent_response")
            async with listening_as(live, cookie) as socket:
                await event(socket, "turn:added")
                await asyncio.to_thread(forbid)
                await asyncio.wait_for(socket.wait_closed(), 60)
                assert socket.close_code == 4404
            await until(lambda: rows(live, Observer, left_at=None) == [])

    asyncio.run(story())


def test_the_end_of_the_call_is_told_to_who_listens(open_house: Live) -> None:
    live = open_house
    cookie = cookie_of(live, "bo")

    async def story() -> None:
        async with connect(live.voice_url()) as trainee:
            await next_of(trainee, "agent_response")
            async with listening_as(live, cookie) as socket:
                await say(trainee, "goodbye")
                assert (await event(socket, "call:ended"))["ended_by"] == "persona"

    asyncio.run(story())


def test_a_socket_that_died_without_a_word_lapses(open_house: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    live = open_house
    with schema_context(live.cast.acme.schema_name):
        call = Call.objects.get(pk=live.call.pk)
        observers.join(call=call, user=live.cast.bo)
        assert observers.lapse() == 0
        monkeypatch.setattr(observers, "LAPSES_AFTER", -observers.LAPSES_AFTER)
        assert observers.lapse() == 1
        assert observers.lapse() == 0
        row = Observer.objects.get(call=call)
        assert row.left_at == row.seen_at
        told = [item.data["observers"] for item in call.events.filter(type="presence").order_by("seq")]
    assert [len(names) for names in told] == [1, 0]
