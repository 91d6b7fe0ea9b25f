"""People for the operators of the platform, at `/admin/`. Organisations manage their own (`accounts.people.admin`)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from .models import User


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Look people up, deactivate them, make operators. Passwords are their owners' to set."""

    list_display = ("email", "full_name", "is_active", "is_staff", "last_login", "created_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "full_name")
    fields = ("email", "full_name", "language", "timezone", "is_active", "is_staff", "is_superuser", "last_login")
    readonly_fields = ("email", "last_login")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # rows in many schemas point at a person

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        extra = () if getattr(request.user, "is_superuser", False) else ("is_staff", "is_superuser")
        return (*self.readonly_fields, *extra)
