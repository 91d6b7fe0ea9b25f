"""What answers cost, as data: US dollars per million tokens in and out. `LLM_PRICES` adds to the list and changes it.

Introductory prices are left out: a budget that counts the full price is never overrun.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from .base import Ask, Usage

PRICES: dict[str, tuple[float, float]] = {
    "openai/gpt-oss-120b": (0.15, 0.60),
    "openai/gpt-oss-20b": (0.075, 0.30),
    "gemini-3.8-flash": (1.50, 7.50),
    "gemini-3.5-flash-lite": (0.30, 2.50),
    # Vectors: nothing comes out.
    "text-embedding-3-small": (0.02, 0.0),
    "openai/text-embedding-3-small": (0.02, 0.0),
}
MILLION = Decimal(1_000_000)
PLACES = Decimal("0.000001")
# Characters a token has at the least, in text of any length in the languages that are spoken here.
LEAST_PER_TOKEN = 2.5


@dataclass(frozen=True, slots=True)
class Cost:
    """`known`: by the model's own price. A model without one is counted at the dearest price there is."""

    usd: Decimal
    known: bool = True


def price_list() -> dict[str, tuple[Decimal, Decimal]]:
    listed = {**PRICES, **{model: (pair[0], pair[1]) for model, pair in settings.LLM_PRICES.items()}}
    return {model: (Decimal(str(per_in)), Decimal(str(per_out))) for model, (per_in, per_out) in listed.items()}


def cost_of(model: str, usage: Usage, *, asked: str = "") -> Cost:
    """What these tokens cost. `asked`: the name by which the model was asked for, where the vendor's own has no price."""
    prices = price_list()
    price = prices.get(model) or prices.get(asked)
    known = price is not None
    per_in, per_out = price or (max(one for one, _out in prices.values()), max(out for _in, out in prices.values()))
    usd = (usage.input_tokens * per_in + usage.output_tokens * per_out) / MILLION
    return Cost(usd.quantize(PLACES), known)


def cost_usd(model: str, usage: Usage) -> str | None:
    """US dollars as a decimal text with six places; None for a model that has no price."""
    cost = cost_of(model, usage)
    return str(cost.usd) if cost.known else None


def most_usage(ask: Ask) -> Usage:
    """The most that one answer to this can use up."""
    sent = len(ask.system) + len(ask.prompt) + len(json.dumps(ask.schema))
    return Usage(most_tokens(sent), ask.max_output_tokens)


def most_tokens(characters: int) -> int:
    return math.ceil(characters / LEAST_PER_TOKEN)
