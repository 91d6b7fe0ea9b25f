"""A call through the Vapi adapter with its stand-in, driven by a test in real time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

from integrations.vendors import VendorKeys
from integrations.voice.base import VoiceBrief
from integrations.voice.events import AudioOut, VoiceEvent
from integrations.voice.vapi import VapiProvider
from integrations.voice.vapi.session import VapiSession
from tests.integrations.voice.virtual import FakeResponder, FakeSpeech
from tests.standins.vapi import Vapi

Event = TypeVar("Event")
PROMPT = "You are Dana. Hidden: the audit failed last spring."
VARIABLES = {"parley_call_id": "c1", "parley_organization": "acme"}
CHUNK_BYTES = 640  # 20 ms


def keys_for(vendor: Vapi, **options: str) -> VendorKeys:
    return VendorKeys(
        vendor="vapi",
        api_key=vendor.key,
        base_url=vendor.base_url,
        webhook_secrets=(vendor.webhook_secret,),
        options=options,
    )


def brief(**changes: Any) -> VoiceBrief:
    told: dict[str, Any] = {
        "call_id": "c1",
        "prompt": PROMPT,
        "first_message": "Hello, Dana here.",
        "language": "en",
        "voice_id": "ada",
        "variables": VARIABLES,
    }
    return VoiceBrief(**(told | changes))


class Talk:
    """`async with Talk(vendor) as talk`: a started session whose events are collected."""

    def __init__(self, vendor: Vapi, *, keys: VendorKeys | None = None, **changes: Any) -> None:
        self.vendor = vendor
        self.keys = keys or keys_for(vendor)
        self.brief = brief(**changes)
        self.events: list[VoiceEvent] = []

    async def __aenter__(self) -> Talk:
        began = time.monotonic()
        session = await VapiProvider().open(
            self.brief,
            keys=self.keys,
            responder=FakeResponder(),
            clock=lambda: int((time.monotonic() - began) * 1000),
        )
        assert isinstance(session, VapiSession)
        self.session = session
        try:
            await session.start()
        except BaseException:
            await session.close()
            raise
        self._collecting = asyncio.create_task(self._collect())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()
        await self._collecting

    async def _collect(self) -> None:
        async for event in self.session.events():
            self.events.append(event)

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def told(self) -> list[VoiceEvent]:
        """Everything but sound."""
        return [event for event in self.events if not isinstance(event, AudioOut)]

    async def until(self, what: Callable[[], Any]) -> Any:
        for _ in range(1200):
            if found := what():
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"it did not happen: {self.told}")

    async def say(self, phrase: str, ms: int = 800, *, then_quiet_ms: int = 1200) -> None:
        """Into the microphone, as fast as it would be, with the quiet after it."""
        speech = self.vendor.speech
        assert isinstance(speech, FakeSpeech)
        pcm = speech.voice(phrase, ms) + bytes(then_quiet_ms * 32)
        for at in range(0, len(pcm), CHUNK_BYTES):
            self.session.hear_audio(pcm[at : at + CHUNK_BYTES])
            await asyncio.sleep(0.02)
