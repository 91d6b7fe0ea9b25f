"""A buyer whose replies a language model words, as in a live call through our own conversation engine.

The engine decides what is said; the model's wording is checked sentence by sentence before it counts as said. What was
stopped there stands in the trace, so that the report can tell of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from calls.engine import Reply, TraceEntry, player
from calls.engine.directive import Directive, Guard, SaidSoFar
from calls.voice.responder_llm import worded
from calls.worded import anything_left_for
from integrations.embeddings.base import Encoder
from integrations.errors import OverBudget, ProviderNotConfigured, ProviderUnavailable
from integrations.llm.chat import ChatRoute
from integrations.llm.ledger import record_replies
from integrations.llm.registry import chat_accounts, chat_route
from tenants.context import current_organization

from .findings import Finding
from .plans import Plan
from .simulator import Flown

MODEL = "model"
REFUSED, FAILED, WORDED = "wording_refused", "wording_failed", "worded_by"
# Why a wording was stopped → what the report says of it. What was only too long, say, is nobody's business.
STOPPED: Mapping[str, str] = {"secret": "secret_stopped", "out_of_role": "role_stopped"}
QUOTED = 160


def is_there() -> bool:
    """Is a language model set up that may word replies?"""
    return bool(chat_accounts(current_organization()))


def route_for(user_id: UUID | None) -> ChatRoute:
    """Raises `ProviderNotConfigured` where there is no account any more, and `OverBudget`."""
    accounts = chat_accounts(current_organization())
    if not accounts:
        raise ProviderNotConfigured("no language model is configured", provider="chat")
    if not anything_left_for(user_id):
        raise OverBudget("the month's budget is used up", provider="chat")
    return chat_route(accounts)


class WordedBuyer:
    """Plays where `player` would, inside `with`: then what its words used up is written down, too. `reference`: for the
    ledger."""

    def __init__(
        self, plan: Plan, *, encoder: Encoder, route: ChatRoute, user_id: UUID | None = None, reference: str = ""
    ) -> None:
        self._buyer = player(plan.brief, encoder=encoder)
        self._route = route
        self._user_id, self._reference = user_id, reference
        self._loop = asyncio.Runner()  # the route's clients stay with one loop
        self._said: list[SaidSoFar] = []
        self._asked = self._answered = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._loop:
            self._loop.run(self._route.close())
        if self._route.replies:
            record_replies(self._route.replies, user_id=self._user_id, reference=self._reference, task="flight")
        if kind is None and self._asked and not self._answered:
            raise ProviderUnavailable("no language model worded a reply", provider="chat")

    def open(self) -> Reply:
        return self._remembered(self._buyer.open())

    def hear(self, text: str, *, at_ms: int) -> Reply:
        reply = self._buyer.hear(text, at_ms=at_ms)
        directive = self._buyer.directive(reply, heard=text, before=tuple(self._said))
        self._said.append(SaidSoFar("user", text))
        if directive is not None:
            reply = self._worded(reply, directive, self._buyer.guard(directive))
        return self._remembered(reply)

    def silence(self, *, silent_ms: int) -> Reply | None:
        reply = self._buyer.silence(silent_ms=silent_ms)
        return None if reply is None else self._remembered(reply)

    def state(self) -> dict[str, Any]:
        return self._buyer.state()

    def _worded(self, reply: Reply, directive: Directive, guard: Guard) -> Reply:
        notes: list[dict[str, Any]] = []
        stopped: list[str] = []

        async def words() -> str:
            return " ".join([piece async for piece in worded(self._route, directive, guard, notes, stopped=stopped)])

        text = self._loop.run(words())
        self._asked += 1
        self._answered += bool(self._route.answered)
        told = iter(stopped)
        trace = [TraceEntry(**{**note, "detail": next(told) if note["rule"] == REFUSED else ""}) for note in notes]
        return replace(reply, text=text, trace=(*reply.trace, *trace))

    def _remembered(self, reply: Reply) -> Reply:
        part: Reply | None = reply
        while part is not None:
            self._said.append(SaidSoFar("assistant", part.text))
            part = part.then
        return reply


def stopped(flown: Flown) -> list[Finding]:
    """What the model was about to say and nobody heard: worth a look, and no reason to hold a scenario back."""
    return [
        Finding(
            STOPPED[entry["subject"]],
            blocks=False,
            trainee=flown.trainee,
            seed=flown.seed,
            seq=turn.seq,
            quote=entry["detail"][:QUOTED],
        )
        for turn in flown.turns
        for entry in turn.trace
        if entry["rule"] == REFUSED and entry["subject"] in STOPPED
    ]


def failures(flown: Flown) -> list[Finding]:
    """How many replies no model worded, so that the engine's own words were said."""
    missed = [turn for turn in flown.turns for entry in turn.trace if entry["rule"] == FAILED]
    return [Finding("not_worded", blocks=False, values={"turns": len(missed)}, trainee=flown.trainee)] if missed else []
