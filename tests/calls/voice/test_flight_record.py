"""The flight record over a real server: what is written of a stall, a drop and a tool, and what comes of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import connect

from integrations.voice.events import AudioOut, BuyerCut, BuyerSaid, Fault, ToolCalled, UserSaid
from tests.calls.voice.conftest import Live
from tests.calls.voice.scripted import BEEP
from tests.calls.voice.test_socket import held_call, live_loop, next_of, say, until, until_closed

pytestmark = pytest.mark.slow


def kept(live: Live, *types: str) -> list[tuple[str, dict[str, Any]]]:
    """What the record holds of these types, in order."""
    return [(event.type, event.data) for event in live.read().events.all() if event.type in types]


def test_a_stall_is_measured_and_voids_the_attempt(live: Live) -> None:
    """The clock is put forward instead of waiting: four seconds pass between the words and the answer."""

    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            session, held = live.provider.sessions[0], held_call(live)

            def ask() -> None:
                now = held.clock()
                session.queue.put_nowait(UserSaid(50, "Are you there?", now - 500, now))

            def answer() -> None:
                held._started -= 5.0
                session.queue.put_nowait(BuyerSaid(51, "Yes.", held.clock(), held.clock() + 300))
                session.queue.put_nowait(AudioOut(51, BEEP))

            live_loop(live).call_soon_threadsafe(ask)
            await next_of(socket, "user_transcript")
            live_loop(live).call_soon_threadsafe(answer)
            await next_of(socket, "audio")
        await until(lambda: live.read().status == "completed")

    asyncio.run(call())
    [(_, data)] = kept(live, "stall")
    assert data["where"] == "reply"
    assert data["to_ms"] - data["from_ms"] >= 5000
    row = live.read()
    assert row.void_reason == "stall"
    assert [event.type for event in row.events.all()].count("attempt:voided") == 1


def test_a_dropped_line_is_in_the_record_and_a_short_one_costs_nothing(live: Live) -> None:
    async def call() -> None:
        url = live.voice_url()
        socket = await connect(url)
        await next_of(socket, "agent_response")
        socket.transport.abort()
        await until(lambda: live.provider.sessions[0].held[-1:] == [True])
        async with connect(url) as back:
            await say(back, "here again")
        await until(lambda: live.read().status == "completed")

    asyncio.run(call())
    assert [type for type, _ in kept(live, "line:lost", "line:back")] == ["line:lost", "line:back"]
    assert live.read().voided_at is None


def test_a_line_that_stays_away_restores_the_attempt(live: Live) -> None:
    async def call() -> None:
        socket = await connect(live.voice_url())
        await next_of(socket, "agent_response")
        socket.transport.abort()
        await until(lambda: live.read().status == "completed")

    asyncio.run(call())
    row = live.read()
    assert (row.end_reason, row.void_reason) == ("connection_lost", "line_lost")


def test_a_second_tab_is_not_a_fault(live: Live) -> None:
    async def call() -> None:
        first = await connect(live.voice_url())
        await next_of(first, "agent_response")
        async with connect(live.voice_url()) as second:
            await until_closed(first)
            await say(second, "still me")
        await until(lambda: live.read().status == "completed")

    asyncio.run(call())
    assert [type for type, _ in kept(live, "line:lost", "line:back", "line:taken_over")] == ["line:taken_over"]
    assert live.read().voided_at is None


def test_tools_faults_and_interruptions_are_kept_and_told_to_nobody(live: Live) -> None:
    async def call() -> None:
        async with connect(live.voice_url()) as socket, connect(live.events_url()) as events:
            said = await next_of(socket, "agent_response")
            event_id = said["agent_response_event"]["event_id"]
            session = live.provider.sessions[0]

            def happen() -> None:
                session.queue.put_nowait(ToolCalled("lookup_knowledge", '{"q": "fleet"}', "forty vans", False, 30))
                session.queue.put_nowait(Fault("tts_cascade_error", "No sound for this line."))
                session.queue.put_nowait(BuyerCut(event_id, "Hello?", "Hel", session.clock()))

            live_loop(live).call_soon_threadsafe(happen)
            await next_of(socket, "agent_response_correction")
            await say(socket, "hi")
            seqs = [(await next_of(events, "call:started"))["seq"]]
            seqs += [(await next_of(events, "turn:added"))["seq"] for _turn in range(4)]
            assert seqs == [1, 2, 3, 4, 5]
        await until(lambda: live.read().status == "completed")

    asyncio.run(call())
    types = [type for type, _ in kept(live, "session:opened", "tool:called", "provider:fault", "interruption")]
    assert types == ["session:opened", "tool:called", "provider:fault", "interruption"]
    assert kept(live, "tool:called")[0][1]["hidden"] == {"arguments": '{"q": "fleet"}', "result": "forty vans"}
    assert live.read().voided_at is None


def test_a_voice_service_that_fails_for_good_restores_the_attempt(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calls.serving.MOST_FAILURES", 1)  # else the browser would be asked to dial again

    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            fault = Fault("llm_error", "The model is gone.", fatal=True)
            live_loop(live).call_soon_threadsafe(live.provider.sessions[0].queue.put_nowait, fault)
            await until_closed(socket)
        await until(lambda: live.read().status == "completed")

    asyncio.run(call())
    assert live.read().void_reason == "provider_fault"


def test_a_silent_line_was_lost_before_it_was_noticed(live: Live) -> None:
    """A browser that comes back before its dead socket was missed: it had answered no ping."""

    async def call() -> None:
        first = await connect(live.voice_url())
        await next_of(first, "agent_response")
        held = held_call(live)
        held._started -= 20.0
        held.bridge.round_trip_ms = 20
        held.bridge._answered -= 8.0
        async with connect(live.voice_url()) as second:
            await say(second, "back")
        await until(lambda: live.read().status == "completed")

    asyncio.run(call())
    assert [type for type, _ in kept(live, "line:lost", "line:back")] == ["line:lost", "line:back"]
    assert live.read().void_reason == "line_lost"
