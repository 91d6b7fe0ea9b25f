"""When a voice service fails: the next one speaks, and where none is left no attempt is used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.asyncio.client import connect

from calls import services, serving
from calls.models import Call
from calls.voice import holder, opening
from integrations import resilience
from integrations.errors import (
    ProviderInvalidAnswer,
    ProviderNotConfigured,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from integrations.resilience import BREAKER_THRESHOLD, count_failure
from integrations.vendors import VendorKeys
from integrations.voice.base import Responder, VoiceBrief
from integrations.voice.events import Fault
from tenants.models import Organization
from tests.calls.voice.conftest import Live
from tests.calls.voice.scripted import ScriptedProvider, ScriptedSession
from tests.calls.voice.test_socket import next_of, say, until, until_closed

pytestmark = pytest.mark.slow
FIRST, SECOND = "elevenlabs", "vapi"


class Moody(ScriptedProvider):
    """A scripted vendor that can be told to fail at `open` or at `start`, or never to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.at_open: Exception | None = None
        self.at_start: Exception | None = None
        self.hangs = False
        self.dies = False  # right after it was opened
        self.keys: list[VendorKeys] = []

    async def open(
        self, brief: VoiceBrief, *, keys: VendorKeys, responder: Responder, clock: Callable[[], int]
    ) -> ScriptedSession:
        self.keys.append(keys)
        if self.at_open is not None:
            raise self.at_open
        session = await super().open(brief, keys=keys, responder=responder, clock=clock)
        session.start = self._starting(session)  # type: ignore[method-assign]
        return session

    def _starting(self, session: ScriptedSession) -> Callable[[], Any]:
        start = session.start

        async def begin() -> None:
            if self.dies:
                session.queue.put_nowait(Fault("llm_error", "gone", fatal=True))
                return
            if self.hangs:
                await asyncio.sleep(60)
            if self.at_start is not None:
                raise self.at_start
            await start()

        return begin


@pytest.fixture
def vendors(live: Live, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Moody]]:
    """Two vendors with keys before the embedded engine, in this order."""
    made = {name: Moody() for name in (FIRST, SECOND, "embedded")}
    monkeypatch.setattr(opening, "provider", made.__getitem__)
    monkeypatch.setattr("integrations.voice.routing.PROVIDERS", dict.fromkeys(made, ""))
    settings.VENDOR_KEYS = {FIRST: "key-of-the-first", SECOND: "key-of-the-second"}
    resilience.breakers.cache_clear()
    organization = live.cast.acme
    before = (organization.voice_providers, organization.voice_failover, organization.allowed_ai_providers)
    yield made
    resilience.breakers.cache_clear()
    policy(live, voice_providers=before[0], voice_failover=before[1], allowed_ai_providers=before[2])


def policy(live: Live, **changes: Any) -> None:
    Organization.objects.filter(pk=live.cast.acme.pk).update(**changes)


def kept(row: Call, type: str) -> list[dict[str, Any]]:
    return [event.data for event in row.events.order_by("pk") if event.type == type]


def talk(live: Live) -> tuple[int, str]:
    """A short call; returns how it was closed."""

    async def call() -> tuple[int, str]:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            assert await say(socket, "hi") == "1: hi"
            assert await say(socket, "goodbye") == "Goodbye."
            return await until_closed(socket)

    return asyncio.run(call())


def dial(live: Live) -> tuple[int, str]:
    """Try to get a voice and get none."""

    async def call() -> tuple[int, str]:
        async with connect(live.voice_url()) as socket:
            error = await next_of(socket, "error")
            assert "No voice service answers" in error["error_event"]["message"]
            return await until_closed(socket)

    return asyncio.run(call())


FAILURES = {
    "refused": ProviderRefused("the key was refused", provider=FIRST, status=401),
    "rate_limited": ProviderRateLimited("too many requests", provider=FIRST, retry_after=60),
    "unavailable": ProviderUnavailable("answered 500", provider=FIRST, status=500),
    "timeout": ProviderTimeout("no answer in time", provider=FIRST),
    "invalid_answer": ProviderInvalidAnswer("not a signed address", provider=FIRST),
    "not_configured": ProviderNotConfigured("no agent", provider=FIRST),
}


@pytest.mark.parametrize("where", ["at_open", "at_start"])
@pytest.mark.parametrize("code", sorted(FAILURES))
def test_the_next_one_speaks_and_nobody_notices(live: Live, vendors: dict[str, Moody], code: str, where: str) -> None:
    setattr(vendors[FIRST], where, FAILURES[code])
    assert talk(live) == (1000, "agent")
    row = live.read()
    assert (row.status, row.provider) == ("completed", SECOND)
    assert row.turns.count() == 5
    assert [(fault["provider"], fault["error_type"]) for fault in kept(row, "provider:fault")] == [(FIRST, code)]
    assert [(event["old"], event["new"]) for event in kept(row, "provider:switched")] == [(FIRST, SECOND)]
    assert vendors[SECOND].keys[0].api_key == "key-of-the-second"


def test_one_that_never_answers_is_not_waited_for(
    live: Live, vendors: dict[str, Moody], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "OPEN_SECONDS", 2.0)
    vendors[FIRST].hangs = True
    assert talk(live) == (1000, "agent")
    assert live.read().provider == SECOND
    assert vendors[FIRST].sessions[0].closed


def test_a_surprise_of_an_adapter_is_a_failure_like_any_other(live: Live, vendors: dict[str, Moody]) -> None:
    vendors[FIRST].at_start = KeyError("signed_url")
    assert talk(live) == (1000, "agent")
    row = live.read()
    assert row.provider == SECOND
    assert "signed_url" not in str(kept(row, "provider:fault"))


def test_the_embedded_engine_is_the_last_resort(live: Live, vendors: dict[str, Moody]) -> None:
    vendors[FIRST].at_open = vendors[SECOND].at_open = FAILURES["unavailable"]
    assert talk(live) == (1000, "agent")
    assert live.read().provider == "embedded"


def test_none_left_gives_the_attempt_back_and_it_can_be_used(live: Live, vendors: dict[str, Moody]) -> None:
    policy(live, allowed_ai_providers=[FIRST])
    vendors[FIRST].at_start = FAILURES["unavailable"]
    assert dial(live) == (1011, "provider_unavailable")
    row = live.read()
    assert (row.status, row.started_at, row.turns.count()) == ("pending", None, 0)
    vendors[FIRST].at_start = None
    assert talk(live) == (1000, "agent")
    assert live.read().status == "completed"


def test_the_allow_list_is_never_left(live: Live, vendors: dict[str, Moody]) -> None:
    policy(live, allowed_ai_providers=[SECOND])
    assert talk(live) == (1000, "agent")
    assert live.read().provider == SECOND
    assert vendors[FIRST].keys == vendors["embedded"].keys == []


def test_the_organisations_order_counts(live: Live, vendors: dict[str, Moody]) -> None:
    policy(live, voice_providers=["embedded", SECOND])
    talk(live)
    assert live.read().provider == "embedded"


def test_without_fail_over_only_the_first_is_tried(live: Live, vendors: dict[str, Moody]) -> None:
    policy(live, voice_failover=False)
    vendors[FIRST].at_start = FAILURES["refused"]
    assert dial(live) == (1011, "provider_unavailable")
    assert vendors[SECOND].keys == []
    assert live.read().status == "pending"


def test_a_vendor_that_rests_is_not_even_asked(live: Live, vendors: dict[str, Moody]) -> None:
    for _time in range(BREAKER_THRESHOLD):
        count_failure(FIRST, FAILURES["unavailable"])
    assert talk(live) == (1000, "agent")
    assert vendors[FIRST].keys == []
    assert live.read().provider == SECOND


def test_one_that_breaks_off_before_a_word_costs_nothing(live: Live, vendors: dict[str, Moody]) -> None:
    async def call() -> None:
        vendors[FIRST].dies = True
        async with connect(live.voice_url()) as socket:
            assert await until_closed(socket) == (1012, "provider_failed")
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            await say(socket, "goodbye")
            await until_closed(socket)

    asyncio.run(call())
    row = live.read()
    assert (row.status, row.provider) == ("completed", SECOND)


def test_one_that_breaks_off_in_mid_call_is_followed_by_another_that_knows_what_was_said(
    live: Live, vendors: dict[str, Moody]
) -> None:
    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "agent_response")
            assert await say(socket, "we spoke of prices") == "1: we spoke of prices"
            vendors[FIRST].sessions[0].queue.put_nowait(Fault("websocket_disconnect", "gone", fatal=True))
            assert await until_closed(socket) == (1012, "provider_failed")
        assert await asyncio.to_thread(lambda: live.read().status) == "in_progress"
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "conversation_initiation_metadata")
            assert await say(socket, "goodbye") == "Goodbye."
            await until_closed(socket)

    asyncio.run(call())
    row = live.read()
    assert (row.status, row.provider) == ("completed", SECOND)
    brief = vendors[SECOND].sessions[0].brief
    assert brief.resumed
    assert [said.text for said in brief.history] == ["Hello?", "we spoke of prices", "1: we spoke of prices"]
    assert [turn.content for turn in row.turns.order_by("seq")][-2:] == ["goodbye", "Goodbye."]


def test_a_lost_line_comes_back_to_the_same_service(live: Live, vendors: dict[str, Moody], settings: Any) -> None:
    """Even when a better one has recovered meanwhile."""
    vendors[FIRST].at_start = FAILURES["unavailable"]

    async def call() -> None:
        lost = await connect(live.voice_url())
        await next_of(lost, "agent_response")
        await say(lost, "hello")
        lost.transport.abort()
        vendors[FIRST].at_start = None
        held = next(iter(holder.held.values()))
        loop = held._tasks[0].get_loop()
        released = asyncio.run_coroutine_threadsafe(held.finish(None), loop)
        await asyncio.to_thread(released.result, 10)
        async with connect(live.voice_url()) as socket:
            await next_of(socket, "conversation_initiation_metadata")
            await say(socket, "goodbye")
            await until_closed(socket)

    asyncio.run(call())
    assert live.read().provider == SECOND


def test_one_that_breaks_off_again_and_again_ends_the_call(live: Live, vendors: dict[str, Moody]) -> None:
    policy(live, allowed_ai_providers=[FIRST])

    async def call() -> list[tuple[int, str]]:
        closings = []
        for _time in range(4):
            async with connect(live.voice_url()) as socket:
                await next_of(socket, "conversation_initiation_metadata")
                await say(socket, "still there?")
                vendors[FIRST].sessions[-1].queue.put_nowait(Fault("llm_error", "gone", fatal=True))
                closings.append(await until_closed(socket))
        return closings

    closings = asyncio.run(call())
    assert [code for code, _reason in closings] == [1012, 1012, 1012, 1000]
    asyncio.run(until(lambda: live.read().status == "completed"))
    row = live.read()
    assert row.ended_by == "system"
    assert row.voided_at is not None


def test_giving_back_what_was_spoken_in_is_refused(live: Live, vendors: dict[str, Moody]) -> None:
    talk(live)
    assert not serving.give_back(call_id=live.call.pk)
    assert live.read().status == "completed"
    with pytest.raises(services.CallAlreadyEnded):
        services.begin(call_id=live.call.pk)


def test_waiting_for_a_voice_is_no_part_of_the_call(live: Live, vendors: dict[str, Moody], monkeypatch: Any) -> None:
    monkeypatch.setattr(opening, "OPEN_SECONDS", 5.0)
    vendors[FIRST].hangs = True
    talk(live)
    row = live.read()
    first = row.turns.order_by("seq").first()
    assert first is not None
    assert first.timestamp_ms < 4500
    assert row.duration_ms is not None
    assert row.started_at is not None
    assert row.ended_at is not None
    assert abs((row.ended_at - row.started_at).total_seconds() * 1000 - row.duration_ms) < 1000
