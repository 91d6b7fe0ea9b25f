"""Whole calls through the Vapi adapter, with its stand-in behaving and misbehaving."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from integrations.errors import ProviderError, ProviderRateLimited, ProviderRefused, ProviderUnavailable
from integrations.resilience import NO_RETRY, POLICIES, breakers
from integrations.voice.base import SaidBefore
from integrations.voice.events import (
    AudioOut,
    BuyerCut,
    BuyerFinished,
    BuyerSaid,
    Ended,
    Fault,
    Reconnected,
    ToolCalled,
    UserSaid,
)
from integrations.voice.vapi import session as session_module
from tests.integrations.voice.vapi_calls import PROMPT, VARIABLES, Talk, keys_for
from tests.integrations.voice.virtual import FakeSpeech
from tests.standins.agent import Script
from tests.standins.vapi import Vapi
from tests.standins.vapi_line import Line

OPENING = "Hello, Dana here."


@pytest.fixture
def vendor(settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vapi]:
    settings.BREAKER_URL = ""  # type: ignore[attr-defined]
    breakers.cache_clear()
    monkeypatch.setattr("integrations.resilience.JITTER", 0.0)
    monkeypatch.setattr("tests.integrations.voice.virtual.MS_PER_CHARACTER", 25)  # a quick speaker
    stand_in = Vapi(speech=FakeSpeech())
    stand_in.script = Script(lines=("We use spreadsheets.", "What does it cost?"))
    with stand_in.serving():
        yield stand_in
    breakers.cache_clear()


@pytest.mark.parametrize("wrapped", [False, True])
async def test_a_spoken_call(vendor: Vapi, wrapped: bool) -> None:
    vendor.wrapped = wrapped
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        await talk.say("how do you do it today then")
        await talk.until(lambda: len(talk.of(BuyerFinished)) == 2)
    assert [event.text for event in talk.of(BuyerSaid)] == [OPENING, "We use spreadsheets."]
    (said,) = talk.of(UserSaid)
    assert said.text == "how do you do it today then"
    assert 300 < said.end_ms - said.start_ms < 3000
    ids = [event.event_id for event in talk.told if isinstance(event, BuyerSaid | UserSaid)]
    assert ids == sorted(ids)
    first, second = talk.of(BuyerSaid)
    spoken = {event.event_id for event in talk.of(AudioOut)}
    assert spoken == {first.event_id, second.event_id}
    assert all(0 < len(event.pcm) <= 3200 for event in talk.of(AudioOut))
    assert talk.of(BuyerFinished)[0].first_audio_ms is None  # nobody asked for the opening
    assert (talk.of(BuyerFinished)[1].first_audio_ms or 0) > 0
    assert not talk.of(Fault)


async def test_what_the_vendor_is_told(vendor: Vapi) -> None:
    keys = keys_for(vendor, voice_ada="voice-1", model="anthropic/claude", public_key="pk", webhook_auth="secret")
    async with Talk(vendor, keys=keys, time_limit_seconds=300):
        pass
    (asked,) = vendor.requests("/call")[:1]
    assistant = asked.body["assistant"]
    assert asked.body["transport"]["audioFormat"] == {"format": "pcm_s16le", "container": "raw", "sampleRate": 16000}
    assert assistant["firstMessage"] == OPENING
    assert assistant["maxDurationSeconds"] == 315
    assert assistant["model"]["messages"] == [{"role": "system", "content": PROMPT}]
    assert (assistant["model"]["provider"], assistant["model"]["model"]) == ("anthropic", "claude")
    assert assistant["voice"] == {"provider": "11labs", "voiceId": "voice-1"}
    assert assistant["transcriber"]["language"] == "en"
    assert assistant["metadata"] == VARIABLES
    assert assistant["server"]["url"].endswith("/org/acme/api/webhooks/vapi/")
    assert assistant["server"]["headers"] == {"X-Vapi-Secret": vendor.webhook_secret}
    look_up = next(tool for tool in assistant["model"]["tools"] if tool["type"] == "function")
    assert look_up["server"]["url"].endswith("/org/acme/api/vapi/tools/knowledge-base/")
    assert assistant["monitorPlan"]["controlAuthenticationEnabled"] is True


async def test_a_configured_assistant_plays_our_buyer(vendor: Vapi) -> None:
    async with Talk(vendor, keys=keys_for(vendor, assistant_id="as_demo")) as talk:
        await talk.until(lambda: talk.of(BuyerSaid))
    body = vendor.requests("/call")[0].body
    assert body["assistantId"] == "as_demo"
    assert "assistant" not in body
    assert body["assistantOverrides"]["model"]["messages"][0]["content"] == PROMPT
    assert body["assistantOverrides"]["variableValues"] == VARIABLES
    assert "voice" not in body["assistantOverrides"]


async def test_a_typed_turn(vendor: Vapi) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        await talk.session.hear_text("how do you do it today")
        await talk.until(lambda: len(talk.of(BuyerFinished)) == 2)
    assert [event.text for event in talk.of(UserSaid)] == ["how do you do it today"]
    assert talk.of(BuyerSaid)[1].text == "We use spreadsheets."


async def test_a_text_call_has_no_sound(vendor: Vapi) -> None:
    async with Talk(vendor, text_only=True) as talk:
        await talk.until(lambda: talk.of(BuyerSaid))
        await talk.session.hear_text("how do you do it today")
        await talk.until(lambda: len(talk.of(BuyerSaid)) == 2)
    assert not talk.of(AudioOut)


async def test_cutting_in(vendor: Vapi) -> None:
    long = "We use spreadsheets for all of it and have done so for many years now, as far as I know, in each of our offices."
    vendor.script = Script(lines=(long,))
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        heard = len(talk.of(AudioOut))
        asking = asyncio.create_task(talk.say("how do you do it today", then_quiet_ms=800))
        await talk.until(lambda: len(talk.of(AudioOut)) > heard + 3)
        await asking
        await talk.say("sorry one moment please")
        await talk.until(lambda: len(talk.of(UserSaid)) == 2)
    (cut,) = talk.of(BuyerCut)
    assert cut.original.startswith("We use spreadsheets")
    assert cut.original.startswith(cut.spoken)
    assert len(cut.spoken) < len(cut.original)
    order = [type(event) for event in talk.told if isinstance(event, BuyerSaid | BuyerCut | UserSaid)]
    assert order[:4] == [BuyerSaid, UserSaid, BuyerSaid, BuyerCut]


async def test_the_buyer_hangs_up_after_its_last_word(vendor: Vapi) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        await talk.session.hear_text("goodbye")
        await talk.until(lambda: talk.of(Ended))
    assert talk.of(BuyerSaid)[-1].text == "Thank you, goodbye."
    assert not talk.of(BuyerCut)
    assert talk.of(Ended) == [Ended("persona", "goodbye")]


async def test_a_tool_that_the_buyer_used_is_noted(vendor: Vapi) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        await talk.session.hear_text("look up the budget")
        (called,) = await talk.until(lambda: talk.of(ToolCalled))
    assert (called.name, json.loads(called.arguments)) == ("lookup_knowledge", {"query": "the budget"})
    assert called.is_error  # nobody serves the tool here


async def test_what_is_quiet_between_utterances_is_no_speech(vendor: Vapi) -> None:
    vendor.line_noise = True
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        heard = len(talk.of(AudioOut))
        await asyncio.sleep(0.5)
        assert len(talk.of(AudioOut)) == heard
    assert len(talk.of(BuyerSaid)) == 1


async def test_last_words_that_come_after_the_sound(vendor: Vapi) -> None:
    vendor.late_transcripts = True
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
    assert [event.text for event in talk.of(BuyerSaid)] == [OPENING]


async def test_a_held_call_is_mute_and_deaf(vendor: Vapi) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        line = next(iter(vendor.lines.values()))
        await talk.session.hold(True)
        frames = line.frames
        await talk.say("is anybody there")
        assert line.frames == frames
        await talk.session.hold(False)
        await talk.until(lambda: len(line.heard) == 2)
    assert [message["control"] for message in line.heard[:2]] == ["mute-assistant", "unmute-assistant"]


async def test_the_last_words_are_told_when_the_trainee_hangs_up(vendor: Vapi) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(AudioOut))
        await talk.session.flush()
        await talk.until(lambda: talk.of(BuyerCut))
        await talk.session.close()
        line = next(iter(vendor.lines.values()))
        await talk.until(lambda: line.kept.ended_reason)
    assert line.heard[-1] == {"type": "end-call"}
    assert OPENING.startswith(talk.of(BuyerCut)[0].spoken)


# -- faults -----------------------------------------------------------------------------------------------------------
async def test_a_dropped_line_is_called_again_with_what_was_said(vendor: Vapi) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        first = talk.session.conversation_id
        vendor.misbehave("drop_mid_word")
        await talk.session.hear_text("how do you do it today")
        await talk.until(lambda: len(vendor.lines) == 2)
        await talk.until(lambda: len(talk.of(BuyerFinished)) == 2)
    (fault,) = talk.of(Fault)
    assert (fault.error_type, fault.fatal) == ("websocket_disconnect", False)
    again = vendor.requests("/call")[-1].body["assistant"]
    assert again["model"]["messages"][1:3] == [
        {"role": "assistant", "content": OPENING},
        {"role": "user", "content": "how do you do it today"},
    ]
    assert "firstMessage" not in again
    assert "Hello, Dana" not in talk.of(BuyerSaid)[-1].text
    # The second call has an id of its own, under which its record comes.
    (reconnected,) = talk.of(Reconnected)
    assert reconnected.conversation_id == talk.session.conversation_id != first
    # What was heard of the reply that was torn off is kept, as what it was.
    (cut,) = talk.of(BuyerCut)
    assert "We use spreadsheets.".startswith(cut.spoken)


async def test_a_line_that_drops_again_is_given_up(vendor: Vapi) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        vendor.misbehave("drop_mid_word", times=2)
        await talk.session.hear_text("how do you do it today")
        await talk.until(lambda: len(vendor.lines) == 2)
        await talk.session.hear_text("hello")
        await talk.until(lambda: [fault for fault in talk.of(Fault) if fault.fatal])
    assert [fault.fatal for fault in talk.of(Fault)] == [False, True]
    assert talk.of(UserSaid)[0].text == "how do you do it today"


async def test_a_dropped_line_and_no_second_one(vendor: Vapi) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        vendor.misbehave("drop_mid_word")
        vendor.misbehave("refuse_401")
        await talk.session.hear_text("how do you do it today")
        await talk.until(lambda: [fault for fault in talk.of(Fault) if fault.fatal])


async def test_a_second_call_in_which_nobody_spoke_is_known_too(vendor: Vapi, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        monkeypatch.setattr(session_module, "ALIVE_SECONDS", 0.3)

        async def says_nothing(line: Line) -> None:
            await line.socket.receive()

        monkeypatch.setattr(Line, "run", says_nothing)
        vendor.misbehave("drop_mid_word")
        await talk.session.hear_text("how do you do it today")
        await talk.until(lambda: [fault for fault in talk.of(Fault) if fault.fatal])
    # Its report comes under its own id.
    assert [event.conversation_id for event in talk.of(Reconnected)] == [list(vendor.calls)[1]]


async def test_messages_that_are_none_are_passed_over(vendor: Vapi) -> None:
    vendor.misbehave("malformed_frame")
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        assert talk.session.malformed == 2
    assert [event.text for event in talk.of(BuyerSaid)] == [OPENING]


async def test_a_stall_is_told_and_survived(vendor: Vapi) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        vendor.misbehave("stall", seconds=0.5)
        await talk.session.hear_text("how do you do it today")
        await talk.until(lambda: len(talk.of(BuyerFinished)) == 2)
    assert [fault.error_type for fault in talk.of(Fault)] == ["llm_timeout"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [("refuse_401", ProviderRefused), ("limit_429", ProviderRateLimited), ("broken_500", ProviderUnavailable)],
)
async def test_a_call_that_cannot_be_made(
    vendor: Vapi, fault: str, error: type[ProviderError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(POLICIES, "vapi", NO_RETRY)
    vendor.misbehave(fault, times=9)
    with pytest.raises(error):
        async with Talk(vendor):
            pass


async def test_a_call_that_is_made_but_silent_is_not_started(vendor: Vapi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "ALIVE_SECONDS", 0.3)

    async def mute(self: object) -> None:
        await asyncio.sleep(5)

    monkeypatch.setattr("tests.standins.vapi_line.Line.run", mute)
    with pytest.raises(ProviderUnavailable):
        async with Talk(vendor):
            pass


async def test_a_call_the_vendor_breaks_off(vendor: Vapi) -> None:
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
        line = next(iter(vendor.lines.values()))
        await asyncio.to_thread(vendor.run, line.end("pipeline-error-openai-llm-failed"))
        await talk.until(lambda: talk.of(Fault))
    assert talk.of(Fault)[0].fatal
    assert talk.of(Fault)[0].error_type == "llm_error"


async def test_a_call_that_goes_on_does_not_greet(vendor: Vapi) -> None:
    history = (SaidBefore("assistant", OPENING), SaidBefore("user", "what does it cost"))
    async with Talk(vendor, resumed=True, history=history) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
    assert [event.text for event in talk.of(BuyerSaid)] == ["We use spreadsheets."]
    assert not talk.of(UserSaid)


async def test_nothing_of_the_vendors_messages_comes_through(vendor: Vapi) -> None:
    vendor.chatty = True
    async with Talk(vendor) as talk:
        await talk.until(lambda: talk.of(BuyerFinished))
    told = repr(talk.events)
    assert "audit" not in told
    assert vendor.key not in told
