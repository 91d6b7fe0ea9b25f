"""Rubrics: what a call is scored on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import display

from accounts.org_admin import org_site
from scenarios import publishing
from scenarios.models import Criterion, Rubric
from scenarios.signals import SIGNALS
from scenarios.validation import check_rubric

from .base import SHORT_TEXTS, AuthoredAdmin, used_in
from .forms import CriterionForm, CriterionFormSet, RubricForm


class CriterionInline(StackedInline):
    model = Criterion
    form = CriterionForm
    formset = CriterionFormSet
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True
    collapsible = True
    formfield_overrides = SHORT_TEXTS
    fields = (("name", "weight", "kind"), "definition", "anchors", "signals", "position")


@admin.register(Rubric, site=org_site)
class RubricAdmin(AuthoredAdmin):
    form = RubricForm
    inlines = (CriterionInline,)
    publish_one = staticmethod(publishing.publish_rubric)
    duplicate_one = staticmethod(publishing.duplicate_rubric)
    review = staticmethod(check_rubric)
    preview_template = "scenarios/admin/rubric_preview.html"
    package_kind = "rubrics"

    list_display = (
        "name",
        "criterion_count",
        "pass_mark",
        "language",
        "status_label",
        "version_label",
        "scenario_count",
    )
    list_filter = (*AuthoredAdmin.list_filter, "is_preset")
    search_fields = ("name", "description")
    fieldsets = (
        (None, {"fields": ("state", "seen_revision")}),
        (
            _("The rubric"),
            {
                "fields": ("name", ("language", "pass_mark"), "description"),
                "description": _(
                    "The weights of the criteria add up to 100. A call's score is the weighted mean of the criteria that "
                    "apply to it, computed by Parley, never by a model. A criterion that must not fail weighs 0."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .annotate(scenario_total=used_in(Rubric), criterion_total=Count("criteria", distinct=True))
        )

    @display(description=_("criteria"), ordering="criterion_total")
    def criterion_count(self, rubric: Any) -> int:
        return int(rubric.criterion_total)

    @display(description=_("used in scenarios"), ordering="scenario_total")
    def scenario_count(self, rubric: Any) -> int:
        return int(rubric.scenario_total)

    def preview_context(self, request: HttpRequest, item: Rubric) -> dict[str, Any]:
        criteria: list[dict[str, Any]] = [
            {"row": criterion, "signals": [SIGNALS.get(signal, signal) for signal in criterion.signals]}
            for criterion in item.criteria.all()
        ]
        return {"criteria": criteria, "total": sum(entry["row"].weight for entry in criteria)}
