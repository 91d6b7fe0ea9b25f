"""How budgets stand this month, for whoever decides about them. One query, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.models import Budget, BudgetMonth, Reservation
from tenants.errors import Conflict

from .governor import NOTHING, first_day

_MONEY: DecimalField = DecimalField(max_digits=14, decimal_places=6)


class BudgetSpent(Conflict):
    code = "BUDGET_SPENT"
    default_message = gettext_lazy("This month's budget for practice calls is used up.")


@dataclass(frozen=True, slots=True)
class Standing:
    """US dollars. `reserved` is what requests under way may still cost; `left` is never below 0."""

    budget: Budget
    limit: Decimal
    spent: Decimal
    reserved: Decimal
    left: Decimal

    @property
    def percent(self) -> int:
        """Of the limit, spent and reserved together; 100 for a limit of nothing."""
        used = self.limit - self.left
        return 100 if not self.limit else min(100, int(100 * used / self.limit))

    @property
    def is_used_up(self) -> bool:
        return self.left <= 0


def with_standing(budgets: QuerySet[Budget], now: datetime) -> QuerySet[Budget]:
    """The same rows with `spent`, `reserved` and `left` of the month."""
    month = first_day(now)
    spent = BudgetMonth.objects.filter(budget=OuterRef("pk"), month=month).values("spent_usd")
    held = Reservation.objects.filter(month__budget=OuterRef("pk"), month__month=month, expires_at__gt=now).order_by()
    reserved = held.values("month__budget").annotate(total=Sum("usd")).values("total")
    nothing = Value(NOTHING, output_field=_MONEY)
    return budgets.annotate(
        spent=Coalesce(Subquery(spent, output_field=_MONEY), nothing),
        reserved=Coalesce(Subquery(reserved, output_field=_MONEY), nothing),
    ).annotate(left=Greatest(F("monthly_usd") - F("spent") - F("reserved"), nothing, output_field=_MONEY))


def standings() -> list[Standing]:
    """The organisation's first, then the teams' by name."""
    rows = with_standing(Budget.objects.select_related("team"), timezone.now())
    return [_standing(row) for row in rows.order_by(F("team__name").asc(nulls_first=True))]


def refuse_where_spent(user_id: UUID, *, ticket: UUID | None = None) -> None:
    """May this person begin another call? Raises `BudgetSpent` where a budget that is to stop calls is used up. `ticket`:
    what is put aside under it already may be spent, though nothing else is left."""
    now = timezone.now()
    if ticket is not None and Reservation.objects.filter(ticket=ticket, expires_at__gt=now).exists():
        return
    own = Q(team__memberships__user_id=user_id, team__memberships__is_manager=False)
    stopping = Budget.objects.filter(Q(team=None) | own, when_spent=Budget.WhenSpent.STOP)
    if with_standing(stopping, now).filter(left__lte=0).exists():
        raise spent_until_next_month()


def spent_until_next_month() -> BudgetSpent:
    """The refusal that says when calls start again."""
    return BudgetSpent(
        _(
            "This month's budget for practice calls is used up. New calls start again on %(day)s, or as soon as an "
            "administrator of your organisation raises the budget."
        )
        % {"day": date_format(next_month(timezone.now()), "DATE_FORMAT")}
    )


def next_month(now: datetime) -> date:
    first = first_day(now)
    return first.replace(year=first.year + 1, month=1) if first.month == 12 else first.replace(month=first.month + 1)


def _standing(row: Budget) -> Standing:
    annotated = vars(row)
    return Standing(row, row.monthly_usd, annotated["spent"], annotated["reserved"], annotated["left"])
