"""Tracks: items in an order, files that go with reading, a preview as a trainee sees it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, ForeignKey, Q, QuerySet
from django.forms import Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import display

from accounts.org_admin import NamedCells, NothingElseGoes, org_site
from scenarios.admin.base import SHORT_TEXTS, AuthoredAdmin
from scenarios.models import Scenario, Status
from scenarios.training import publishing
from scenarios.training.contents import track_content
from scenarios.training.items import items_of
from scenarios.training.models import Track, TrackFile, TrackItem
from scenarios.training.models.tracks import CHECK_PASS_MARK
from scenarios.training.rendering import as_html
from scenarios.training.validation import check_track

from .base import TrainingAdmin
from .forms import TrackFileForm, TrackForm, TrackItemForm, TrackItemFormSet


class TrackItemInline(NothingElseGoes, StackedInline):
    model = TrackItem
    form = TrackItemForm
    formset = TrackItemFormSet
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True
    collapsible = True
    formfield_overrides = SHORT_TEXTS
    fields = (
        ("kind", "title"),
        ("module", "key"),
        "scenario",
        "text",
        "questions",
        ("pass_mark", "attempt_limit"),
        "requires",
        "position",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrackItem]:
        return super().get_queryset(request).select_related("scenario")

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Field | None:
        """Only scenarios in use can be chosen; what an item has already stays on offer."""
        if db_field.name == "scenario":
            pk = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            usable = Q(status=Status.PUBLISHED)
            if pk:
                usable |= Q(track_items__track=pk)
            kwargs["queryset"] = Scenario.objects.filter(usable).distinct().order_by("language", "title")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class TrackFileInline(NamedCells, TabularInline):
    model = TrackFile
    form = TrackFileForm
    extra = 0
    can_delete = False
    fields = ("upload", "name", "item_key", "withdrawn")


@admin.register(Track, site=org_site)
class TrackAdmin(TrainingAdmin):
    form = TrackForm
    inlines = (TrackItemInline, TrackFileInline)
    publish_one = staticmethod(publishing.publish_track)
    duplicate_one = staticmethod(publishing.duplicate_track)
    review = staticmethod(check_track)
    preview_template = "training/admin/track_preview.html"
    package_kind = "tracks"

    list_display = ("title", "key", "item_count", "language", "status_label", "version_label", "assignment_count")
    list_filter = (*AuthoredAdmin.list_filter, "is_preset")
    fieldsets = (
        (None, {"fields": ("state", "seen_revision")}),
        (
            _("The track"),
            {
                "fields": ("title", "summary", ("key", "language"), "in_order", ("certificate", "valid_months")),
                "description": _(
                    "Whoever has begun a track stays on the version they began with. A change reaches who begins after "
                    "it was published."
                ),
            },
        ),
    )

    class Media:
        js = ("training/items.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        asked = Count("assignments", filter=Q(assignments__withdrawn_at__isnull=True), distinct=True)
        return super().get_queryset(request).annotate(item_total=Count("items", distinct=True), asked_total=asked)

    @display(description=_("items"), ordering="item_total")
    def item_count(self, track: Any) -> int:
        return int(track.item_total)

    @display(description=_("assignments"), ordering="asked_total")
    def assignment_count(self, track: Any) -> int:
        return int(track.asked_total)

    def preview_context(self, request: HttpRequest, item: Track) -> dict[str, Any]:
        """The items as whoever learns sees them, and the questions with their answers."""
        steps = items_of(track_content(item))
        titles = {step.key: step.title for step in steps}
        return {
            "steps": [
                {
                    "step": step,
                    "html": as_html(step.text) if step.text else "",
                    "after": [titles[key] for key in step.requires if key in titles],
                }
                for step in steps
            ],
            "check_pass_mark": CHECK_PASS_MARK,
        }
