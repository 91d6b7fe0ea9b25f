"""The conversation engine as the voice port wants it. The engine is plain Python; it runs beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calls import knowledge
from calls.engine import Buyer, Ensemble, Reply, player
from calls.engine.directive import Directive, Guard, SaidSoFar
from integrations.embeddings.embedded import default_encoder
from integrations.voice.base import Spoken
from scenarios.briefs import PersonaBrief


@dataclass(frozen=True, slots=True)
class Decided:
    """A reply before it is worded. Without a `directive` it is said as it stands."""

    reply: Reply
    spoken: Spoken
    directive: Directive | None
    guard: Guard | None


class BuyerResponder:
    """Answers as the persona of `brief`; `state` is what an earlier session left. `schema_name`: whose documents it may look
    things up in, beside what it knows by heart; "" for none."""

    def __init__(self, brief: PersonaBrief, *, state: dict[str, Any] | None, schema_name: str = "") -> None:
        self._brief = brief
        self._schema_name = schema_name
        self._state = state
        self._buyer: Buyer | Ensemble | None = None

    def _ready(self) -> Buyer | Ensemble:
        if self._buyer is None:
            self._buyer = player(self._brief, encoder=default_encoder(), state=self._state or None)
        return self._buyer

    def _spoken(self, reply: Reply) -> Spoken:
        buyer = self._ready()
        script = self._brief.script
        speaker = script.people[reply.speaker] if script and reply.speaker else self._brief
        state = buyer.state_before_then() if reply.then and isinstance(buyer, Ensemble) else buyer.state()
        return Spoken(
            text=reply.text,
            trace=tuple(entry.to_json() for entry in reply.trace),
            state=state,
            hang_up=reply.hang_up.reason if reply.hang_up else "",
            outcome=reply.hang_up.outcome if reply.hang_up else "",
            speaker=speaker.name if script else "",
            voice_id=speaker.voice_id if script else "",
            then=self._spoken(reply.then) if reply.then else None,
        )

    async def open(self) -> Spoken:
        return await asyncio.to_thread(lambda: self._spoken(self._ready().open()))

    async def respond(self, text: str, *, at_ms: int) -> Spoken:
        return await asyncio.to_thread(lambda: self._spoken(self._ready().hear(text, at_ms=at_ms)))

    async def silence(self, *, silent_ms: int) -> Spoken | None:
        reply = await asyncio.to_thread(lambda: self._ready().silence(silent_ms=silent_ms))
        return self._spoken(reply) if reply is not None else None

    async def look_up(self, query: str) -> str:
        """What the buyer knows about it; "" when it knows nothing."""

        def work() -> str:
            known = knowledge.look_up(self._brief, query, encoder=default_encoder())
            return known or (knowledge.documents_say_in(self._schema_name, query) if self._schema_name else "")

        return await asyncio.to_thread(work)

    async def decide(self, text: str, *, at_ms: int, before: Sequence[SaidSoFar]) -> Decided:
        """The reply, and what a language model is told to word it."""

        def work() -> Decided:
            buyer = self._ready()
            reply = buyer.hear(text, at_ms=at_ms)
            directive = buyer.directive(reply, heard=text, before=before)
            return Decided(reply, self._spoken(reply), directive, buyer.guard(directive) if directive else None)

        return await asyncio.to_thread(work)

    def stock_lines(self) -> tuple[str, ...]:
        return self._ready().stock_lines()

    def lines_by_voice(self) -> dict[str, tuple[str, ...]]:
        buyer, script = self._ready(), self._brief.script
        if script is None or not isinstance(buyer, Ensemble):
            return {self._brief.voice_id: buyer.stock_lines()}
        lines: dict[str, tuple[str, ...]] = {}
        for name, said in buyer.lines_by_speaker().items():
            voice_id = (script.people[name] if name else self._brief).voice_id
            lines[voice_id] = (*lines.get(voice_id, ()), *said)
        return lines
