"""Organisations for the operators of the platform, at `/admin/`. They are opened by `manage.py open_organization`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from .models import Domain, Organization

SETTINGS = (
    "name",
    "language",
    "timezone",
    "pass_mark",
    "recording_consent_text",
    "recording_retention_days",
    "second_factor_required",
    "observers_allowed",
    "private_practice_allowed",
    "own_scenarios_allowed",
    "allowed_ai_providers",
)


class DomainInline(TabularInline):
    """A domain serves once `verified_at` is filled in: the operator has seen that its owner controls it."""

    model = Domain
    extra = 0
    fields = ("domain", "is_primary", "verified_at")


@admin.register(Organization)
class OrganizationAdmin(ModelAdmin):
    list_display = ("name", "slug", "state", "language", "created_at")
    list_filter = ("status",)
    search_fields = ("name", "slug")
    fields = ("slug", "status", *SETTINGS, "email_domains", "created_at")
    readonly_fields = ("slug", "status", "created_at")
    inlines = (DomainInline,)
    actions = ("suspend", "resume")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return super().get_queryset(request).exclude(status=Organization.Status.TEMPLATE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a schema full of other people's work does not go by a click

    @display(
        description=_("status"),
        label={
            Organization.Status.ACTIVE: "success",
            Organization.Status.SUSPENDED: "danger",
            Organization.Status.PROVISIONING: "warning",
        },
        ordering="status",
    )
    def state(self, organization: Organization) -> tuple[str, str]:
        return organization.status, organization.get_status_display()

    @admin.action(description=_("Suspend: nobody gets in, nothing is lost"), permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        queryset.filter(status=Organization.Status.ACTIVE).update(status=Organization.Status.SUSPENDED)

    @admin.action(description=_("Let people in again"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        queryset.filter(status=Organization.Status.SUSPENDED).update(status=Organization.Status.ACTIVE)
