"""Personas: the buyers, with their objections and hidden pains."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from accounts.org_admin import org_site
from scenarios import publishing
from scenarios.briefs import MODES
from scenarios.contents import compose_brief, persona_content
from scenarios.generation.reports import coherence_for
from scenarios.models import HiddenPain, Objection, Persona
from scenarios.models.scenarios import Mode
from scenarios.prompts import buyer_prompt
from scenarios.validation import Note, check_persona

from .base import SHORT_TEXTS, AuthoredAdmin, used_in
from .forms import HiddenPainForm, KeyedFormSet, ObjectionForm, PainFormSet, PersonaForm
from .own import LibraryFilter


class ObjectionInline(StackedInline):
    model = Objection
    form = ObjectionForm
    formset = KeyedFormSet
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True
    collapsible = True
    formfield_overrides = SHORT_TEXTS
    fields = (
        ("kind", "required"),
        "text",
        "concern",
        "resolve_hints",
        "harden_hints",
        "resolved_text",
        "hardened_text",
        "position",
    )


class HiddenPainInline(StackedInline):
    model = HiddenPain
    form = HiddenPainForm
    formset = PainFormSet
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True
    collapsible = True
    formfield_overrides = SHORT_TEXTS
    fields = ("pain", "reveal_hints", "reveal_text", "weight", "position")


def review(persona: Persona) -> list[Note]:
    """What is missing, and what contradicts the material of a generated persona."""
    return [*check_persona(persona), *coherence_for(persona)]


@admin.register(Persona, site=org_site)
class PersonaAdmin(AuthoredAdmin):
    form = PersonaForm
    inlines = (ObjectionInline, HiddenPainInline)
    publish_one = staticmethod(publishing.publish_persona)
    duplicate_one = staticmethod(publishing.duplicate_persona)
    review = staticmethod(review)
    preview_template = "scenarios/admin/persona_preview.html"
    package_kind = "personas"

    list_display = (
        "name",
        "role",
        "company",
        "personality",
        "difficulty",
        "language",
        "status_label",
        "version_label",
        "scenario_count",
    )
    # The library is what is asked for; how many drafts stand apart from it is one more question for a number of no use.
    show_full_result_count = False
    list_filter = (
        LibraryFilter,
        *AuthoredAdmin.list_filter,
        ("personality", ChoicesDropdownFilter),
        ("difficulty", ChoicesDropdownFilter),
        "is_preset",
    )
    search_fields = ("name", "role", "company", "industry")
    fieldsets = (
        (None, {"fields": ("state", "seen_revision")}),
        (
            _("Who this is"),
            {
                "fields": (("name", "gender"), ("role", "company"), ("industry", "language")),
                "description": _("What anybody could look up. Trainees see it before the call."),
            },
        ),
        (
            _("How they are"),
            {
                "fields": (("personality", "difficulty"), "voice_id"),
                "description": _(
                    "The personality sets how patient and trusting the buyer is at first; the difficulty, how much it "
                    "takes to move them."
                ),
            },
        ),
        (
            _("What they know"),
            {
                "fields": ("backstory", "facts", "competitor"),
                "description": _("The buyer keeps to this and makes nothing up. Trainees never see it."),
            },
        ),
        (
            _("Words"),
            {
                "fields": ("first_message",),
                "description": _("Empty: the buyer answers the phone as the mode of the call suggests."),
            },
        ),
        (
            _("For AI models and voice vendors"),
            {
                "fields": ("system_prompt", "provider_assistant_ids"),
                "classes": ("collapse",),
                "description": _("Only used where an outside model or voice plays the buyer."),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(scenario_total=used_in(Persona))

    @display(description=_("used in scenarios"), ordering="scenario_total")
    def scenario_count(self, persona: Any) -> int:
        return int(persona.scenario_total)

    def preview_context(self, request: HttpRequest, item: Persona) -> dict[str, Any]:
        mode = request.GET.get("mode", "")
        mode = mode if mode in MODES else MODES[0]
        brief = compose_brief(persona_content(item), mode=mode)
        return {
            "brief": brief,
            "prompt": buyer_prompt(brief, extra=item.system_prompt),
            "mode": mode,
            "modes": Mode.choices,
            "behind": publishing.scenarios_behind(item),
        }
