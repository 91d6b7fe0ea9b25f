"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.memberships import may, other_memberships
from accounts.roles import Action
from config.installable import has_worker


def site(request: HttpRequest) -> dict[str, Any]:
    """`site_name`, `organization`, `role` and what the person may do, as flags for menus."""
    organization = getattr(request, "organization", None)
    user = getattr(request, "user", None)
    return {
        "site_name": settings.SITE_NAME,
        "organization": organization,
        "has_worker": has_worker(),
        "role": getattr(request, "role", None),
        # Asked of the database only where a menu shows it.
        "other_memberships": SimpleLazyObject(lambda: other_memberships(user, organization)),
        "may_author": may(user, organization, Action.AUTHOR),
        "may_see_team": may(user, organization, Action.SEE_TEAM),
        "may_manage_people": may(user, organization, Action.MANAGE_PEOPLE),
    }
