"""What the adapter makes of a vendor that fails: every fault of the stand-in, every error word of the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from integrations.errors import ProviderNotConfigured, ProviderRateLimited, ProviderRefused, ProviderUnavailable
from integrations.resilience import breakers
from integrations.voice.base import VoiceBrief
from integrations.voice.elevenlabs import pulse, wire
from integrations.voice.elevenlabs import session as session_module
from integrations.voice.events import (
    AudioOut,
    BuyerCut,
    BuyerFinished,
    BuyerSaid,
    Ended,
    Fault,
    Reconnected,
    UserSaid,
)
from tests.integrations.voice.elevenlabs_calls import calling, standing_in
from tests.standins.agent import Script
from tests.standins.elevenlabs import ElevenLabs

LONG = "We tried three of those last year and none of them stuck with my team."


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[ElevenLabs]:
    with standing_in(monkeypatch) as stand_in:
        yield stand_in


async def test_refusals_while_opening(vendor: ElevenLabs) -> None:
    for fault, times, raised in (
        ("refuse_401", 1, ProviderRefused),
        ("limit_429", 3, ProviderRateLimited),
        ("broken_500", 3, ProviderUnavailable),
    ):
        vendor.misbehave(fault, times)
        with pytest.raises(raised):
            async with calling(vendor):
                pass
        vendor.reset()
        breakers.cache_clear()
    vendor.misbehave("broken_500")
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: call.of(BuyerSaid))
    assert len(vendor.requests("get-signed-url")) == 2


async def test_without_an_agent_nothing_is_asked(vendor: ElevenLabs) -> None:
    with pytest.raises(ProviderNotConfigured):
        async with calling(vendor, options={"agent_id": ""}):
            pass
    assert vendor.seen == []


async def test_an_agent_that_forbids_overrides_is_a_refusal(vendor: ElevenLabs) -> None:
    vendor.agents["agent_demo"]["platform_settings"] = {}
    with pytest.raises(ProviderRefused, match="override_error"):
        async with calling(vendor):
            pass
    assert len(vendor.requests("get-signed-url")) == 1


async def test_a_line_cut_in_the_middle_of_a_word(vendor: ElevenLabs) -> None:
    vendor.script = Script(lines=(LONG, LONG))
    async with calling(vendor) as call:
        await call.until(lambda: call.of(BuyerFinished))
        vendor.misbehave("drop_mid_word")
        await call.session.hear_text("How do you train people?")
        await call.until(lambda: call.of(Reconnected))
        assert [fault.error_type for fault in call.of(Fault)] == ["websocket_disconnect"]
        assert not call.of(Fault)[0].fatal
        cut = call.of(BuyerCut)[0]
        assert LONG.startswith(cut.spoken)
        assert len(cut.spoken) < len(LONG)
        # The answer is given again, under a number that the browser does not take for an old one.
        await call.until(lambda: len(call.of(BuyerFinished)) == 2)
        assert [event.text for event in call.of(BuyerSaid)] == ["Hello, Dana here.", LONG, LONG]
        assert [event.text for event in call.of(UserSaid)] == ["How do you train people?"]
        ids = [event.event_id for event in call.of(BuyerSaid)]
        assert ids == sorted(set(ids))
        assert call.of(AudioOut)[-1].event_id == ids[-1]
        assert call.session.conversation_id == call.of(Reconnected)[0].conversation_id
        prompt = call.talk.heard[0]["conversation_config_override"]["agent"]["prompt"]["prompt"]
        assert "Caller: How do you train people?" in prompt


async def test_a_line_that_is_cut_again_and_again_ends_the_call(vendor: ElevenLabs) -> None:
    vendor.misbehave("drop_mid_word", times=5)
    async with calling(vendor, text_only=True) as call:
        fault = await call.until(lambda: [fault for fault in call.of(Fault) if fault.fatal])
        assert fault[0].error_type == "websocket_disconnect"
        assert len(vendor.talks) == 3


async def test_a_vendor_that_is_gone_ends_the_call(vendor: ElevenLabs) -> None:
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: call.of(BuyerSaid))
        vendor.misbehave("broken_500", times=20)
        vendor.misbehave("drop_mid_word")
        await call.session.hear_text("Hi")
        assert await call.until(lambda: [fault for fault in call.of(Fault) if fault.fatal])
        assert [event.text for event in call.of(UserSaid)] == ["Hi"]


async def test_what_is_typed_while_the_line_is_down_is_answered(vendor: ElevenLabs) -> None:
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: call.of(BuyerSaid))
        vendor.misbehave("slow", seconds=2.0)
        vendor.misbehave("drop_mid_word")
        await call.session.hear_text("One")
        await call.until(lambda: call.of(Fault))
        await call.session.hear_text("Two")
        await call.until(lambda: len(call.of(BuyerSaid)) == 2)
        await call.until(lambda: any(frame.get("text") == "One Two" for frame in call.talk.heard))
        assert [event.text for event in call.of(UserSaid)] == ["One", "Two"]


async def test_unreadable_frames_are_passed_over(vendor: ElevenLabs) -> None:
    async with calling(vendor) as call:
        await call.until(lambda: call.of(BuyerFinished))
        vendor.misbehave("malformed_frame")
        await call.session.hear_text("Hi")
        await call.until(lambda: len(call.of(BuyerSaid)) == 2)
        assert [(fault.error_type, fault.fatal) for fault in call.of(Fault)] == [("invalid_message", False)]


async def test_a_vendor_that_falls_silent_is_replaced(vendor: ElevenLabs, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor.ping_seconds = 0.1
    monkeypatch.setattr(pulse, "STALL_SECONDS", 3.0)
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: len(call.talk.kept.pongs) > 2)
        vendor.misbehave("stall", seconds=30)
        await call.session.hear_text("Hi")
        await call.until(lambda: len(call.of(BuyerSaid)) == 2)
        assert call.of(Fault)[0].error_type == "transport_receive_timeout"
        assert len(vendor.talks) == 2


async def test_a_question_that_nobody_answers_is_asked_again(
    vendor: ElevenLabs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "ANSWER_MS", 2000)
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: call.of(BuyerSaid))
        vendor.misbehave("slow", where="voice", seconds=30)
        await call.session.hear_text("Hi")
        await call.until(lambda: len(call.of(BuyerSaid)) == 2)
        assert call.of(Fault)[0].error_type == "llm_timeout"
        assert [event.text for event in call.of(UserSaid)] == ["Hi"]


@pytest.mark.parametrize("error_type", sorted(wire.ERRORS))
async def test_every_error_of_theirs_means_something(vendor: ElevenLabs, error_type: str) -> None:
    cure = wire.ERRORS[error_type].cure
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: call.of(BuyerSaid))
        await asyncio.to_thread(vendor.run_error, error_type, close=cure is not wire.Cure.CARRY_ON)
        match cure:
            case wire.Cure.CARRY_ON:
                await call.until(lambda: call.of(Fault))
                await call.session.hear_text("Hi")
                await call.until(lambda: len(call.of(BuyerSaid)) == 2)
                assert len(vendor.talks) == 1
            case wire.Cure.NEW_SESSION:
                await call.until(lambda: call.of(Reconnected))
                # At once: it is neither lost nor said twice.
                await call.session.hear_text("Hi")
                await call.until(lambda: len(call.of(BuyerSaid)) == 2)
                assert [frame["text"] for frame in call.talk.heard if frame["type"] == "user_message"] == ["Hi"]
            case wire.Cure.GIVE_UP:
                await call.until(lambda: [fault for fault in call.of(Fault) if fault.fatal])
                assert len(vendor.talks) == 1
            case wire.Cure.END:
                ended = (await call.until(lambda: call.of(Ended)))[0]
                assert (ended.by, ended.reason) == ("system", "time_limit")
        assert {fault.error_type for fault in call.of(Fault)} <= {error_type}


async def test_the_first_frame_may_come_with_the_handshake(vendor: ElevenLabs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The metadata can be read before `connect` has returned; it must not be lost."""
    connect = session_module.connect

    async def connect_late(url: str, **callbacks: Any) -> Any:
        upstream = await connect(url, **callbacks)
        send = upstream.send_text
        send(wire.initiation(VoiceBrief("c", "", "Hello?", "en", ""), voice_id="", history=(), opens=True))
        await asyncio.sleep(0.3)
        # Once is enough for the vendor.
        upstream.send_text = lambda text: None if b"initiation" in text else send(text)
        return upstream

    monkeypatch.setattr(session_module, "connect", connect_late)
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: call.of(BuyerSaid))


async def test_a_bug_of_ours_ends_the_call_instead_of_leaving_it_mute(
    vendor: ElevenLabs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: call.of(BuyerSaid))

        def broken() -> None:
            raise KeyError("words of the call")

        monkeypatch.setattr(call.session._dialogue, "tick", broken)
        fault = (await call.until(lambda: call.of(Fault)))[0]
        assert fault.fatal
        assert "words" not in fault.message
