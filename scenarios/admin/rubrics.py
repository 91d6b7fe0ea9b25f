"""Rubrics: what a call is scored on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import StackedInline
from unfold.decorators import display

from accounts.org_admin import org_site
from integrations.embeddings.embedded import default_encoder
from scenarios import publishing
from scenarios.contents import rubric_content
from scenarios.models import Criterion, Rubric
from scenarios.models.versions import WorkingCopy, hash_content
from scenarios.rewriting import take_over
from scenarios.signals import SIGNALS
from scenarios.validation import Note, check_rubric
from tenants.errors import DomainError

from .base import SHORT_TEXTS, AuthoredAdmin, used_in
from .forms import CriterionForm, CriterionFormSet, RubricForm


def review(rubric: Rubric) -> list[Note]:
    return check_rubric(rubric, encoder=default_encoder())


class CriterionInline(StackedInline):
    model = Criterion
    form = CriterionForm
    formset = CriterionFormSet
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True
    collapsible = True
    formfield_overrides = SHORT_TEXTS
    fields = (
        "name",
        ("weight", "kind"),
        "definition",
        "parts",
        "source",
        "anchors",
        ("partial", "must_come_up"),
        "signals",
        "position",
    )


@admin.register(Rubric, site=org_site)
class RubricAdmin(AuthoredAdmin):
    form = RubricForm
    inlines = (CriterionInline,)
    publish_one = staticmethod(publishing.publish_rubric)
    duplicate_one = staticmethod(publishing.duplicate_rubric)
    review = staticmethod(review)
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
            gettext_lazy("The rubric"),
            {
                "fields": ("name", ("language", "pass_mark"), "description"),
                "description": gettext_lazy(
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

    @display(description=gettext_lazy("criteria"), ordering="criterion_total")
    def criterion_count(self, rubric: Any) -> int:
        return int(rubric.criterion_total)

    @display(description=gettext_lazy("used in scenarios"), ordering="scenario_total")
    def scenario_count(self, rubric: Any) -> int:
        return int(rubric.scenario_total)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.rewrite_view))
        return [path("<uuid:pk>/rewrite/", view, name="scenarios_rubric_rewrite"), *super().get_urls()]

    def publish_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """A version that replaces another one is published from the page that shows whom it would change."""
        rubric = self.wanted(request, pk, "change")
        unseen = request.POST.get("impact_seen") != str(rubric.revision)
        if unseen and replaces_version(rubric) and (url := impact_url(rubric)):
            return HttpResponseRedirect(url)
        return super().publish_view(request, pk)

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        replacing = [
            rubric for rubric in Rubric.objects.filter(pk__in=queryset.values("pk")) if replaces_version(rubric)
        ]
        for rubric in replacing:
            message = _(
                "“%(rubric)s” replaces a version in use: publish it from its page, which shows whom it changes."
            )
            messages.warning(request, message % {"rubric": rubric})
        super().publish_selected(request, queryset.exclude(pk__in=[rubric.pk for rubric in replacing]))

    def rewrite_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Take over one proposal of the linter into the draft."""
        rubric = self.wanted(request, pk, "change")
        rule, criterion = request.POST.get("rule", ""), request.POST.get("criterion", "")
        revision = request.POST.get("revision", "")
        try:
            take_over(
                rubric=rubric,
                rule=rule,
                criterion=criterion,
                encoder=default_encoder(),
                expected=int(revision) if revision.isdecimal() else None,
            )
        except DomainError as refused:
            messages.error(request, str(refused.message))
        else:
            self.log_change(request, rubric, _("Took over a proposal (%(rule)s).") % {"rule": rule})
            messages.success(request, _("Taken over into the draft. Publish when you are done."))
        return HttpResponseRedirect(self.page("preview", rubric))

    def preview_context(self, request: HttpRequest, item: Rubric) -> dict[str, Any]:
        criteria: list[dict[str, Any]] = [
            {
                "row": criterion,
                "signals": labels(criterion.signals),
                "parts": [{"text": part["text"], "signals": labels(part["signals"])} for part in criterion.parts],
            }
            for criterion in item.criteria.all()
        ]
        return {
            "criteria": criteria,
            "total": sum(entry["row"].weight for entry in criteria),
            "rewrite_url": self.page("rewrite", item),
            "impact_url": impact_url(item),
            "rescore_url": page_above("judging:rescore", item),
            "behind": publishing.scenarios_behind(item),
        }


def replaces_version(rubric: Rubric) -> bool:
    """Would publishing put another version in the place of one in use?"""
    version = rubric.newest_published()
    if version is None or any(note.is_error for note in check_rubric(rubric)):
        return False
    return bool(version.content_hash != hash_content(rubric_content(rubric)))


def impact_url(rubric: Rubric) -> str:
    return page_above("judging:impact", rubric)


def page_above(name: str, item: WorkingCopy) -> str:
    """A page of a layer above, so it is known by name only."""
    try:
        return reverse(name, args=[item.pk])
    except NoReverseMatch:
        return ""


def labels(signals: list[str]) -> list[Any]:
    return [SIGNALS.get(signal, signal) for signal in signals]
