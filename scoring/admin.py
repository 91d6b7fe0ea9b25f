"""Score runs in the organisation's admin: to read, never to change."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.org_admin import OrganizationModelAdmin, org_site
from calls.models import Call

from .models import CriterionResult, ScoreRun


class ReadOnly:
    """Nobody adds, changes or deletes: a run is a record of what was judged."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CriterionInline(ReadOnly, TabularInline):
    model = CriterionResult
    extra = 0
    fields = ("name", "weight", "score", "applicable", "verified", "rationale")
    readonly_fields = fields


@admin.register(ScoreRun, site=org_site)
class ScoreRunAdmin(ReadOnly, OrganizationModelAdmin):
    list_display = ("created_at", "call", "track", "overall_score", "band", "passed", "judged_by")
    list_filter = ("track", "judged_by", "band")
    list_select_related = ("call",)
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    fields = (
        "call",
        "track",
        "rubric_version",
        "overall_score",
        "band",
        "passed",
        "judged_by",
        "model",
        "prompt_version",
        "transcript_hash",
        "created_at",
    )
    readonly_fields = fields
    inlines: ClassVar = [CriterionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScoreRun]:
        return super().get_queryset(request).filter(call__in=Call.objects.shown_to(request.user))
