"""A call through the pipeline, in real time: what is heard, said and told when parts of the vendor fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from integrations.errors import ProviderInvalidAnswer, ProviderNotConfigured, ProviderRefused
from integrations.vendors import VendorKeys
from integrations.voice.base import VoiceBrief, VoiceSession
from integrations.voice.events import (
    AudioOut,
    BuyerCut,
    BuyerFinished,
    BuyerSaid,
    Ended,
    Fault,
    UserSaid,
    VoiceEvent,
)
from integrations.voice.openai_pipeline import OpenAIProvider
from integrations.voice.registry import provider
from tests.integrations.openai.conftest import openai_keys
from tests.integrations.voice.virtual import RATE, FakeResponder, FakeSpeech, Writer
from tests.standins.openai import OpenAI

BRIEF = VoiceBrief(call_id="c1", prompt="", first_message="Hello?", language="en", voice_id="carl")


class Phone:
    """A running session, its events, and a microphone."""

    def __init__(self, session: VoiceSession, speech: FakeSpeech) -> None:
        self.session = session
        self.speech = speech
        self.events: list[VoiceEvent] = []
        self.told = asyncio.Event()

    async def say(self, phrase: str, ms: int = 500) -> None:
        await self.play(self.speech.voice(phrase, ms) + bytes(RATE * 2))

    async def play(self, audio: bytes) -> None:
        size = RATE * 2 // 50
        for at in range(0, len(audio), size):
            self.session.hear_audio(audio[at : at + size])
            await asyncio.sleep(0.01)  # twice as fast as time, which a session does not mind

    async def until(self, kind: type, count: int = 1) -> Any:
        async with asyncio.timeout(60):
            while len(self.of(kind)) < count:
                self.told.clear()
                await self.told.wait()
        return self.of(kind)[count - 1]

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@asynccontextmanager
async def calling(
    vendor: OpenAI, responder: Any, *, keys: VendorKeys | None = None, **brief: Any
) -> AsyncIterator[Phone]:
    speech = FakeSpeech()
    speech.make_ms = speech.read_ms = 0
    began = time.monotonic()
    session = await OpenAIProvider(speech).open(
        replace(BRIEF, **brief),
        keys=keys or openai_keys(vendor),
        responder=responder,
        clock=lambda: int((time.monotonic() - began) * 1000),
    )
    call = Phone(session, speech)

    async def collect() -> None:
        async for event in session.events():
            call.events.append(event)
            call.told.set()

    await session.start()
    collecting = asyncio.create_task(collect())
    try:
        yield call
    finally:
        await session.close()
        await collecting


async def test_a_turn_is_heard_and_answered_by_the_vendor(vendor: OpenAI) -> None:
    responder = FakeResponder("Yes.", opening="Hm.")
    async with calling(vendor, responder) as call:
        assert call.session.conversation_id.startswith("oai_")
        await call.until(BuyerFinished)
        await call.say("something")
        assert (await call.until(UserSaid)).text == "How do you plan your routes?"
        assert (await call.until(BuyerSaid, 2)).text == "Yes."
        finished = await call.until(BuyerFinished, 2)
        assert finished.first_audio_ms is not None
        assert call.of(Fault) == []
        spoken = sum(len(event.pcm) for event in call.of(AudioOut) if event.event_id == finished.event_id)
        assert spoken == 24 * 2 * 40 * len("Yes.")
        assert call.speech.recognised == []
    speeches = [seen.body for seen in vendor.requests("/audio/speech")]
    assert [body["voice"] for body in speeches] == ["ash", "ash"]
    assert all("American English" in body["instructions"] for body in speeches)


async def test_an_account_may_choose_other_voices_and_models(vendor: OpenAI) -> None:
    keys = replace(openai_keys(vendor), options={"voice_carl": "cedar", "tts_model": "tts-1"}, own=True)
    async with calling(vendor, FakeResponder(opening="Hm."), keys=keys) as call:
        await call.until(BuyerFinished)
    body = vendor.requests("/audio/speech")[0].body
    assert (body["voice"], body["model"], "instructions" in body) == ("cedar", "tts-1", False)


async def test_sentences_are_spoken_while_the_rest_is_written(vendor: OpenAI) -> None:
    responder = Writer("Well, yes.", "Ask me.", pause=0.3)
    async with calling(vendor, responder) as call:
        await call.until(BuyerFinished)
        await call.say("something")
        said = await call.until(BuyerSaid, 2)
        assert said.text == "Well, yes. Ask me."
        assert said.state == {"turn": 1}
        order = [type(event) for event in call.events if getattr(event, "event_id", 0) == said.event_id]
        assert order[0] is AudioOut
        await call.until(BuyerFinished, 2)
        assert (await call.until(Fault)).error_type == "llm_error"
    assert responder.closed


async def test_cutting_in_stops_the_writing(vendor: OpenAI) -> None:
    responder = Writer("We looked at three of those last year, and none of them stuck.", "So tell me why.", pause=0.5)
    async with calling(vendor, responder) as call:
        await call.until(BuyerFinished)
        await call.say("something")
        await call.until(AudioOut, 3)
        await call.play(call.speech.voice("wait", 700))
        cut = await call.until(BuyerCut)
        said = call.of(BuyerSaid)[1]
        assert cut.event_id == said.event_id
        assert cut.original == said.text == responder.finished[0]
        assert said.text.startswith(cut.spoken)
        assert call.events.index(said) < call.events.index(cut)


async def test_a_typed_turn_gets_the_whole_reply(vendor: OpenAI) -> None:
    responder = Writer("Well, yes.", "Ask me.", hang_up="goodbye")
    async with calling(vendor, responder, text_only=True) as call:
        await call.session.hear_text("Hello")
        assert (await call.until(BuyerSaid, 2)).text == "Well, yes. Ask me."
        ended = await call.until(Ended)
        assert (ended.reason, ended.outcome) == ("goodbye", "won")
    assert vendor.requests("/audio") == []


@pytest.mark.parametrize("fault", ["refuse_401", "limit_429", "broken_500", "malformed_frame", "drop_mid_word"])
async def test_our_voice_takes_over(vendor: OpenAI, fault: str) -> None:
    vendor.misbehave(fault, times=9, path="/audio/speech")
    async with calling(vendor, FakeResponder("Yes.", opening="Well, hello.")) as call:
        await call.until(BuyerFinished)
        assert (await call.until(Fault)).error_type == "tts_cascade_error"
        assert not call.of(Fault)[0].fatal
        spoken = sum(len(event.pcm) for event in call.of(AudioOut))
        assert spoken > 24 * 2 * 20 * len("Well, hello.")
        await call.say("something")
        answered = await call.until(BuyerSaid, 2)
        assert "tts_fallback" in {entry["rule"] for entry in answered.trace}
        await call.until(BuyerFinished, 2)
        assert len(call.of(Fault)) == 1
    asked = len(vendor.requests("/audio/speech"))
    assert asked == (1 if fault == "refuse_401" else 2)


@pytest.mark.parametrize("fault", ["refuse_401", "limit_429", "broken_500", "malformed_frame"])
async def test_our_ears_take_over(vendor: OpenAI, fault: str) -> None:
    vendor.misbehave(fault, times=9, path="/audio/transcriptions")
    async with calling(vendor, FakeResponder("Yes.", opening="Hm.")) as call:
        await call.until(BuyerFinished)
        await call.say("What do you need?")
        assert (await call.until(UserSaid)).text == "What do you need?"
        answered = await call.until(BuyerSaid, 2)
        assert "stt_fallback" in {entry["rule"] for entry in answered.trace}
        assert [event.error_type for event in call.of(Fault)] == ["asr_transcription_error"]


async def test_a_slow_vendor_is_not_waited_for(vendor: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.speech.openai_speech.FIRST_SOUND_WITHIN", 0.2)
    monkeypatch.setattr("integrations.speech.openai_speech.HEARD_WITHIN", 0.2)
    vendor.misbehave("slow", times=9, seconds=1.0, path="/audio")
    async with calling(vendor, FakeResponder("Yes.", opening="Hm.")) as call:
        await call.until(BuyerFinished)
        await call.say("What do you need?")
        assert (await call.until(UserSaid)).text == "What do you need?"
        await call.until(BuyerFinished, 2)
        assert {event.error_type for event in call.of(Fault)} == {"tts_cascade_error", "asr_transcription_error"}


async def test_keys_are_checked_with_the_vendor(vendor: OpenAI) -> None:
    found = provider("openai")
    found.check(openai_keys(vendor))
    with pytest.raises(ProviderRefused):
        found.check(openai_keys(vendor, api_key="wrong"))
    with pytest.raises(ProviderInvalidAnswer, match="no model gpt-9-tts"):
        found.check(replace(openai_keys(vendor), options={"tts_model": "gpt-9-tts"}))
    with pytest.raises(ProviderNotConfigured):
        await found.open(BRIEF, keys=VendorKeys("openai"), responder=FakeResponder(), clock=lambda: 0)
