"""Score runs, and how models quote, in the organisation's admin: to read, never to change."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from accounts.org_admin import OrganizationModelAdmin, org_site
from calls.models import Call

from .models import CriterionResult, QuoteTally, ScoreRun
from .reviews import note_seen


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
        "group",
        "base_run",
        "made_by",
        "reason",
        "model",
        "prompt_version",
        "transcript_hash",
        "created_at",
    )
    readonly_fields = fields
    inlines: ClassVar = [CriterionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScoreRun]:
        return super().get_queryset(request).filter(call__in=Call.objects.shown_to(request.user))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ScoreRun | None:
        """Whoever reads a run here has seen what its judge said."""
        run: ScoreRun | None = super().get_object(request, object_id, from_field)
        if run is not None:
            note_seen(call=run.call, user=request.user)
        return run


@admin.register(QuoteTally, site=org_site)
class QuoteTallyAdmin(ReadOnly, OrganizationModelAdmin):
    list_display = (
        "day",
        "judged_by",
        "model",
        "prompt_version",
        "language",
        "readings",
        "claimed",
        "verified",
        "misquoted",
        "not_said",
        "paraphrased",
        "buyer",
        "to_judge",
    )
    list_filter = ("judged_by", "model", "language", "prompt_version")
    list_select_related = False
    date_hierarchy = "day"
    ordering = ("-day", "judged_by", "model")
    readonly_fields = tuple(field.name for field in QuoteTally._meta.fields if field.name != "id")
    fields = readonly_fields

    @admin.display(description=_("misquoted"))
    def misquoted(self, tally: QuoteTally) -> str:
        """The share of the quotes it gave that the trainee did not say there."""
        return f"{round(100 * tally.refused / tally.claimed)} %" if tally.claimed else "–"
