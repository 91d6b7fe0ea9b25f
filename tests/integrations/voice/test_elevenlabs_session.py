"""Whole calls through the adapter against the stand-in vendor."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.voice.base import SaidBefore
from integrations.voice.events import (
    AudioOut,
    BuyerCut,
    BuyerFinished,
    BuyerSaid,
    Ended,
    Fault,
    SpeechScore,
    ToolCalled,
    UserSaid,
    Vendor,
)
from tests.integrations.voice.elevenlabs_calls import PROMPT, calling, standing_in
from tests.integrations.voice.typescript import FROM_CLIENT, check
from tests.integrations.voice.virtual import FakeResponder
from tests.standins.agent import Script
from tests.standins.elevenlabs import ElevenLabs

LONG = "We tried three of those last year and none of them stuck with my team."


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[ElevenLabs]:
    with standing_in(monkeypatch) as stand_in:
        yield stand_in


class Knowing(FakeResponder):
    async def look_up(self, query: str) -> str:
        return f"About {query}: twelve people."


async def test_a_text_call(vendor: ElevenLabs, tmp_path: Path) -> None:
    async with calling(vendor, text_only=True, responder=Knowing()) as call:
        await call.until(lambda: call.of(BuyerSaid))
        await call.session.hear_text("Hi, Sam here.")
        await call.until(lambda: len(call.of(BuyerSaid)) == 2)
        await call.session.hear_text("look up team size")
        await call.until(lambda: len(call.of(BuyerSaid)) == 3)
        await call.session.activity()
        await call.session.hear_text("goodbye")
        ended = (await call.until(lambda: call.of(Ended)))[0]
        assert (ended.by, ended.reason) == ("persona", "goodbye")
        # Each typed line once, though the vendor repeats it.
        assert [event.text for event in call.of(UserSaid)] == ["Hi, Sam here.", "look up team size", "goodbye"]
        assert [event.text for event in call.of(BuyerSaid)] == [
            "Hello, Dana here.",
            "We use spreadsheets.",
            "About team size: twelve people.",
            "Thank you, goodbye.",
        ]
        tool = call.of(ToolCalled)[0]
        assert (tool.name, tool.is_error) == ("lookup_knowledge", False)
        assert json.loads(tool.arguments) == {"query": "team size"}
        assert call.of(Fault) == []
        assert check(call.talk.heard, interfaces=FROM_CLIENT, folder=tmp_path) == ""
        told = call.talk.heard[0]
        agent = told["conversation_config_override"]["agent"]
        assert agent["prompt"]["prompt"] == PROMPT.replace("{{", "{ {")
        assert told["dynamic_variables"]["parley_call_id"] == "c1"


@pytest.mark.parametrize("echo", [True, False])
async def test_typed_words_are_told_once_whether_the_vendor_repeats_them_or_not(vendor: ElevenLabs, echo: bool) -> None:
    vendor.echo_typed = echo
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: call.of(BuyerSaid))
        await call.session.hear_text("Hi")
        await call.until(lambda: len(call.of(BuyerSaid)) == 2)
        assert [event.text for event in call.of(UserSaid)] == ["Hi"]


async def test_a_spoken_call_with_an_interruption(vendor: ElevenLabs) -> None:
    speech: Any = vendor.speech
    at_length = f"{LONG} {LONG}"  # still speaking when the trainee cuts in, however slow the machine is
    vendor.script = Script(lines=(at_length, "Ask."))
    async with calling(vendor) as call:
        assert (call.session.input_rate, call.session.output_rate) == (16000, 24000)
        await call.until(lambda: call.of(BuyerFinished))
        spoke = call.clock()
        call.say(speech.voice("How do you train new reps today?", 1200))
        heard = (await call.until(lambda: call.of(UserSaid)))[0]
        assert heard.text == "How do you train new reps today?"
        assert abs(heard.start_ms - spoke) < 1000
        assert abs(heard.end_ms - spoke - 1200) < 1000
        reply = (await call.until(lambda: call.of(BuyerSaid)[1:]))[0]
        assert reply.text == at_length
        await asyncio.sleep(1.2)
        call.say(speech.voice("Sorry, one quick question.", 1200))
        cut = (await call.until(lambda: call.of(BuyerCut)))[0]
        assert cut.event_id == reply.event_id
        assert cut.original == at_length
        assert at_length.startswith(cut.spoken)
        assert cut.spoken != at_length
        await call.until(lambda: len(call.of(BuyerSaid)) == 3)
        finished = (await call.until(lambda: call.of(BuyerFinished)[1:]))[0]
        assert finished.first_audio_ms is not None
        assert call.of(SpeechScore)
        voice = call.of(AudioOut)
        # Theirs to the byte, and ours to the byte on the other side.
        sent = [json.dumps(frame).encode() for frame in call.talk.sent if frame["type"] == "audio"]
        assert {audio.frame for audio in voice} <= set(sent)
        assert all(text.startswith('{"user_audio_chunk":"') for text in call.talk.audio_frames)
        assert [event.event_id for event in voice] == sorted(event.event_id for event in voice)


async def test_nothing_of_the_agents_thoughts_comes_out(vendor: ElevenLabs) -> None:
    async with calling(vendor) as call:
        await call.until(lambda: call.of(BuyerFinished))
        await call.session.hear_text("goodbye")
        await call.until(lambda: call.of(Ended))
        assert {"agent_reasoning_response_part", "agent_tool_request"} <= {frame["type"] for frame in call.talk.sent}
        assert "audit failed" in json.dumps(call.talk.sent)
        out = repr(call.events)
        assert "audit" not in out
        assert "instructions" not in out
        assert call.of(Vendor) == []
        assert all(set(json.loads(audio.frame)) == {"type", "audio_event"} for audio in call.of(AudioOut))


async def test_the_farewell_is_heard_before_the_call_ends(vendor: ElevenLabs) -> None:
    async with calling(vendor) as call:
        await call.until(lambda: call.of(BuyerFinished))
        await call.session.hear_text("goodbye")
        await call.until(lambda: call.of(Ended))
        farewell = call.of(BuyerSaid)[-1]
        finished = call.of(BuyerFinished)[-1]
        assert finished.event_id == farewell.event_id
        assert call.clock() >= finished.end_ms - 50


async def test_the_agent_may_end_the_call_by_a_tool_of_ours(vendor: ElevenLabs) -> None:
    vendor.end_by_tool = True
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: call.of(BuyerSaid))
        await call.session.hear_text("goodbye")
        assert (await call.until(lambda: call.of(Ended)))[0].by == "persona"
        assert call.of(ToolCalled)[0].name == "end_call"


async def test_an_unknown_tool_is_refused_and_the_call_goes_on(vendor: ElevenLabs) -> None:
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: call.of(BuyerSaid))
        await call.session.hear_text("use an unknown tool")
        await call.until(lambda: len(call.of(BuyerSaid)) == 2)
        assert call.of(ToolCalled)[0].is_error
        result = next(frame for frame in call.talk.heard if frame["type"] == "client_tool_result")
        assert result["is_error"] is True


async def test_pings_are_answered(vendor: ElevenLabs) -> None:
    vendor.ping_seconds = 0.05
    async with calling(vendor, text_only=True) as call:
        await call.until(lambda: len(call.talk.kept.pongs) > 3)
        assert call.talk.kept.pongs[:3] == [1, 2, 3]


async def test_a_held_call_keeps_quiet_and_loses_no_sound(vendor: ElevenLabs) -> None:
    vendor.script = Script(lines=(LONG,))
    async with calling(vendor) as call:
        await call.until(lambda: call.of(BuyerFinished))
        await call.session.hear_text("How do you do it?")
        await call.until(lambda: len(call.of(AudioOut)) > 20)
        await call.session.hold(True)
        before = len(call.of(AudioOut))
        await asyncio.sleep(0.5)
        assert len(call.of(AudioOut)) == before
        await call.until(lambda: call.talk.kept.activity)
        await call.session.hold(False)
        await call.until(lambda: len(call.of(BuyerFinished)) == 2)
        ids = {event.event_id for event in call.of(AudioOut)}
        replies = {event.event_id for event in call.of(BuyerSaid)}
        assert ids == replies


async def test_the_last_words_are_told_when_the_call_ends(vendor: ElevenLabs) -> None:
    speech: Any = vendor.speech
    async with calling(vendor) as call:
        await call.until(lambda: call.of(BuyerFinished))
        call.say(speech.voice("And one last thing that I want to say about it", 4000))
        await call.until(lambda: call.session._dialogue.trainee.unfinished)
        await call.session.flush()
        assert call.of(UserSaid) or await call.until(lambda: call.of(UserSaid))
        assert call.of(UserSaid)[-1].text.startswith("And one last thing")


async def test_a_resumed_call_knows_what_was_said_and_answers_what_was_not(vendor: ElevenLabs) -> None:
    past = (SaidBefore("assistant", "Hello?"), SaidBefore("user", "What do you use today?"))
    async with calling(vendor, text_only=True, resumed=True, history=past) as call:
        said = await call.until(lambda: call.of(BuyerSaid))
        assert said[0].text == "We use spreadsheets."
        assert call.of(UserSaid) == []
        agent = call.talk.heard[0]["conversation_config_override"]["agent"]
        assert agent["first_message"] == ""
        assert "You: Hello?" in agent["prompt"]["prompt"]
        assert "What do you use" not in agent["prompt"]["prompt"]


async def test_a_voice_that_the_account_maps_is_asked_for(vendor: ElevenLabs) -> None:
    async with calling(vendor, text_only=True, options={"voice_ada": "21m00"}) as call:
        await call.until(lambda: call.of(BuyerSaid))
        assert call.talk.heard[0]["conversation_config_override"]["tts"] == {"voice_id": "21m00"}


@pytest.mark.parametrize("rate", ["ulaw_8000", "pcm_16000"])
async def test_other_formats(vendor: ElevenLabs, rate: str) -> None:
    speech: Any = vendor.speech
    vendor.output_format = rate
    vendor.input_format = rate
    async with calling(vendor) as call:
        await call.until(lambda: call.of(BuyerFinished))
        assert call.session.output_rate == int(rate.split("_")[1])
        heard = b"".join(audio.pcm for audio in call.of(AudioOut))
        assert bool(heard) == (rate == "ulaw_8000")
        assert call.session.takes_frames == (rate != "ulaw_8000")
        assert speech is vendor.speech
