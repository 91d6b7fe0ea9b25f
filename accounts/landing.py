"""Where a person goes after sign-in: authors to the admin, managers to their teams, trainees home."""

from __future__ import annotations

from typing import Any

from tenants.context import org_path
from tenants.models import Organization

from .models import Membership
from .roles import Action, allows


def landing_path(user: Any, *, here: Organization | None = None) -> str:
    """The page of the only organisation a person belongs to, by role; with several (or none), the chooser at `/`.

    `here`: the organisation whose own host this is. Who belongs to it stays on it, without the prefix."""
    memberships = list(
        Membership.objects.active()
        .filter(user=user, organization__status="active")
        .select_related("organization", "user")
    )
    for one in memberships:
        if one.organization == here:
            return organization_landing(one).removeprefix(one.organization.path_prefix)
    return organization_landing(memberships[0]) if len(memberships) == 1 else "/"


def organization_landing(membership: Membership) -> str:
    """The first page in this organisation, by role; the first visit of somebody who practises begins with the welcome."""
    organization, role = membership.organization, membership.role
    if allows(role, Action.AUTHOR):
        return org_path(organization, "admin:index")
    if not membership.user.onboarding_completed:
        return org_path(organization, "accounts:welcome")
    if allows(role, Action.SEE_TEAM):
        return org_path(organization, "reporting:team")
    return org_path(organization, "home")
