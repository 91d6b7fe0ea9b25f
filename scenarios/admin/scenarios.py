"""Scenarios: a buyer, a mode, a rubric, and what the trainee is told."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import ForeignKey
from django.forms import Field
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from accounts.org_admin import org_site
from scenarios import gates, publishing
from scenarios.contents import compose_brief, persona_content
from scenarios.models import Persona, Rubric, Scenario, ScenarioVersion
from scenarios.prompts import buyer_prompt
from scenarios.validation import check_scenario

from .base import AuthoredAdmin
from .branching import BranchingPages
from .forms import ScenarioForm
from .own import LibraryFilter
from .rubrics import impact_url, page_above, replaces_version


@admin.register(Scenario, site=org_site)
class ScenarioAdmin(BranchingPages, AuthoredAdmin):
    form = ScenarioForm
    publish_one = staticmethod(publishing.publish_scenario)
    duplicate_one = staticmethod(publishing.duplicate_scenario)
    review = staticmethod(check_scenario)
    preview_template = "scenarios/admin/scenario_preview.html"
    package_kind = "scenarios"
    actions_detail: Any = ("preview", "branching")

    list_display = (
        "title",
        "mode",
        "persona",
        "rubric",
        "language",
        "time_limit_minutes",
        "status_label",
        "version_label",
    )
    list_select_related: Any = ("persona", "rubric")
    # The library is what is asked for; how many drafts stand apart from it is one more question for a number of no use.
    show_full_result_count = False
    list_filter = (
        LibraryFilter,
        *AuthoredAdmin.list_filter,
        ("mode", ChoicesDropdownFilter),
        ("persona", RelatedDropdownFilter),
        ("persona__difficulty", ChoicesDropdownFilter),
        "is_preset",
    )
    search_fields = ("title", "summary", "persona__name", "persona__company")
    fieldsets = (
        (None, {"fields": ("state", "seen_revision")}),
        (
            _("The call"),
            {
                "fields": ("title", "summary", ("mode", "language"), ("persona", "rubric"), "time_limit_minutes"),
                "description": _("Persona and rubric must be in the language of the scenario."),
            },
        ),
        (
            _("What the trainee is told"),
            {
                "fields": ("trainee_brief", "product", "goal", "next_step"),
                "description": _(
                    "Shown before and during the call. Say what could be known beforehand, never what the buyer hides."
                ),
            },
        ),
        (
            _("Words"),
            {
                "fields": ("first_message",),
                "description": _("Empty: the persona's first words, or those that the mode suggests."),
            },
        ),
    )

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Field | None:
        """Only what is in use can be chosen; what the scenario has already stays on offer."""
        if db_field.name in {"persona", "rubric"}:
            model = Persona if db_field.name == "persona" else Rubric
            pk = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            usable = model.objects.usable()
            usable = usable.of_the_library() if model is Persona else usable
            if pk:
                usable = usable | model.objects.filter(scenarios__pk=pk)
            kwargs["queryset"] = usable.distinct().order_by("language", "name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def needs_publishing(self, item: Scenario) -> bool:
        version = item.newest_published()
        if version is None or item.has_unpublished_changes:
            return True
        persona, rubric = item.persona.newest_published(), item.rubric.newest_published()
        return bool(
            item.persona.has_unpublished_changes
            or item.rubric.has_unpublished_changes
            or persona is None
            or rubric is None
            or version.persona_version_id != persona.pk
            or version.rubric_version_id != rubric.pk
            or someone_is_newer(version)
        )

    def publish_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """A rubric is published along with its scenario, but not unseen where that replaces a version in use."""
        scenario = self.wanted(request, pk, "change")
        if replaces_version(scenario.rubric) and (url := impact_url(scenario.rubric)):
            message = _(
                "“%(rubric)s” would be published along and replaces a version in use. See whom it changes first."
            )
            messages.warning(request, message % {"rubric": scenario.rubric})
            return HttpResponseRedirect(url)
        if (problems := gates.problems_of(scenario)) and problems[0].url:
            for problem in problems:
                messages.error(request, problem.message)
            return HttpResponseRedirect(problems[0].url)
        return super().publish_view(request, pk)

    def preview_context(self, request: HttpRequest, item: Scenario) -> dict[str, Any]:
        brief = compose_brief(
            persona_content(item.persona),
            mode=item.mode,
            goal=item.goal,
            next_step=item.next_step,
            first_message=item.first_message,
        )
        taken_along = [part for part in (item.persona, item.rubric) if part.published_revision != part.revision]
        return {
            "brief": brief,
            "prompt": buyer_prompt(brief, extra=item.persona.system_prompt),
            "criteria": item.rubric.criteria.all(),
            "taken_along": taken_along,
            "gate_problems": gates.problems_of(item),
            "flight_url": page_above("flights:report", item),
            "practice_url": practice_url(item) if item.newest_published() else "",
            "persona_url": reverse("admin:scenarios_persona_preview", args=[item.persona_id]),
            "rubric_url": reverse("admin:scenarios_rubric_preview", args=[item.rubric_id]),
        }


def someone_is_newer(version: ScenarioVersion) -> bool:
    """Has anybody else who speaks in the scenario's graph changed since it was published?"""
    pinned = version.content.get("people", {})
    people = Persona.objects.filter(pk__in=pinned).prefetch_related("versions")
    newest = ((person, person.newest_published()) for person in people)
    return any(
        person.has_unpublished_changes or one is None or str(one.pk) != pinned[str(person.pk)] for person, one in newest
    )


def practice_url(scenario: Scenario) -> str:
    """Where the scenario can be tried; that page belongs to a layer above, so it is known by name only."""
    try:
        return reverse("calls:prepare", args=[scenario.pk])
    except NoReverseMatch:
        return ""
