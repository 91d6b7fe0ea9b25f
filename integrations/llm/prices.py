"""What an answer cost, by the price list in the settings."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings

from .base import Usage

MILLION = Decimal(1_000_000)


def cost_usd(model: str, usage: Usage) -> str | None:
    """US dollars as a decimal text with six places; None for a model that has no price."""
    price = settings.LLM_PRICES.get(model)
    if price is None:
        return None
    per_input, per_output = (Decimal(str(value)) for value in price)
    cost = (usage.input_tokens * per_input + usage.output_tokens * per_output) / MILLION
    return str(cost.quantize(Decimal("0.000001")))
