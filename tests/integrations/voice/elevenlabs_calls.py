"""Our adapter in a call with the stand-in, as the bridge would use it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from integrations.resilience import POLICIES, RetryPolicy, breakers
from integrations.vendors import VendorKeys
from integrations.voice.base import VoiceBrief
from integrations.voice.elevenlabs import wire
from integrations.voice.elevenlabs.provider import ElevenLabsProvider
from integrations.voice.elevenlabs.session import ElevenLabsSession
from integrations.voice.events import AudioOut, VoiceEvent
from tests.integrations.voice.virtual import FakeResponder, FakeSpeech
from tests.standins.agent import Script
from tests.standins.elevenlabs import ElevenLabs, Talk

PROMPT = "You are Dana, a CFO. Hidden: the audit failed. Say {{nothing}}."


def keys(vendor: ElevenLabs, **options: str) -> VendorKeys:
    return VendorKeys(
        "elevenlabs", api_key=vendor.key, base_url=vendor.base_url, options={"agent_id": "agent_demo", **options}
    )


@contextmanager
def standing_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[ElevenLabs]:
    """The vendor, with short pauses between attempts and nobody resting."""
    monkeypatch.setitem(POLICIES, "elevenlabs", RetryPolicy((0.05, 0.05)))
    breakers.cache_clear()
    vendor = ElevenLabs(speech=FakeSpeech())
    vendor.script = Script(lines=("We use spreadsheets.", "What does it cost?"))
    with vendor.serving():
        yield vendor
    breakers.cache_clear()


class OneCall:
    def __init__(self, vendor: ElevenLabs, session: ElevenLabsSession, clock: Callable[[], int]) -> None:
        self.vendor = vendor
        self.session = session
        self.clock = clock
        self.events: list[VoiceEvent] = []
        self.over = asyncio.Event()
        self.microphone: asyncio.Task[None] | None = None
        self._queue = bytearray()

    @property
    def talk(self) -> Talk:
        """The newest conversation at the vendor."""
        return list(self.vendor.talks.values())[-1]

    async def collect(self) -> None:
        self.session.audio_out = self.events.append
        async for event in self.session.events():
            self.events.append(event)
        self.over.set()

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, what: Callable[[], Any], seconds: float = 60) -> Any:
        for _ in range(int(seconds / 0.02)):
            if found := what():
                return found
            await asyncio.sleep(0.02)
        raise AssertionError([event for event in self.events if not isinstance(event, AudioOut)])

    def say(self, pcm: bytes) -> None:
        """Speak into the microphone, which sends silence otherwise."""
        self._queue += pcm
        if self.microphone is None:
            self.microphone = asyncio.create_task(self._run_microphone())

    async def _run_microphone(self) -> None:
        began, sent = time.monotonic(), 0
        while True:
            await asyncio.sleep(0.02)
            due = int((time.monotonic() - began) * 16000) - sent
            chunk = bytes(self._queue[: due * 2])
            del self._queue[: due * 2]
            self.session.hear_frame(wire.user_audio(chunk.ljust(due * 2, b"\0")))
            sent += due


@asynccontextmanager
async def calling(
    vendor: ElevenLabs,
    *,
    responder: Any = None,
    options: dict[str, str] | None = None,
    **told: Any,
) -> AsyncIterator[OneCall]:
    began = time.monotonic()

    def clock() -> int:
        return int((time.monotonic() - began) * 1000)

    brief: dict[str, Any] = {
        "call_id": "c1",
        "prompt": PROMPT,
        "first_message": "Hello, Dana here.",
        "language": "en",
        "voice_id": "ada",
        "variables": {"parley_call_id": "c1", "parley_organization": "acme"},
    }
    session = await ElevenLabsProvider().open(
        VoiceBrief(**(brief | told)),
        keys=keys(vendor, **(options or {})),
        responder=responder or FakeResponder(),
        clock=clock,
    )
    assert isinstance(session, ElevenLabsSession)
    call = OneCall(vendor, session, clock)
    collecting = asyncio.create_task(call.collect())
    try:
        await session.start()
        yield call
    finally:
        if call.microphone is not None:
            call.microphone.cancel()
        await session.close()
        await asyncio.wait_for(collecting, 60)
