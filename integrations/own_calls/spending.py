"""What the installation's own requests cost, and what they may cost in a month (`OWN_BUDGET_USD`)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from integrations.errors import OverBudget

from .models import OwnCall

NOTHING = Decimal(0)


def spent_on(reference: str) -> Decimal:
    """US dollars, over all requests with this reference."""
    return OwnCall.objects.filter(reference=reference).aggregate(total=Sum("cost_usd"))["total"] or NOTHING


def left() -> Decimal | None:
    """US dollars that may still be spent this month (UTC), never below 0; None where there is no limit. One query."""
    if settings.OWN_BUDGET_USD is None:
        return None
    now = timezone.now().astimezone(UTC)
    calls = OwnCall.objects.filter(at__gte=datetime(now.year, now.month, 1, tzinfo=UTC))
    spent = calls.aggregate(total=Sum("cost_usd"))["total"] or NOTHING
    return max(Decimal(str(settings.OWN_BUDGET_USD)) - spent, NOTHING)


def refuse_beyond(usd: Decimal, *, provider: str) -> None:
    """Raises `OverBudget` where a request that can cost so much would go beyond the month's limit. Nothing is put aside:
    trials ask for one case after another, so what several of them overrun is a request each."""
    rest = left()
    if rest is not None and rest < usd:
        raise OverBudget(
            "OWN_BUDGET_USD, what the installation's own requests may cost in a month, does not cover it",
            provider=provider,
        )
