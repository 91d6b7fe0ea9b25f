"""A whole call with the real models, in real time: synthetic seller in, buyer's audio out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
import soxr

from integrations.speech.engine import SpeechEngine, default_engine
from integrations.vendors import VendorKeys
from integrations.voice.base import VoiceBrief, VoiceSession
from integrations.voice.embedded import EmbeddedProvider
from integrations.voice.events import AudioOut, BuyerCut, BuyerFinished, BuyerSaid, Ended, UserSaid, VoiceEvent
from tests.integrations.voice.virtual import FakeResponder

pytestmark = pytest.mark.slow

LONG = (
    "We looked at three of those last year and none of them stuck. My team went back to the way it had always worked. "
    "So you will have to tell me why this time should be any different."
)


@pytest.fixture(scope="session")
def engine() -> SpeechEngine:
    engine = default_engine()
    engine.load("en")
    return engine


def seller(engine: SpeechEngine, text: str) -> bytes:
    """A seller's line as a microphone at 16 kHz would give it."""
    pcm = b"".join(engine.tts.stream(text, voice_id="ada", language="en"))
    heard: bytes = soxr.resample(np.frombuffer(pcm, "<i2"), engine.rate, 16000).astype("<i2").tobytes()
    return heard


class Microphone:
    """Sends audio in real time, silence when there is nothing to send, like a browser."""

    def __init__(self, session: VoiceSession) -> None:
        self._session = session
        self._queue = bytearray()

    def say(self, pcm: bytes) -> None:
        self._queue += pcm

    async def run(self) -> None:
        began, sent = time.monotonic(), 0
        while True:
            await asyncio.sleep(0.05)
            due = int((time.monotonic() - began) * 16000) - sent
            chunk = bytes(self._queue[: due * 2])
            del self._queue[: due * 2]
            self._session.hear_audio(chunk.ljust(due * 2, b"\0"))
            sent += due


async def test_a_spoken_call_with_an_interruption_and_a_hang_up(engine: SpeechEngine) -> None:
    responder = FakeResponder(LONG, "What do you want to know?", opening="Hello?")
    began = time.monotonic()
    session = await EmbeddedProvider(engine).open(
        VoiceBrief("c1", "", "Hello?", "en", "ada"),
        keys=VendorKeys("embedded"),
        responder=responder,
        clock=lambda: int((time.monotonic() - began) * 1000),
    )
    await session.start()
    microphone = Microphone(session)
    sending = asyncio.create_task(microphone.run())
    events = session.events()
    try:
        async with asyncio.timeout(120):
            await until(events, BuyerFinished)
            microphone.say(seller(engine, "Hi, this is Sam. How do you train new reps today?"))
            heard = await until(events, UserSaid)
            assert "train new reps" in heard.text.lower()
            assert heard.latency["text"] >= heard.latency["endpoint"]
            assert (await until(events, BuyerSaid)).text == LONG
            first = await until(events, AudioOut)
            assert np.abs(np.frombuffer(first.pcm, "<i2")).max() > 0
            microphone.say(seller(engine, "Sorry, may I ask you one quick question about that?"))
            cut = await until(events, BuyerCut)
            assert LONG.startswith(cut.spoken)
            assert len(cut.spoken) < len(LONG)
            question = await until(events, UserSaid)
            assert "question" in question.text.lower()
            assert (await until(events, BuyerSaid)).text == "What do you want to know?"
            finished = await until(events, BuyerFinished)
            assert finished.first_audio_ms is not None
    finally:
        sending.cancel()
        await session.close()
    assert len(responder.heard) == 2


async def until(events: AsyncIterator[VoiceEvent], kind: type) -> VoiceEvent:
    async for event in events:
        assert not isinstance(event, Ended)
        if isinstance(event, kind):
            return event
    raise AssertionError(f"the session ended before {kind.__name__}")
