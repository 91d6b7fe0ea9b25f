"""Every request to a language model, written down as it ends: for what, with which model, how long, how much, and how it
went. Nothing of what was asked or answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from integrations.budgets import governor
from integrations.budgets.governor import Ticket
from integrations.models import ModelCall
from integrations.own_calls.models import OwnCall
from tenants.schemas import in_public

from .base import Usage
from .chat import Reply
from .prices import Cost, cost_of
from .purpose import on_behalf_of, purpose

logger = structlog.get_logger(__name__)
TALK = "talk"  # the words of a buyer, in a call


@dataclass(frozen=True, slots=True)
class Entry:
    """`asked`: the model's name as it was asked for; `model`: as the vendor says it. `outcome`: "ok", or an error's code."""

    task: str
    vendor: str
    asked: str
    outcome: str
    ms: int
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    prompt_version: str = ""
    repair: bool = False
    own_account: bool = False

    @property
    def cost(self) -> Cost:
        return cost_of(self.model or self.asked, self.usage, asked=self.asked)


def record(entry: Entry, *, ticket: Ticket) -> None:
    """Keep an entry, and take what it cost from the budgets that paid. Outside of an organisation it is the
    installation's own (`integrations.own_calls`)."""
    cost = entry.cost
    logger.info(
        "a language model was asked",
        task=entry.task,
        vendor=entry.vendor,
        model=entry.model or entry.asked,
        outcome=entry.outcome,
        ms=entry.ms,
        input_tokens=entry.usage.input_tokens,
        output_tokens=entry.usage.output_tokens,
        cost_usd=str(cost.usd),
    )
    about = purpose()
    values: dict[str, Any] = {
        "task": entry.task,
        "vendor": entry.vendor,
        "model": entry.model or entry.asked,
        "prompt_version": entry.prompt_version,
        "input_tokens": entry.usage.input_tokens,
        "output_tokens": entry.usage.output_tokens,
        "ms": entry.ms,
        "cost_usd": cost.usd,
        "price_known": cost.known,
        "outcome": entry.outcome,
        "repair": entry.repair,
        "reference": about.reference,
    }
    if in_public():
        OwnCall.objects.create(**values)
        return
    with transaction.atomic():
        teams = [str(team) for team in about.teams]
        ModelCall.objects.create(**values, own_account=entry.own_account, teams=teams)
        governor.spend(cost.usd, ticket)


def record_replies(replies: Iterable[Reply], *, user_id: UUID | None, reference: str, task: str = TALK) -> None:
    """What was streamed, such as the words of a live call, written down when it is over: nobody waits for an entry while
    somebody speaks. Nothing was put aside for it."""
    with on_behalf_of(user_id, reference=reference):
        ticket = governor.unreserved(purpose().teams)
        for reply in replies:
            record(
                Entry(
                    task=task,
                    vendor=reply.vendor,
                    asked=reply.model,
                    outcome=reply.outcome,
                    ms=reply.ms,
                    usage=reply.usage,
                    own_account=reply.own_account,
                ),
                ticket=ticket,
            )
