"""Sound costs by the minute: conversations that a voice service holds, speech written down, and text spoken.

The most that something can cost is reserved before it begins, under an id that other processes know, too; what it did cost is
written down when it is over. What the embedded engine hears and says costs nothing and is not written down.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_UP, Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from integrations.llm.base import ANSWERED
from integrations.llm.prices import PLACES, Cost
from integrations.llm.purpose import on_behalf_of, purpose
from integrations.models import ModelCall

from . import governor

EMBEDDED = "embedded"
VOICE, HEAR, SAY = "voice", "hear", "say"
# US dollars a minute by kind of work and vendor; `MINUTE_PRICES` adds to the list and changes it. List prices, rounded up:
# a budget that counts too much is never overrun.
PRICES: dict[str, float] = {
    "voice.elevenlabs": 0.10,
    "voice.vapi": 0.15,
    "voice.openai": 0.021,  # its ears and its voice; the words are entries of their own
    "hear.openai": 0.006,
    "say.openai": 0.015,
}


def cost_of(work: str, vendor: str, seconds: float) -> Cost:
    """What so much sound costs. A vendor without a price counts as the dearest for this kind of work."""
    if vendor == EMBEDDED:
        return Cost(governor.NOTHING)
    listed = {**PRICES, **settings.MINUTE_PRICES}
    price = listed.get(f"{work}.{vendor}")
    per_minute = max(value for name, value in listed.items() if name.startswith(work)) if price is None else price
    usd = Decimal(str(per_minute)) * Decimal(str(max(seconds, 0.0))) / 60
    return Cost(usd.quantize(PLACES, rounding=ROUND_UP), known=price is not None)


def reserve(work: str, vendor: str, *, seconds: float, key: UUID, user_id: UUID, held: timedelta) -> None:
    """Put aside what this can cost at the most; a second time under the same `key` replaces the first. Raises `OverBudget`.

    `held`: when it ends by itself, where nobody writes down how it went.
    """
    usd = cost_of(work, vendor, seconds).usd
    if not usd:
        return release(key)
    with on_behalf_of(user_id):
        governor.reserve(usd, teams=purpose().teams, provider=vendor, ticket=key, held=held)
    return None


@transaction.atomic
def note(
    work: str,
    vendor: str,
    *,
    seconds: float,
    key: UUID,
    user_id: UUID | None,
    model: str = "",
    own_account: bool = False,
) -> None:
    """So much was spoken or written down: one entry, paid from what is reserved under `key`, or else from what is left."""
    cost = cost_of(work, vendor, seconds)
    if not cost.usd:
        return
    with on_behalf_of(user_id, reference=str(key)):
        teams = purpose().teams
    ticket = governor.taken_up(key, teams)
    ModelCall.objects.create(
        task=work,
        vendor=vendor,
        model=model or vendor,
        sound_seconds=round(seconds),
        ms=0,
        cost_usd=cost.usd,
        price_known=cost.known,
        outcome=ANSWERED,
        own_account=own_account,
        reference=str(key),
        teams=[str(team) for team in teams],
    )
    governor.spend(cost.usd, ticket)


def release(key: UUID) -> None:
    """What is still put aside under this key is free again."""
    governor.settle_by(key)
