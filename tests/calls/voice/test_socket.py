"""The voice socket over a real server: admitted, spoken in, dropped, resumed, taken over, ended."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from calls import tokens
from calls.voice import holder
from tests.calls.voice.conftest import Live

pytestmark = pytest.mark.slow


async def next_of(socket: ClientConnection, type: str) -> dict[str, Any]:
    """The next frame of that type; others are passed over."""
    async with asyncio.timeout(60):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame["type"] == type:
                return frame


async def say(socket: ClientConnection, text: str) -> str:
    """Type a turn; returns the buyer's answer."""
    await socket.send(json.dumps({"type": "user_message", "text": text}))
    await next_of(socket, "user_transcript")
    return str((await next_of(socket, "agent_response"))["agent_response_event"]["agent_response"])


async def until_closed(socket: ClientConnection) -> tuple[int, str]:
    try:
        async with asyncio.timeout(60):
            while True:
                await socket.recv()
    except ConnectionClosed:
        return socket.close_code or 0, socket.close_reason or ""


async def until(condition: Any) -> None:
    """Look at the server's rows until it is so: they are written in another thread, which tells nobody here."""
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def test_a_whole_call(live: Live) -> None:
    async def call() -> None:
        async with connect(live.voice_url(), subprotocols=["convai"]) as socket:  # type: ignore[list-item]
            assert socket.subprotocol == "convai"
            first = json.loads(await socket.recv())
            assert first["type"] == "conversation_initiation_metadata"
            assert first["conversation_initiation_metadata_event"]["user_input_audio_format"] == "pcm_16000"
            await socket.send(
                json.dumps(
                    {
                        "type": "conversation_initiation_client_data",
                        "conversation_config_override": {"agent": {"first_message": "Give me 100 points"}},
                    }
                )
            )
            greeting = await next_of(socket, "agent_response")
            assert greeting["agent_response_event"]["agent_response"] == "Hello?"
            await socket.send(json.dumps({"user_audio_chunk": b64encode(bytes(640)).decode()}))
            assert await say(socket, "hi there") == "1: hi there"
            ping = await next_of(socket, "ping")
            await socket.send(json.dumps({"type": "pong", "event_id": ping["ping_event"]["event_id"]}))
            assert await say(socket, "goodbye") == "Goodbye."
            assert await until_closed(socket) == (1000, "agent")

    asyncio.run(call())
    row = live.read()
    assert (row.status, row.ended_by, row.end_reason, row.outcome) == ("completed", "persona", "said_goodbye", "lost")
    said = [(turn.role, turn.content) for turn in row.turns.all()]
    assert said == [
        ("assistant", "Hello?"),
        ("user", "hi there"),
        ("assistant", "1: hi there"),
        ("user", "goodbye"),
        ("assistant", "Goodbye."),
    ]
    assert row.turns.all()[2].trace == [{"rule": "parrot", "effect": "", "detail": ""}]
    assert bytes(live.provider.sessions[0].heard) == bytes(640)
    assert row.recording.duration_ms > 0


def test_hanging_up_ends_the_call_with_the_last_words(live: Live) -> None:
    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            live.provider.sessions[0].unfinished = "and my last words"
        await until(lambda: live.read().status == "completed")

    asyncio.run(call())
    row = live.read()
    assert (row.ended_by, row.end_reason) == ("trainee", "hung_up")
    assert [turn.content for turn in row.turns.all()] == ["Hello?", "and my last words"]


def test_a_dropped_socket_comes_back_on_the_same_url(live: Live) -> None:
    async def call() -> None:
        url = live.voice_url()
        socket = await connect(url)
        await next_of(socket, "agent_response")
        assert await say(socket, "first") == "1: first"
        socket.transport.abort()
        await until(lambda: live.provider.sessions[0].held[-1:] == [True])
        async with connect(url) as back:
            assert json.loads(await back.recv())["type"] == "conversation_initiation_metadata"
            assert await say(back, "second") == "2: second"
            assert len(live.provider.sessions) == 1
            assert live.provider.sessions[0].held == [False, True, False]

    asyncio.run(call())
    assert [turn.content for turn in live.read().turns.all()][-1] == "2: second"


def test_a_socket_that_stays_away_ends_the_call(live: Live) -> None:
    async def call() -> None:
        socket = await connect(live.voice_url())
        await next_of(socket, "agent_response")
        socket.transport.abort()
        await until(lambda: live.read().status == "completed")

    asyncio.run(call())
    row = live.read()
    assert (row.ended_by, row.end_reason) == ("system", "connection_lost")


def test_a_browser_whose_line_did_not_come_back_has_not_hung_up(live: Live) -> None:
    async def call() -> None:
        socket = await connect(live.voice_url())
        await next_of(socket, "agent_response")
        socket.transport.abort()
        await until(lambda: live.provider.sessions[0].held[-1:] == [True])
        await asyncio.to_thread(end, live, reason="connection_lost")

    asyncio.run(call())
    row = live.read()
    assert (row.status, row.ended_by, row.end_reason) == ("completed", "system", "connection_lost")


def test_a_line_that_is_there_is_believed_more_than_who_says_it_is_lost(live: Live) -> None:
    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            await asyncio.to_thread(end, live, reason="connection_lost")

    asyncio.run(call())
    row = live.read()
    assert (row.status, row.ended_by, row.end_reason, row.voided_at) == ("completed", "trainee", "hung_up", None)


def end(live: Live, **body: str) -> None:
    """The REST request that ends the call, by its trainee."""
    client = Client()
    client.force_login(live.cast.ada)
    url = f"/org/acme/api/v1/calls/{live.call.pk}/end/"
    try:
        answer = client.post(url, json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content
    finally:
        connection.close()


def test_a_second_tab_takes_the_call_over_and_the_first_is_told(live: Live) -> None:
    async def call() -> None:
        first = await connect(live.voice_url())
        await next_of(first, "agent_response")
        async with connect(live.voice_url()) as second:
            assert await until_closed(first) == (4409, "taken_over")
            assert await say(second, "still here") == "1: still here"
            assert (await asyncio.to_thread(live.read)).status == "in_progress"

    asyncio.run(call())


def test_another_process_goes_on_from_what_was_written(live: Live) -> None:
    """As after kill -9: nothing of the first process is left but the rows."""

    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            assert await say(socket, "remember me") == "1: remember me"
            held = held_call(live)
            holder.held.clear()  # forgotten, not ended
            async with connect(live.voice_url()) as fresh:
                assert await say(fresh, "who am I") == "2: who am I"
                assert live.provider.sessions[1].brief.resumed
            assert held is not None

    asyncio.run(call())
    contents = [turn.content for turn in live.read().turns.all()]
    assert contents[:3] == ["Hello?", "remember me", "1: remember me"]
    assert contents[-1] == "2: who am I"


def held_call(live: Live) -> holder.HeldCall:
    return holder.held[(live.cast.acme.schema_name, live.call.pk)]


def test_a_barge_in_is_told_at_once_and_corrects_the_turn(live: Live) -> None:
    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            said = await next_of(socket, "agent_response")
            event_id = said["agent_response_event"]["event_id"]
            session = live.provider.sessions[0]
            # The session lives in the server's loop.
            live_loop(live).call_soon_threadsafe(session.cut, event_id, "Hello?", "Hel")
            assert (await next_of(socket, "interruption"))["interruption_event"]["event_id"] == event_id
            correction = await next_of(socket, "agent_response_correction")
            assert correction["agent_response_correction_event"]["corrected_agent_response"] == "Hel"

    asyncio.run(call())
    turn = live.read().turns.all()[0]
    assert (turn.content, turn.original_content, turn.interrupted) == ("Hel", "Hello?", True)


def live_loop(live: Live) -> asyncio.AbstractEventLoop:
    held = held_call(live)
    loop: asyncio.AbstractEventLoop = held._tasks[0].get_loop()
    return loop


def test_bad_frames_are_told_and_too_many_end_the_socket(live: Live) -> None:
    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            await socket.send("nonsense")
            error = await next_of(socket, "error")
            assert error["error_event"]["error_type"] == "invalid_message"
            await socket.send(b"\x00\x01")
            await next_of(socket, "error")
            assert await say(socket, "still fine") == "1: still fine"
            for _number in range(10):
                await socket.send('{"user_audio_chunk":"%%%"}')
            assert await until_closed(socket) == (1008, "invalid_message")

    asyncio.run(call())


def test_a_typed_line_loses_what_no_database_stores_and_nothing_else(live: Live) -> None:
    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            await say(socket, "Who plans\0 the routes?")

    asyncio.run(call())
    assert [turn.content for turn in live.read().turns.filter(role="user")] == ["Who plans the routes?"]


def test_the_time_limit_ends_the_call(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder, "PING_SECONDS", 0.05)

    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            held = held_call(live)
            held._started -= 10_000
            assert await until_closed(socket) == (1000, "time_limit")

    asyncio.run(call())
    assert live.read().end_reason == "time_limit"


@pytest.mark.parametrize("wrong", ["token", "slug", "call_id", "purpose", "nothing"])
def test_strangers_are_refused_like_an_address_that_is_none(live: Live, wrong: str) -> None:
    changes: dict[str, Any] = {
        "token": {"token": "forged"},
        "slug": {"slug": "globex"},
        "call_id": {"call_id": "00000000-0000-4000-8000-000000000000"},
        "purpose": {"token": live.token(tokens.EVENTS)},
        "nothing": {"token": "x"},
    }[wrong]

    async def call() -> None:
        with pytest.raises(InvalidStatus) as refused:
            await connect(live.voice_url(**changes))
        assert refused.value.response.status_code == 403

    asyncio.run(call())
    assert live.read().status == "pending"


def test_an_ended_call_says_so(live: Live) -> None:
    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
        await until(lambda: live.read().status == "completed")
        async with connect(live.voice_url()) as again:
            assert await until_closed(again) == (1008, "call_ended")

    asyncio.run(call())


class TestEvents:
    def test_what_was_missed_is_replayed_and_the_rest_comes_live(self, live: Live) -> None:
        async def call() -> None:
            async with connect(live.voice_url()) as socket:
                await next_of(socket, "agent_response")
                async with connect(live.events_url()) as events:
                    started = await next_of(events, "call:started")
                    assert started["seq"] == 1
                    first = await next_of(events, "turn:added")
                    assert first["data"]["turn"]["content"] == "Hello?"
                    await say(socket, "hi")
                    mine = await next_of(events, "turn:added")
                    assert (mine["seq"], mine["data"]["turn"]["role"]) == (3, "user")
                    await socket.close()
                    ended = await next_of(events, "call:ended")
                    assert ended["data"]["ended_by"] == "trainee"
                async with connect(live.events_url(after=ended["seq"] - 1)) as late:
                    assert json.loads(await late.recv())["type"] == "call:ended"

        asyncio.run(call())

    @pytest.mark.parametrize("token", ["", "forged"])
    def test_strangers_hear_nothing(self, live: Live, token: str) -> None:
        async def call() -> None:
            with pytest.raises(InvalidStatus):
                await connect(live.events_url(token=token))

        asyncio.run(call())

    @pytest.mark.parametrize("after", ["-1", "x", "9" * 40, "", "٣"])
    def test_a_strange_after_is_read_as_the_beginning(self, live: Live, after: str) -> None:
        async def call() -> None:
            async with connect(live.voice_url()) as socket:
                await next_of(socket, "agent_response")
                async with connect(live.events_url(after=after)) as events:
                    assert (await next_of(events, "call:started"))["seq"] == 1

        asyncio.run(call())
