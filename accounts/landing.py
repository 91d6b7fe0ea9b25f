"""Where a person goes after sign-in: authors to the admin, managers to their teams, trainees home."""

from __future__ import annotations

from typing import Any

from tenants.context import org_path

from .models import Membership
from .roles import Action, allows


def landing_path(user: Any) -> str:
    """The page of the only organisation a person belongs to, by role; with several (or none), the chooser at `/`."""
    memberships = list(
        Membership.objects.active().filter(user=user, organization__status="active").select_related("organization")[:2]
    )
    if len(memberships) != 1:
        return "/"
    membership = memberships[0]
    if allows(membership.role, Action.AUTHOR):
        return org_path(membership.organization, "admin:index")
    return org_path(membership.organization, "home")
