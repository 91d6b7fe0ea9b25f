"""A voice provider without a voice: it hears text, answers at once, and does what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from integrations.vendors import VendorKeys
from integrations.voice.base import Responder, Spoken, VoiceBrief, VoiceProvider, VoiceSession
from integrations.voice.events import AudioOut, BuyerCut, BuyerFinished, BuyerSaid, Ended, UserSaid, VoiceEvent

BEEP = b"\x01\x00" * 480


class ScriptedSession(VoiceSession):
    def __init__(self, brief: VoiceBrief, responder: Responder, clock: Callable[[], int]) -> None:
        self.brief = brief
        self.responder = responder
        self.clock = clock
        self.conversation_id = f"scripted-{brief.call_id}-{id(self)}"
        self.queue: asyncio.Queue[VoiceEvent | None] = asyncio.Queue()
        self.heard = bytearray()
        self.held: list[bool] = []
        self.next_id = 1
        self.unfinished = ""
        self.closed = False

    def _id(self) -> int:
        self.next_id += 1
        return self.next_id

    async def _speak(self, spoken: Spoken) -> None:
        event_id, now = self._id(), self.clock()
        self.queue.put_nowait(BuyerSaid(event_id, spoken.text, now, now + 1000, trace=spoken.trace, state=spoken.state))
        self.queue.put_nowait(AudioOut(event_id, BEEP))
        self.queue.put_nowait(BuyerFinished(event_id, self.clock() + 20, 15))
        if spoken.hang_up:
            self.queue.put_nowait(Ended("persona", spoken.hang_up, spoken.outcome))

    async def start(self) -> None:
        if not self.brief.resumed:
            await self._speak(await self.responder.open())

    def hear_audio(self, pcm: bytes) -> None:
        self.heard += pcm

    async def hear_text(self, text: str) -> None:
        now = self.clock()
        self.queue.put_nowait(UserSaid(self._id(), text, now, now + 10, confidence=1.0))
        await self._speak(await self.responder.respond(text, at_ms=now))

    async def activity(self) -> None:
        pass

    async def hold(self, held: bool) -> None:
        self.held.append(held)

    async def flush(self) -> None:
        if self.unfinished:
            self.queue.put_nowait(UserSaid(self._id(), self.unfinished, self.clock(), self.clock()))

    def cut(self, event_id: int, original: str, spoken: str) -> None:
        self.queue.put_nowait(BuyerCut(event_id, original, spoken, self.clock()))

    async def events(self) -> AsyncIterator[VoiceEvent]:
        while (event := await self.queue.get()) is not None:
            yield event

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.queue.put_nowait(None)


class ScriptedProvider(VoiceProvider):
    name = "scripted"

    def __init__(self) -> None:
        self.sessions: list[ScriptedSession] = []

    async def open(
        self, brief: VoiceBrief, *, keys: VendorKeys, responder: Responder, clock: Callable[[], int]
    ) -> ScriptedSession:
        session = ScriptedSession(brief, responder, clock)
        self.sessions.append(session)
        return session


class Parrot:
    """A responder that repeats what it hears; "goodbye" makes it hang up. It counts, to show its memory."""

    def __init__(self, _brief: Any = None, *, state: dict[str, Any] | None = None, schema_name: str = "") -> None:
        self.count = (state or {}).get("count", 0)

    def _say(self, text: str, **more: Any) -> Spoken:
        self.count += 1
        return Spoken(
            text, trace=({"rule": "parrot", "effect": "", "detail": ""},), state={"count": self.count}, **more
        )

    async def open(self) -> Spoken:
        return self._say("Hello?")

    async def respond(self, text: str, *, at_ms: int) -> Spoken:
        if text == "goodbye":
            return self._say("Goodbye.", hang_up="said_goodbye", outcome="lost")
        return self._say(f"{self.count}: {text}")

    async def silence(self, *, silent_ms: int) -> Spoken | None:
        return None

    def stock_lines(self) -> tuple[str, ...]:
        return ()
