"""Making, changing and dropping budgets, with a word in the audit trail."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.people import audit
from integrations.models import Budget

from .governor import month_of


@transaction.atomic
def save(*, budget: Budget, actor: Any, made: bool) -> None:
    """A new budget begins with what this month has cost already."""
    budget.save()
    month_of(budget, timezone.now())
    audit.record(
        actor,
        "budget.made" if made else "budget.changed",
        budget,
        team=str(budget.team_id or ""),
        monthly_usd=str(budget.monthly_usd),
        when_spent=budget.when_spent,
    )


@transaction.atomic
def remove(*, budget: Budget, actor: Any) -> None:
    audit.record(actor, "budget.removed", budget, team=str(budget.team_id or ""), monthly_usd=str(budget.monthly_usd))
    budget.delete()
