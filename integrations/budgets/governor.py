"""Money for what vendors do for us: reserved before a request, spent after it, never more than a month's budget.

Who wants to reserve holds the rows of the budgets' months, so two that start at once cannot both take what is left for one.
A budget covers whoever is coached in its team; the organisation's covers everybody. All that cover a request have to agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from integrations.errors import OverBudget
from integrations.models import Budget, BudgetMonth, ModelCall, Reservation

HELD = timedelta(minutes=10)  # longer than any request, shorter than anybody waits for money that nobody spends
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A reservation. `months`: the rows it counts in; none where no budget covers the request."""

    months: tuple[int, ...] = ()
    id: UUID = field(default_factory=uuid4)


def reserve(
    usd: Decimal, *, teams: Iterable[UUID], provider: str, ticket: UUID | None = None, held: timedelta = HELD
) -> Ticket:
    """Take this much out of all budgets that cover these teams. Raises `OverBudget` where one has not that much left.

    `ticket`: what is reserved under this id already is replaced (and stays where the new sum is not to be had). `held`: after
    how long a reservation that nobody settles ends. One query where there is no budget.
    """
    budgets = list(covering(teams))
    if not budgets:
        return Ticket()
    now = timezone.now()
    id_ = ticket or uuid4()
    with transaction.atomic():
        wanted = [month_of(budget, now).pk for budget in budgets]
        months = _held(wanted)
        if ticket is not None:
            Reservation.objects.filter(ticket=ticket).delete()
        reserved = reserved_in(wanted, now)
        for month in months:
            left = month.budget.monthly_usd - month.spent_usd - reserved.get(month.pk, NOTHING)
            if left < usd:
                raise OverBudget("what may be spent this month does not cover it", provider=provider)
        taken = Ticket(tuple(month.pk for month in months), id_)
        Reservation.objects.bulk_create(
            Reservation(ticket=id_, month=month, usd=usd, expires_at=now + held) for month in months
        )
    return taken


def anything_left(teams: Iterable[UUID]) -> bool:
    """Is there any money left this month in all budgets that cover these teams? For what cannot be priced beforehand."""
    now = timezone.now()
    for budget in covering(teams):
        month = month_of(budget, now)
        held = reserved_in([month.pk], now).get(month.pk, NOTHING)
        if budget.monthly_usd - month.spent_usd - held <= 0:
            return False
    return True


def unreserved(teams: Iterable[UUID]) -> Ticket:
    """For what is known only after it was spent."""
    now = timezone.now()
    return Ticket(tuple(month_of(budget, now).pk for budget in covering(teams)))


def taken_up(ticket: UUID, teams: Iterable[UUID]) -> Ticket:
    """A reservation that another process made, by its id; where it is no more, what covers these teams today pays."""
    months = tuple(Reservation.objects.filter(ticket=ticket).order_by("month").values_list("month", flat=True))
    return Ticket(months or unreserved(teams).months, ticket)


def spend(usd: Decimal, ticket: Ticket) -> None:
    """Something of what was reserved is spent. Inside a transaction, together with the entry that says on what."""
    if not ticket.months or not usd:
        return
    _held(ticket.months)
    BudgetMonth.objects.filter(pk__in=ticket.months).update(spent_usd=F("spent_usd") + usd)
    Reservation.objects.filter(ticket=ticket.id).update(usd=Greatest(F("usd") - usd, NOTHING))


def settle(ticket: Ticket) -> None:
    """What was not spent is free again."""
    if ticket.months:
        settle_by(ticket.id)


def settle_by(ticket: UUID) -> None:
    Reservation.objects.filter(ticket=ticket).delete()


def covering(teams: Iterable[UUID]) -> QuerySet[Budget]:
    return Budget.objects.filter(Q(team=None) | Q(team__in=list(teams))).order_by("pk")


def month_of(budget: Budget, now: datetime) -> BudgetMonth:
    """The budget's row of this month. A budget that is new to the month begins with what was spent before it was made."""
    month = first_day(now)
    found = BudgetMonth.objects.filter(budget=budget, month=month).first()
    if found is not None:
        return found
    spent = spent_since(month, team=budget.team_id)
    return BudgetMonth.objects.get_or_create(budget=budget, month=month, defaults={"spent_usd": spent})[0]


def spent_since(month: date, *, team: UUID | None) -> Decimal:
    """By the entries of all requests."""
    calls = ModelCall.objects.filter(at__gte=datetime(month.year, month.month, 1, tzinfo=UTC))
    if team is not None:
        calls = calls.filter(teams__contains=[str(team)])
    return calls.aggregate(total=Sum("cost_usd"))["total"] or NOTHING


def reserved_in(months: Sequence[int], now: datetime) -> dict[int, Decimal]:
    """US dollars that requests under way may still cost, by month's row."""
    held = Reservation.objects.filter(month__in=months, expires_at__gt=now).order_by()
    return {row["month"]: row["total"] for row in held.values("month").annotate(total=Sum("usd"))}


def clear_expired() -> int:
    """Reservations whose worker died; returns how many."""
    return Reservation.objects.filter(expires_at__lt=timezone.now()).delete()[0]


def first_day(now: datetime) -> date:
    return now.astimezone(UTC).date().replace(day=1)


def _held(months: Sequence[int]) -> list[BudgetMonth]:
    """These rows, locked, always in the same order."""
    rows = BudgetMonth.objects.select_for_update(of=("self",)).select_related("budget")
    return list(rows.filter(pk__in=months).order_by("pk"))
