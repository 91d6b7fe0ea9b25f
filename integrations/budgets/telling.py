"""Who runs an organisation is told when a month's budget runs out, and when nothing is left of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Membership, User
from accounts.notices.models import Notice
from accounts.notices.services import notify_all, place
from accounts.roles import Action, roles_that
from integrations.models import Budget
from tenants.context import current_organization

from .governor import first_day
from .standing import Standing, next_month, standings

STEPS = (100, 80)  # percent of the budget, the highest first
KIND = "budget_low"


def of_low_budgets() -> int:
    """Tell of each budget that passed a step; returns how many notices are new. Two queries where nobody has to be told.

    Once for each step of a budget in a month; where the budget is changed meanwhile, its steps are others.
    """
    low = {key: one for one in standings() if (key := _key(one))}
    if not low:
        return 0
    known = Notice.objects.filter(kind=KIND, dedupe__in=[f"{KIND}:{key}" for key in low])
    told = set(known.values_list("dedupe", flat=True))
    news = {key: one for key, one in low.items() if f"{KIND}:{key}" not in told}
    if not news:
        return 0
    people = _who_decides()
    url = place("admin:integrations_budget_changelist")
    return sum(
        len(notify_all(users=people, kind=KIND, data=_words(one), url=url, dedupe_key=key)) for key, one in news.items()
    )


def _step(one: Standing) -> int:
    """The highest step that what is spent has reached; what is only put aside may come back. 0: none."""
    if not one.limit:
        return 0  # nothing was ever to be spent, and whoever said so knows
    percent = 100 * one.spent / one.limit
    return next((step for step in STEPS if percent >= step), 0)


def _key(one: Standing) -> str:
    step = _step(one)
    return f"{one.budget.pk}:{first_day(timezone.now()):%Y-%m}:{one.limit.normalize()}:{step}" if step else ""


def _words(one: Standing) -> dict[str, Any]:
    day = next_month(timezone.now())
    stops = one.budget.when_spent == Budget.WhenSpent.STOP
    return {
        "title": one.budget.team.name if one.budget.team else current_organization().name,
        "percent": min(100, int(100 * one.spent / one.limit)),
        "spent": one.spent.quantize(Decimal("0.01")),
        "limit": one.limit,
        "stopped" if stops else "embedded": day,
    }


def _who_decides() -> list[User]:
    active = Membership.objects.active().filter(
        organization=current_organization(), role__in=roles_that(Action.MANAGE_ORGANIZATION)
    )
    return list(User.objects.filter(pk__in=active.values("user")))
