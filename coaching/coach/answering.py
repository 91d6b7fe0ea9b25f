"""An answer as it is written: words, then the passages that they name, then the end.

A language model that streams is asked first, then one that answers at once, then the documents are quoted. Once words are
out nobody else begins anew. Nothing that a model writes is markup: a number in square brackets is a citation where there is
such a passage, and is left out where there is none.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from uuid import UUID

import structlog
from django.utils import translation
from django_tenants.utils import schema_context

from integrations.errors import ProviderError
from integrations.llm import gateway, ledger
from integrations.llm.base import Ask
from integrations.llm.chat import Patience
from integrations.llm.purpose import on_behalf_of
from integrations.llm.registry import chat_route
from scenarios.knowledge.retrieval import Match
from tenants.context import in_schema

from . import prompts, quoting, services
from .models import Message
from .services import Plan

logger = structlog.get_logger(__name__)

TASK = "coach"
MOST_TOKENS = 400
PATIENCE = Patience(first=6.0, between=6.0)
EMBEDDED = "embedded"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"answer": {"type": "string", "minLength": 1, "maxLength": 4000}},
    "required": ["answer"],
    "additionalProperties": False,
}
Event = tuple[str, dict[str, Any]]
_MARK = re.compile(r"\[(\d{1,2}(?:\s*,\s*\d{1,2})*)\]")
_OPEN = re.compile(r"\[[\d,\s]{0,12}\Z")  # may become a mark with the next words
Ground = Message.Ground

beside = asyncio.to_thread  # what blocks must not hold up other people's answers
keep = in_schema(services.keep_answer)
note_replies = in_schema(ledger.record_replies)


class Answer:
    """What was written so far, and what it names."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._held = ""
        self.text = ""
        self.cited: dict[int, dict[str, Any]] = {}
        self.written_by = EMBEDDED

    def take(self, words: str, *, last: bool = False) -> list[Event]:
        """The events for further words. The beginning of a mark is held back until it is known what it is."""
        pending = self._held + words
        opened = None if last else _OPEN.search(pending)
        self._held = pending[opened.start() :] if opened else ""
        shown = pending[: opened.start()] if opened else pending
        new: list[int] = []
        text = _MARK.sub(lambda mark: self._mark(mark, new), shown)
        events: list[Event] = []
        if text:
            self.text += text
            events.append(("token", {"text": text}))
        events += [("citation", self._cite(number)) for number in new]
        return events

    def _mark(self, mark: re.Match[str], new: list[int]) -> str:
        numbers = [int(part) for part in mark[1].split(",")]
        known = [number for number in numbers if 1 <= number <= len(self._plan.matches)]
        new += [number for number in dict.fromkeys(known) if number not in self.cited and number not in new]
        return "".join(f"[{number}]" for number in known)

    def _cite(self, number: int) -> dict[str, Any]:
        self.cited[number] = citation(number, self._plan.matches[number - 1])
        return self.cited[number]

    @property
    def grounded(self) -> str:
        if self._plan.ground == Ground.PLAYBOOK and not self.cited:
            return Ground.NONE  # whatever a model wrote, it named nothing that backs it
        return self._plan.ground


def citation(number: int, match: Match) -> dict[str, Any]:
    return {
        "number": number,
        "chunk_id": str(match.chunk_id),
        "document": {"id": str(match.document.id), "title": match.document.title},
        "heading": match.heading,
        "page": match.page,
        "text": match.text,
        "score": match.score,
    }


async def answer(schema_name: str, plan: Plan) -> AsyncGenerator[Event]:
    """The events of one answer. Whoever stops listening in the middle leaves what was written until then."""
    written = Answer(plan)
    complete = kept = False
    try:
        try:
            async for event in _written(schema_name, plan, written):
                yield event
            complete = True
        except ProviderError as error:
            logger.warning("an answer broke off", code=error.code, vendor=error.provider)
        message_id = await _keep(schema_name, plan, written, complete=complete)
        kept = True
        yield "done", _end(plan, written, message_id, complete=complete)
    finally:
        if not kept and written.text:
            await asyncio.shield(_keep(schema_name, plan, written, complete=False))


def _end(plan: Plan, written: Answer, message_id: UUID | None, *, complete: bool) -> dict[str, Any]:
    return {
        "conversation_id": str(plan.conversation_id),
        "message_id": str(message_id) if message_id else None,
        "grounded": written.grounded,
        "written_by": written.written_by,
        "complete": complete,
        "text": written.text,
    }


async def _keep(schema_name: str, plan: Plan, written: Answer, *, complete: bool) -> UUID | None:
    return await keep(
        schema_name,
        conversation_id=plan.conversation_id,
        text=written.text,
        grounded=written.grounded,
        written_by=written.written_by,
        citations=list(written.cited.values()),
        complete=complete,
    )


async def _written(schema_name: str, plan: Plan, written: Answer) -> AsyncGenerator[Event]:
    if plan.ground == Ground.NONE:
        for event in written.take(_nothing(plan), last=True):
            yield event
        return
    if plan.accounts:
        async with aclosing(_streamed(schema_name, plan, written)) as events:
            async for event in events:
                yield event
        if written.text:
            return
    whole = await beside(_at_once, schema_name, plan)
    if whole is not None:
        written.written_by, text = whole
        for piece in re.findall(r"\S+\s*", text):
            for event in written.take(piece):
                yield event
        for event in written.take("", last=True):
            yield event
        return
    written.written_by = EMBEDDED
    for piece in await beside(_quoted, plan):
        for event in written.take(piece):
            yield event
    for event in written.take("", last=True):
        yield event


async def _streamed(schema_name: str, plan: Plan, written: Answer) -> AsyncGenerator[Event]:
    """Words from a model that streams; none where none begins. Raises a `ProviderError` where it breaks off after that."""
    messages = prompts.messages_for(
        plan.question, matches=plan.matches, calls=plan.calls, before=plan.before, language=plan.language
    )
    route = chat_route(plan.accounts)
    try:
        async with aclosing(route.stream(messages, max_output_tokens=MOST_TOKENS, patience=PATIENCE)) as words:
            async for piece in words:
                written.written_by = route.answered
                for event in written.take(piece):
                    yield event
        for event in written.take("", last=True):
            yield event
    except ProviderError:
        if written.text:
            raise
        logger.warning("no model began an answer", tried=[slug for slug, _code in route.tried])
    finally:
        await route.close()
        if route.replies:
            await note_replies(
                schema_name,
                replies=route.replies,
                user_id=plan.user_id,
                reference=str(plan.conversation_id),
                task=TASK,
            )


def _at_once(schema_name: str, plan: Plan) -> tuple[str, str] | None:
    """Who wrote the answer, and the answer, from a model that does not stream; None where none answers."""
    with schema_context(schema_name):
        asked = {account.vendor for account in plan.accounts}  # and did not begin
        order = [vendor for vendor in gateway.order_for(TASK) if vendor not in asked]
        if not order:
            return None
        told = prompts.messages_for(
            plan.question, matches=plan.matches, calls=plan.calls, before=(), language=plan.language
        )
        ask = Ask(
            system=told[0].text,
            prompt=told[-1].text,
            schema=SCHEMA,
            name="coach_answer",
            temperature=0.2,
            max_output_tokens=MOST_TOKENS * 2,
        )
        try:
            with on_behalf_of(plan.user_id, reference=str(plan.conversation_id)):
                done = gateway.complete(ask, task=TASK, order=order, prompt_version=prompts.VERSION)
        except ProviderError as error:
            logger.warning("no model answered the coach's question", code=error.code)
            return None
        return done.vendor, str(done.answer.data["answer"]).strip()


def _nothing(plan: Plan) -> str:
    with translation.override(plan.language):
        return quoting.no_calls_yet() if plan.asked_own_calls else quoting.nothing_found()


def _quoted(plan: Plan) -> list[str]:
    with translation.override(plan.language):
        if plan.ground == Ground.CALLS:
            return list(quoting.tell_calls(plan.calls))
        return list(quoting.quote(plan.question, plan.matches))
