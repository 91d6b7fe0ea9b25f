"""Roles as Django permissions, so that the admin and `has_perm` obey `accounts.roles`.

Django's groups are global, an organisation's roles are not; hence no groups.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from tenants.context import current_organization
from tenants.schemas import in_public

from .memberships import role_of
from .roles import admin_right, allows


class RoleBackend(BaseBackend):
    """Grants by Membership inside an organisation; a platform operator's rights count in `public` only."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not user_obj.is_active or in_public():
            return False
        app_label, _, codename = perm.partition(".")
        action = admin_right(app_label, codename.split("_")[0])
        return action is not None and allows(role_of(user_obj, current_organization()), action)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return self.has_perm(user_obj, f"{app_label}.view_any")
