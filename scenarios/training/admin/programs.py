"""Programs: tracks one after the other; and those that come with Parley, to copy."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, ForeignKey, Q, QuerySet
from django.forms import Field
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.decorators import action, display

from accounts.org_admin import NamedCells, org_site
from scenarios.admin.base import AuthoredAdmin
from scenarios.models import Status
from scenarios.training import blueprints, publishing
from scenarios.training.models import Program, ProgramTrack, Track
from scenarios.training.validation import check_program
from tenants.context import current_organization
from tenants.errors import DomainError

from .base import TrainingAdmin
from .forms import ProgramForm


class ProgramTrackInline(NamedCells, TabularInline):
    model = ProgramTrack
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True
    fields = ("track", "position")

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Field | None:
        if db_field.name == "track":
            pk = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            usable = ~Q(status=Status.ARCHIVED)
            if pk:
                usable |= Q(program_tracks__program=pk)
            kwargs["queryset"] = Track.objects.filter(usable).distinct().order_by("language", "title")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Program, site=org_site)
class ProgramAdmin(TrainingAdmin):
    form = ProgramForm
    inlines = (ProgramTrackInline,)
    publish_one = staticmethod(publishing.publish_program)
    duplicate_one = staticmethod(publishing.duplicate_program)
    review = staticmethod(check_program)
    preview_template = "training/admin/program_preview.html"
    package_kind = "programs"
    actions_list = ("shipped", *TrainingAdmin.actions_list)

    list_display = ("title", "key", "track_count", "language", "status_label", "version_label")
    list_filter = (*AuthoredAdmin.list_filter, "is_preset")
    fieldsets = (
        (None, {"fields": ("state", "seen_revision")}),
        (gettext_lazy("The program"), {"fields": ("title", "summary", ("key", "language"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(track_total=Count("tracks", distinct=True))

    @display(description=gettext_lazy("tracks"), ordering="track_total")
    def track_count(self, program: Any) -> int:
        return int(program.track_total)

    def preview_context(self, request: HttpRequest, item: Program) -> dict[str, Any]:
        return {"steps": item.tracks.select_related("track").annotate(item_total=Count("track__items"))}

    @action(
        description=gettext_lazy("Programs that come with Parley"),
        url_path="shipped",
        permissions=["add"],
        icon="library_books",
    )
    def shipped(self, request: HttpRequest) -> HttpResponse:
        """What can be copied; POST `key` copies it, with its tracks, as drafts."""
        language = current_organization().language
        if request.method == "POST":
            try:
                program = blueprints.copy(key=request.POST.get("key", ""), language=language)
            except DomainError as refused:
                messages.error(request, str(refused.message))
            else:
                self.log_addition(request, program, _("Copied."))
                messages.success(
                    request, _("Copied with its tracks, as drafts. Look at the tracks and publish them first.")
                )
                return HttpResponseRedirect(self.page("preview", program))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Programs that come with Parley"),
            "opts": self.opts,
            "plans": blueprints.in_language(language),
            "list_url": self.page("changelist"),
        }
        return TemplateResponse(request, "training/admin/shipped.html", context)
