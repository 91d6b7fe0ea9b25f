"""Who is this person here? One look-up per request and organisation, kept on the user object."""

from __future__ import annotations

from typing import Any

from tenants.models import Organization

from .models import Membership
from .roles import Action, allows


def role_of(user: Any, organization: Organization | None) -> str | None:
    """The active role of `user` in `organization`, or None."""
    if organization is None or user is None or not user.is_authenticated or not user.is_active:
        return None
    known: dict[Any, str | None] = user.__dict__.setdefault("_roles_by_organization", {})
    if organization.pk not in known:
        membership = Membership.objects.active().filter(organization=organization, user_id=user.pk).first()
        known[organization.pk] = membership.role if membership else None
    return known[organization.pk]


def may(user: Any, organization: Organization | None, action: Action) -> bool:
    """May this person do that in this organisation?"""
    return allows(role_of(user, organization), action)


def member_ids(organization: Organization) -> Any:
    """Ids of everybody active in the organisation, for user pickers (users live in `public` for all organisations)."""
    return Membership.objects.active().filter(organization=organization).values_list("user_id", flat=True)


def other_memberships(user: Any, organization: Organization | None) -> list[Membership]:
    """Where else this person belongs, by name: for the switch between organisations."""
    if user is None or not user.is_authenticated:
        return []
    mine = Membership.objects.active().filter(user_id=user.pk, organization__status=Organization.Status.ACTIVE)
    if organization is not None:
        mine = mine.exclude(organization=organization)
    return list(mine.select_related("organization").order_by("organization__name"))
