"""Whose work may this person see? Asked by calls, scoring and reporting; decided here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from .people.models import TeamMembership
from .roles import Action, allows


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


def may_see(user: Any, role: str | None, other_id: UUID) -> bool:
    """May `user` see the work of the person with that id?"""
    visible = visible_user_ids(user, role)
    return visible is None or other_id in visible
