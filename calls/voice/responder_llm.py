"""A buyer whose words come from a language model while the engine decides what they say.

Moods, objections, what is told and when the buyer leaves are the engine's, the same as without a model. The model only puts
the decided line into other words, and nothing of that is spoken before it has been checked. Where the model is away, late or
strays, the engine's own words are said.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import structlog
from django.db import DatabaseError

from calls.engine.directive import Directive, Guard, SaidSoFar, tidied
from calls.voice.responder import BuyerResponder, Decided
from integrations.errors import ProviderError
from integrations.llm.chat import ChatMessage, ChatRoute, Patience
from integrations.speech.sentences import sentences
from integrations.voice.base import SaidBefore, Spoken, SpokenStream

logger = structlog.get_logger(__name__)
MOST_TOKENS = 160
PATIENCE = Patience(first=2.5, between=2.0)


class WordedResponder:
    """Fits `StreamingResponder`. `history`: what was said before, in a call that goes on. `note`: is told what the replies
    used up, when it is closed."""

    def __init__(
        self,
        buyer: BuyerResponder,
        *,
        route: ChatRoute,
        history: Sequence[SaidBefore] = (),
        note: Callable[..., Awaitable[None]] | None = None,
    ) -> None:
        self._buyer = buyer
        self._note = note
        self._route = route
        self._said = [SaidSoFar(turn.role, turn.text) for turn in history]
        self._decided = ""  # the last line as the engine knows it, and as it was said
        self._worded = ""

    async def open(self) -> Spoken:
        spoken = await self._buyer.open()
        self._said.append(SaidSoFar("assistant", spoken.text))
        return spoken

    async def silence(self, *, silent_ms: int) -> Spoken | None:
        spoken = await self._buyer.silence(silent_ms=silent_ms)
        if spoken is not None:
            self._said.append(SaidSoFar("assistant", spoken.text))
        return spoken

    def stock_lines(self) -> tuple[str, ...]:
        return self._buyer.stock_lines()

    def lines_by_voice(self) -> dict[str, tuple[str, ...]]:
        return self._buyer.lines_by_voice()

    async def respond(self, text: str, *, at_ms: int) -> Spoken:
        stream = await self.respond_stream(text, at_ms=at_ms)
        return stream.finish(" ".join([sentence async for sentence in stream.sentences]))

    async def respond_stream(self, text: str, *, at_ms: int) -> SpokenStream:
        decided = await self._buyer.decide(text, at_ms=at_ms, before=tuple(self._said))
        self._said.append(SaidSoFar("user", text))
        notes: list[dict[str, Any]] = []
        line = self._as_it_was_said(decided)

        def finish(worded: str) -> Spoken:
            said = worded or line
            self._said.append(SaidSoFar("assistant", said))
            if decided.spoken.then is not None:
                self._said.append(SaidSoFar("assistant", decided.spoken.then.text))
            self._decided, self._worded = decided.spoken.text, said
            trouble = next((note["subject"] for note in notes if note["rule"] == "wording_failed"), "")
            return replace(decided.spoken, text=said, trace=(*decided.spoken.trace, *notes), trouble=trouble)

        if decided.directive is None or decided.guard is None:
            words = _as_it_stands(line)
        else:
            words = worded(self._route, decided.directive, decided.guard, notes)
        return SpokenStream(words, finish, decided.spoken.hang_up, decided.spoken.voice_id)

    def _as_it_was_said(self, decided: Decided) -> str:
        """Who asks the buyer to say it again hears what was said, not what the engine had in mind."""
        text = decided.spoken.text
        if self._decided and any(entry.rule == "repeated" for entry in decided.reply.trace):
            return text.replace(self._decided, self._worded)
        return text

    async def close(self) -> None:
        await self._route.close()
        if self._note is not None and (replies := self._route.replies):
            try:
                await self._note(replies=replies)
            except DatabaseError:  # the call's own end is more than what its words cost
                logger.exception("what replies used up was not written down", replies=len(replies))


async def worded(
    route: ChatRoute,
    directive: Directive,
    guard: Guard,
    notes: list[dict[str, Any]],
    *,
    stopped: list[str] | None = None,
) -> AsyncGenerator[str]:
    """A reply's sentences in the model's words, as far as they may be said; where there are none, as it was decided. What
    became of it is added to `notes`, and a sentence that was not let through to `stopped`."""
    said = False
    try:
        async with aclosing(_sentences(route, directive)) as written:
            async for sentence in written:
                objection = await asyncio.to_thread(guard.objection_to, sentence)
                if objection:
                    logger.warning("a wording was not said", reason=objection)
                    notes.append(_note("wording_refused", objection))
                    if stopped is not None:
                        stopped.append(sentence)
                    break
                said = True
                yield sentence
    except ProviderError as error:
        notes.append(_note("wording_failed", error.code))
    notes += [_note("wording_rerouted", f"{model} {code}") for model, code in route.tried]
    if not said:
        yield directive.line
        return
    notes.append(_note("worded_by", route.answered))
    for text in guard.missing():
        yield text


async def _sentences(route: ChatRoute, directive: Directive) -> AsyncGenerator[str]:
    """The model's sentences, each as soon as the next one begins. Raises a `ProviderError`."""
    messages = (ChatMessage("system", directive.system), ChatMessage("user", directive.prompt))
    words = route.stream(messages, max_output_tokens=MOST_TOKENS, patience=PATIENCE)
    async with aclosing(words):
        async for sentence in whole_sentences(words):
            spoken = tidied(sentence, name=directive.name)
            if spoken:
                yield spoken


def _note(rule: str, subject: str) -> dict[str, Any]:
    return {"rule": rule, "effect": "", "detail": "", "subject": subject}


async def _as_it_stands(line: str) -> AsyncGenerator[str]:
    yield line


async def whole_sentences(words: AsyncIterator[str]) -> AsyncIterator[str]:
    """Text that comes in pieces of any size, as whole sentences."""
    pending = ""
    async for piece in words:
        pending += piece
        *whole, last = sentences(pending) or [""]
        for sentence in whole:
            yield sentence
        if whole:
            pending = last + (" " if pending[-1:].isspace() else "")
    for sentence in sentences(pending):
        yield sentence
