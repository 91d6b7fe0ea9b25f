"""Whose work may this person see? Asked by calls, scoring and reporting; decided here."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from .people.models import TeamMembership
from .roles import Action, allows

RowT = TypeVar("RowT", bound=Model)


def visible_user_ids(user: Any, role: str | None) -> set[UUID] | None:
    """Ids of the people whose calls and progress `user` may see in the organisation at hand; None means everyone.

    Oneself, always (an empty set without a role); a manager also sees the members of the teams that he or she manages.
    Reads the organisation's schema, so it must be active.
    """
    if role is None:
        return set()
    if allows(role, Action.SEE_EVERYONE):
        return None
    own = {user.pk}
    if allows(role, Action.SEE_TEAM):
        managed = TeamMembership.objects.filter(user_id=user.pk, is_manager=True).values("team_id")
        own.update(TeamMembership.objects.filter(team_id__in=managed).values_list("user_id", flat=True))
    return own


def within_reach(rows: QuerySet[RowT], *, of: str, user: Any, role: str | None) -> QuerySet[RowT]:
    """Those of the people whom `user` may see. `of`: the field that says whose a row is."""
    ids = visible_user_ids(user, role)
    return rows if ids is None else rows.filter(**{f"{of}__in": ids})


def may_see(user: Any, role: str | None, other_id: UUID) -> bool:
    """May `user` see the work of the person with that id?"""
    visible = visible_user_ids(user, role)
    return visible is None or other_id in visible
