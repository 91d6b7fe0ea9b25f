"""A spoken call through the adapter with a stand-in that really hears and really speaks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import soxr

from calls.voice.frames import agent_audio
from integrations.resilience import breakers
from integrations.speech.engine import SpeechEngine, default_engine
from integrations.voice.events import AudioOut, BuyerFinished, BuyerSaid, Ended, UserSaid
from tests.integrations.voice.elevenlabs_calls import calling
from tests.standins.elevenlabs import ElevenLabs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def engine() -> SpeechEngine:
    engine = default_engine()
    engine.load("en")
    return engine


@pytest.fixture
def vendor() -> Iterator[ElevenLabs]:
    breakers.cache_clear()
    with ElevenLabs().serving() as stand_in:
        yield stand_in


def spoken(engine: SpeechEngine, text: str) -> bytes:
    pcm = b"".join(engine.tts.stream(text, voice_id="ada", language="en"))
    heard: bytes = soxr.resample(np.frombuffer(pcm, "<i2"), engine.rate, 16000).astype("<i2").tobytes()
    return heard


async def test_it_hears_answers_aloud_and_hangs_up(engine: SpeechEngine, vendor: ElevenLabs) -> None:
    async with calling(vendor) as call:
        await call.until(lambda: call.of(BuyerFinished), 60)
        call.say(spoken(engine, "Hi, this is Sam. How do you train new reps today?"))
        heard = (await call.until(lambda: call.of(UserSaid), 60))[0]
        assert "train new reps" in heard.text.lower()
        assert 1000 < heard.end_ms - heard.start_ms < 8000
        await call.until(lambda: len(call.of(BuyerFinished)) == 2, 60)
        reply = call.of(BuyerSaid)[1]
        assert "spreadsheets" in reply.text
        voice = b"".join(agent_audio(piece.frame) for piece in call.of(AudioOut) if piece.event_id == reply.event_id)
        assert np.abs(np.frombuffer(voice, "<i2")).max() > 1000
        call.say(spoken(engine, "Thank you for your time, goodbye."))
        assert (await call.until(lambda: call.of(Ended), 60))[0].by == "persona"
