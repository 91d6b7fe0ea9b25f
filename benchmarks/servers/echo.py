"""A voice provider that says back what it hears: what is left is the cost of the bridge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from integrations.vendors import VendorKeys
from integrations.voice.base import Responder, VoiceBrief, VoiceProvider, VoiceSession
from integrations.voice.events import AudioOut, VoiceEvent


class EchoSession(VoiceSession):
    output_rate = 16000

    def __init__(self, call_id: str) -> None:
        self.conversation_id = f"echo-{call_id}"
        self._queue: asyncio.Queue[VoiceEvent | None] = asyncio.Queue()

    async def start(self) -> None:
        pass

    def hear_audio(self, pcm: bytes) -> None:
        echo = AudioOut(1, pcm)
        if self.audio_out is not None:
            self.audio_out(echo)
        else:
            self._queue.put_nowait(echo)

    async def hear_text(self, text: str) -> None:
        pass

    async def activity(self) -> None:
        pass

    async def hold(self, held: bool) -> None:
        pass

    async def flush(self) -> None:
        pass

    async def events(self) -> AsyncIterator[VoiceEvent]:
        while (event := await self._queue.get()) is not None:
            yield event

    async def close(self) -> None:
        self._queue.put_nowait(None)


class EchoProvider(VoiceProvider):
    name = "echo"

    async def open(
        self, brief: VoiceBrief, *, keys: VendorKeys, responder: Responder, clock: Callable[[], int]
    ) -> EchoSession:
        return EchoSession(brief.call_id)
