"""ElevenLabs behind our socket: a browser on one side, the stand-in vendor on the other, all of ours between."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import connect

from calls.voice import holder, opening
from integrations.resilience import POLICIES, RetryPolicy, breakers
from integrations.vendors import VendorKeys
from integrations.voice.elevenlabs.provider import ElevenLabsProvider
from integrations.voice.routing import Candidate
from tests.calls.voice.conftest import Live
from tests.integrations.voice.elevenlabs_calls import keys
from tests.integrations.voice.virtual import FakeSpeech
from tests.standins.agent import Script
from tests.standins.elevenlabs import ElevenLabs

pytestmark = pytest.mark.slow

# What the browser may be told, and nothing else.
ALLOWED = {
    "conversation_initiation_metadata",
    "audio",
    "agent_response",
    "agent_response_correction",
    "user_transcript",
    "tentative_user_transcript",
    "interruption",
    "vad_score",
    "ping",
    "error",
}
LONG = "We tried three of those last year and none of them stuck with my team."


@pytest.fixture
def vendor(live: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[ElevenLabs]:
    monkeypatch.setitem(POLICIES, "elevenlabs", RetryPolicy((0.05, 0.05)))
    breakers.cache_clear()
    stand_in = ElevenLabs(speech=FakeSpeech())
    stand_in.script = Script(lines=(LONG, "What does it cost?"))
    with stand_in.serving():
        account: VendorKeys = keys(stand_in)
        monkeypatch.setattr(opening, "provider", lambda _name: ElevenLabsProvider())
        monkeypatch.setattr(opening, "routes", lambda *_args, **_more: [Candidate("elevenlabs", account)])
        yield stand_in
    breakers.cache_clear()
    holder.held.clear()


class Browser:
    """A socket with everything that came over it."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for text in self.socket:
            self.frames.append(json.loads(text))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]

    def sound_of(self, reply: dict[str, Any]) -> list[dict[str, Any]]:
        event_id = reply["agent_response_event"]["event_id"]
        return [frame for frame in self.of("audio") if frame["audio_event"]["event_id"] == event_id]

    async def until(self, what: Any, seconds: float = 60) -> Any:
        for _ in range(int(seconds / 0.02)):
            if found := what():
                return found
            await asyncio.sleep(0.02)
        raise AssertionError([frame for frame in self.frames if frame["type"] not in {"audio", "vad_score", "ping"}])

    async def say(self, text: str) -> None:
        await self.socket.send(json.dumps({"type": "user_message", "text": text}))


def test_a_call_with_a_tool_a_lost_line_and_a_farewell(live: Live, vendor: ElevenLabs) -> None:
    browser: list[Browser] = []

    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            page = Browser(socket)
            browser.append(page)
            await page.until(lambda: page.of("agent_response"))
            await page.say("look up fleet size")
            await page.until(lambda: len(page.of("agent_response")) == 2)
            # From its third piece of sound on, this reply is not the one that is dropped.
            await page.until(lambda: len(page.sound_of(page.of("agent_response")[1])) >= 3)
            vendor.misbehave("drop_mid_word")
            await page.say("How do you train people?")
            # The answer is given again by another conversation.
            await page.until(lambda: len(page.of("agent_response")) == 4)
            await page.until(lambda: page.of("agent_response_correction"))
            await page.say("goodbye")
            await page.until(lambda: socket.close_code is not None)
            assert (socket.close_code, socket.close_reason) == (1000, "agent")

    asyncio.run(call())
    page = browser[0]
    assert {frame["type"] for frame in page.frames} <= ALLOWED
    assert page.of("audio")
    everything = json.dumps(page.frames)
    assert vendor.key not in everything
    brief = live.call.brief
    for pain in brief["hidden_pains"]:
        assert pain["pain"] not in everything
        assert any(pain["pain"] in json.dumps(talk.sent) for talk in vendor.talks.values())
    for _ in range(1200):
        row = live.read()
        if row.status == "completed":
            break
        time.sleep(0.05)
    assert (row.status, row.ended_by) == ("completed", "persona")
    said = [(turn.role, turn.content) for turn in row.turns.all()]
    assert [text for role, text in said if role == "user"] == [
        "look up fleet size",
        "How do you train people?",
        "goodbye",
    ]
    assert len(row.metadata["conversation_ids"]) == 2
    kinds = [event.type for event in row.events.all()]
    assert "tool:called" in kinds
    assert row.recording.duration_ms > 1000


def test_audio_goes_through_untouched(live: Live, vendor: ElevenLabs) -> None:
    sent = ['{"user_audio_chunk":"AAAB' + "AQID" * 200 + '"}', '{"user_audio_chunk": "' + "AgME" * 200 + '"}']

    async def call() -> None:
        async with connect(live.voice_url()) as socket:
            page = Browser(socket)
            await page.until(lambda: page.of("audio"))
            for frame in sent:
                await socket.send(frame)
            talk = next(iter(vendor.talks.values()))
            await page.until(lambda: len(talk.audio_frames) == len(sent))
            assert talk.audio_frames == sent
            theirs = [frame for frame in talk.sent if frame["type"] == "audio"]
            assert page.of("audio") == theirs[: len(page.of("audio"))]

    asyncio.run(call())
