"""A group of people with their numbers, one row each, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, CharField, Count, F, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.models import User
from accounts.people.models import Team, TeamMembership
from scoring.counted import counted_calls, current_scores
from tenants.models import Organization

from .statistics import CriterionAverage, weakest_of

NAME, AVERAGE, CALLS, LAST = "name", "average", "calls", "last"
ORDERS: dict[str, Any] = {
    NAME: [F("shown_name").asc()],
    # Who needs a coach most comes first: low averages, few calls, long silence.
    AVERAGE: [F("average").asc(nulls_last=True), F("shown_name").asc()],
    CALLS: [F("calls_total").asc(), F("shown_name").asc()],
    LAST: [F("last_call_at").asc(nulls_first=True), F("shown_name").asc()],
}


@dataclass(frozen=True, slots=True)
class TeamRow:
    user: User
    teams: tuple[str, ...]
    calls_total: int
    average: float | None
    last_call_at: datetime | None
    weakest: CriterionAverage | None


def sorted_by(asked: str) -> str:
    """One of the orders that exist; by name unless another one is asked for."""
    return asked if asked in ORDERS else NAME


def members_of(
    *, organization: Organization, visible: set[UUID] | None, team: Team | None = None, order: str = NAME
) -> QuerySet[Any]:
    """Active members (of one team, of the visible ones) with `calls_total`, `average` and `last_call_at`."""
    people = User.objects.filter(is_active=True, memberships__organization=organization, memberships__is_active=True)
    if visible is not None:
        people = people.filter(pk__in=visible)
    if team is not None:
        people = people.filter(pk__in=TeamMembership.objects.filter(team=team).values("user_id"))
    calls = counted_calls().filter(trainee_id=OuterRef("pk")).order_by().values("trainee_id")
    scores = current_scores().filter(call__trainee_id=OuterRef("pk")).order_by().values("call__trainee_id")
    return people.annotate(
        shown_name=Coalesce(NullIf(F("full_name"), Value("")), F("email"), output_field=CharField()),
        calls_total=Coalesce(Subquery(calls.annotate(n=Count("pk")).values("n")), 0),
        last_call_at=Subquery(calls.annotate(last=Max("ended_at")).values("last")),
        average=Subquery(scores.annotate(mean=Avg("overall_score")).values("mean")),
    ).order_by(*ORDERS[order])


def team_rows(people: Sequence[Any]) -> list[TeamRow]:
    """Rows for people as `members_of` gives them; two more queries for all of them together."""
    ids = [person.pk for person in people]
    weakest = weakest_of(user_ids=ids)
    teams: dict[UUID, list[str]] = defaultdict(list)
    names = TeamMembership.objects.filter(user_id__in=ids).order_by("team__name").values_list("user_id", "team__name")
    for user_id, name in names:
        teams[user_id].append(name)
    return [
        TeamRow(
            user=person,
            teams=tuple(teams[person.pk]),
            calls_total=person.calls_total,
            average=None if person.average is None else float(person.average),
            last_call_at=person.last_call_at,
            weakest=weakest.get(person.pk),
        )
        for person in people
    ]
