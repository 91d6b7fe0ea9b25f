"""Who a person turns to about their own work: the managers of their teams, else who runs the organisation."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Membership, User
from accounts.roles import Action, Role, allows
from tenants.context import current_organization

from .models import TeamMembership


def contacts_of(user: User) -> list[User]:
    """Active people, by name, never the person; empty where nobody else may see the work. At most two queries."""
    teams = TeamMembership.objects.filter(user=user).values("team_id")
    managers = TeamMembership.objects.filter(team_id__in=teams, is_manager=True).values_list("user_id", flat=True)
    return _people(user, Action.SEE_TEAM, among=managers) or _people(user, Action.SEE_EVERYONE)


def _people(user: User, action: Action, *, among: Iterable[UUID] | None = None) -> list[User]:
    roles = [role for role in Role.values if allows(role, action)]
    members = Membership.objects.active().filter(organization=current_organization(), role__in=roles).exclude(user=user)
    if among is not None:
        # Two steps: the teams are in the organisation's schema, memberships in the public one.
        members = members.filter(user_id__in=list(among))
    return [member.user for member in members.select_related("user").order_by("user__full_name", "user__email")]
