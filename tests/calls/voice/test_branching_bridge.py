"""A branching call that a vendor's agent speaks: its stages and speakers are on record, and the agent is told of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django_tenants.utils import schema_context
from websockets.asyncio.client import connect

from calls.models import Call
from calls.path import ENTERED, way_of
from calls.signals import call_completed
from calls.voice import holder, opening
from integrations.resilience import POLICIES, RetryPolicy, breakers
from integrations.vendors import VendorKeys
from integrations.voice.elevenlabs.provider import ElevenLabsProvider
from integrations.voice.routing import Candidate
from integrations.voice.vapi import VapiProvider
from tests.calls.voice.conftest import Live
from tests.calls.voice.test_elevenlabs_bridge import Browser
from tests.engine.branching import HELLO, REASON, branching
from tests.engine.test_follower import ASKS, DANA, GAIL, THROUGH
from tests.integrations.voice.elevenlabs_calls import keys
from tests.integrations.voice.vapi_calls import keys_for
from tests.integrations.voice.virtual import FakeSpeech
from tests.standins.agent import Script
from tests.standins.elevenlabs import ElevenLabs
from tests.standins.vapi import Vapi

pytestmark = pytest.mark.slow


@dataclass
class Vendor:
    """A stand-in with what its agent was told beside the conversation, oldest first."""

    name: str
    stand_in: Any
    directions: Callable[[], list[str]]
    prompts: Callable[[], list[str]]


def elevenlabs() -> tuple[Vendor, VendorKeys, Any]:
    made = ElevenLabs(speech=FakeSpeech())

    def prompts() -> list[str]:
        told = [talk.heard[0]["conversation_config_override"]["agent"] for talk in made.talks.values()]
        return [one["prompt"]["prompt"] for one in told]

    def directions() -> list[str]:
        return [text for talk in made.talks.values() for text in talk.kept.contexts]

    return Vendor("elevenlabs", made, directions, prompts), keys(made), ElevenLabsProvider


def vapi() -> tuple[Vendor, VendorKeys, Any]:
    made = Vapi(speech=FakeSpeech())

    def directions() -> list[str]:
        heard = [message for line in made.lines.values() for message in line.heard]
        added = [message for message in heard if message["type"] == "add-message"]
        said = [message for message in added if message["message"]["role"] == "system"]
        assert not any(message["triggerResponseEnabled"] for message in said)
        return [message["message"]["content"] for message in said]

    def prompts() -> list[str]:
        return [line.kept.assistant["model"]["messages"][0]["content"] for line in made.lines.values()]

    return Vendor("vapi", made, directions, prompts), keys_for(made), VapiProvider


@pytest.fixture(params=[elevenlabs, vapi], ids=["elevenlabs", "vapi"])
def vendor(live: Live, monkeypatch: pytest.MonkeyPatch, request: Any) -> Iterator[Vendor]:
    made, _account, _provider = request.param()
    monkeypatch.setattr(call_completed, "receivers", [])  # nobody is to score it
    call_completed.sender_receivers_cache.clear()
    monkeypatch.setitem(POLICIES, made.name, RetryPolicy((0.05, 0.05)))
    breakers.cache_clear()
    made.stand_in.script = Script(lines=(ASKS, THROUGH, DANA, "What is it that you do?"))
    change(live, brief=branching().to_json(), provider=made.name)
    with made.stand_in.serving():
        account = keys(made.stand_in) if made.name == "elevenlabs" else keys_for(made.stand_in)
        monkeypatch.setattr(opening, "provider", lambda _name: _provider())
        monkeypatch.setattr(opening, "routes", lambda *_args, **_more: [Candidate(made.name, account)])
        yield made
    breakers.cache_clear()
    call_completed.sender_receivers_cache.clear()
    holder.held.clear()


def change(live: Live, **values: Any) -> None:
    with schema_context(live.cast.acme.schema_name):
        Call.objects.filter(pk=live.call.pk).update(**values)


async def exchange(page: Browser, text: str) -> None:
    """Say something, and wait for the whole answer."""
    before = len(page.of("agent_response"))
    await page.say(text)
    await page.until(lambda: len(page.of("agent_response")) > before)


async def put_through(socket: Any, vendor: Vendor) -> Browser:
    """Past the front desk; the agent has been told so."""
    page = Browser(socket)
    await page.until(lambda: page.of("agent_response"))
    for text in (HELLO, REASON):
        await exchange(page, text)
    await page.until(vendor.directions)
    return page


def ended(live: Live) -> Call:
    for _ in range(1200):
        row = live.read()
        if row.status == "completed":
            return row
        time.sleep(0.05)
    raise AssertionError(row.status)


def test_stages_and_speakers_are_on_record_and_the_agent_is_told(live: Live, vendor: Vendor) -> None:
    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            page = Browser(socket)
            await page.until(lambda: page.of("agent_response"))
            for text in (HELLO, REASON, "Hello, are you there?"):
                await exchange(page, text)
            await page.until(vendor.directions)
            assert not [frame for frame in page.frames if "Stage direction" in str(frame)]

    asyncio.run(call())
    row = ended(live)
    said = [
        (turn.original_content or turn.content, turn.speaker) for turn in row.turns.all() if turn.role == "assistant"
    ]
    assert said == [(GAIL, "Gail Frost"), (ASKS, "Gail Frost"), (THROUGH, "Gail Frost"), (DANA, "Dana Whitfield")]
    (direction,) = vendor.directions()
    assert "Talk" in direction
    assert "Dana Whitfield is on the line now" in direction
    assert "Get to the point." in direction
    with schema_context(live.cast.acme.schema_name):
        way = way_of(row, row.turns.order_by("seq"))
        assert way is not None
        assert [(stage.node, stage.speaker) for stage in way.taken] == [
            ("door", "Gail Frost"),
            ("talk", "Dana Whitfield"),
        ]
        assert way.taken[1].why.startswith("the objection “She gets a lot of calls.")
        assert [event.data["node"] for event in row.events.filter(type=ENTERED).order_by("pk")] == ["door", "talk"]
    assert row.engine_state["script"]["place"]["node"] == "talk"


def test_another_process_takes_the_call_up_where_it_stands(live: Live, vendor: Vendor) -> None:
    """As after a kill -9: whoever takes the call up has nothing but the rows."""

    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            await put_through(socket, vendor)
            holder.held.clear()  # this process knows of no call any more
            vendor.stand_in.script = Script(lines=(DANA,))
            async with connect(live.voice_url()) as again:
                await exchange(Browser(again), "Hello, are you there?")

    asyncio.run(call())
    row = ended(live)
    assert "Dana Whitfield is on the line now" not in vendor.prompts()[0]
    assert "Dana Whitfield is on the line now" in vendor.prompts()[-1]
    assert [turn.speaker for turn in row.turns.all() if turn.role == "assistant"][-1] == "Dana Whitfield"
    stages = [entry["subject"] for turn in row.turns.all() for entry in turn.trace if entry["rule"] == "stage_entered"]
    assert stages == ["door", "talk"]


def test_a_lost_conversation_is_told_the_stage_again(live: Live, vendor: Vendor) -> None:
    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            page = await put_through(socket, vendor)
            vendor.stand_in.misbehave("drop_mid_word")
            await page.say("Hello, are you there?")
            await page.until(lambda: len(vendor.directions()) == 2)

    asyncio.run(call())
    first, second = vendor.directions()
    assert first == second


def test_an_end_of_the_graph_tells_how_the_call_went(live: Live, vendor: Vendor) -> None:
    brief = branching()
    assert brief.script is not None
    data = brief.to_json()
    data["script"]["graph"]["edges"].insert(
        1, {"id": "no", "from": "door", "to": "lost", "label": "", "when": {"kind": "turns", "count": 1}}
    )
    change(live, brief=data)

    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            page = Browser(socket)
            await page.until(lambda: page.of("agent_response"))
            await exchange(page, HELLO)
            await page.until(vendor.directions)
            assert "end the call" in vendor.directions()[0]
            await page.say("goodbye")
            await page.until(lambda: socket.close_code is not None)

    asyncio.run(call())
    row = ended(live)
    assert (row.outcome, row.ended_by) == ("lost", "persona")
