"""What the three authoring pages share: states, publishing, preview, copies, import and export."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Count, F, Max, Model, Q, QuerySet, TextField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.org_admin import OrganizationModelAdmin
from scenarios import packages, publishing
from scenarios.models import Status
from scenarios.models.versions import Version, WorkingCopy
from scenarios.validation import Note, NotReady
from tenants.context import current_organization
from tenants.errors import DomainError

from .fields import TextBox
from .history import VersionRow, version_rows
from .promotion import Promoting
from .transfer import ImportForm, Shown, as_download

# Ten lines for a sentence make a form that nobody oversees; the boxes can be pulled larger.
SHORT_TEXTS: dict[Any, Any] = {TextField: {"widget": TextBox({"rows": 4})}}
STATUS_COLOURS = {Status.DRAFT: "warning", Status.PUBLISHED: "success", Status.ARCHIVED: "danger"}


class ChangedFilter(admin.SimpleListFilter):
    title = gettext_lazy("unpublished changes")
    parameter_name = "changed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("has some"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(status=Status.PUBLISHED).exclude(published_revision=F("revision"))
        return queryset


class AuthoredAdmin(Promoting, OrganizationModelAdmin):
    """A working copy. Subclasses say how it is checked, published, copied and shown."""

    publish_one: ClassVar[Callable[..., Version]]
    duplicate_one: ClassVar[Callable[..., WorkingCopy]]
    review: ClassVar[Callable[..., list[Note]]]
    preview_template: ClassVar[str]

    actions: Any = (
        "publish_selected",
        "duplicate_selected",
        "archive_selected",
        "export_selected",
        "export_signed",
        "promote_selected",
    )
    actions_list: Any = ("generate", "import_content", "export_all", "promote_content")
    actions_detail = ("preview", "propose_changes")
    list_filter_submit = False
    list_per_page = 50
    formfield_overrides = SHORT_TEXTS
    list_filter: Any = (("status", ChoicesDropdownFilter), ("language", ChoicesDropdownFilter), ChangedFilter)
    readonly_fields = ("state",)

    class Media:
        js = ("scenarios/authoring.js",)

    # -- lists ----------------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .annotate(version_number=Max("versions__number", filter=Q(versions__status=Status.PUBLISHED)))
        )

    @display(description=gettext_lazy("status"), label=STATUS_COLOURS, ordering="status")
    def status_label(self, item: WorkingCopy) -> tuple[str, str]:
        return item.status, item.get_status_display()

    @display(description=gettext_lazy("version"), ordering="version_number")
    def version_label(self, item: Any) -> str:
        if item.version_number is None:
            return "–"
        if item.has_unpublished_changes:
            return _("%(number)d, changed since") % {"number": item.version_number}
        return str(item.version_number)

    @display(description=gettext_lazy("came with Parley"), boolean=True, ordering="is_preset")
    def preset_label(self, item: WorkingCopy) -> bool:
        return item.is_preset

    @display(description=gettext_lazy("where it stands"))
    def state(self, item: WorkingCopy) -> str:
        """One sentence above the form."""
        if item._state.adding:
            return _("New. It becomes a draft when you save it.")
        version = item.newest_published()
        if item.status == Status.ARCHIVED:
            return _("Archived: nobody can use it. Restore it on the preview page to change it.")
        if version is None:
            return _("Draft: nobody but authors sees it until you publish it.")
        when = date_format(localtime(version.published_at), "DATETIME_FORMAT")
        values = {"number": version.number, "when": when}
        if item.has_unpublished_changes:
            return _("Version %(number)d (%(when)s) is in use. What you changed since is not published yet.") % values
        return _("Published as version %(number)d (%(when)s). Changes stay a draft until you publish again.") % values

    # -- permissions ----------------------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if isinstance(obj, WorkingCopy) and obj.status == Status.ARCHIVED:
            return False  # the page shows it, and cannot save it
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only drafts that nothing points at can go; what was published is archived."""
        if not super().has_delete_permission(request, obj):
            return False
        if not isinstance(obj, WorkingCopy):
            return True
        relations = ("scenarios", "track_items", "program_tracks", "assignments")
        in_use = any(getattr(obj, name).exists() for name in relations if hasattr(obj, name))
        return not (publishing.versions_of(obj).exists() or in_use)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # -- forms ----------------------------------------------------------------------------------------------------------

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Something new is written in the language of the organisation, unless its author says otherwise."""
        return {"language": current_organization().language, **super().get_changeform_initial_data(request)}

    # -- saving ---------------------------------------------------------------------------------------------------------

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and (form.has_changed() or any(formset.has_changed() for formset in formsets)):
            publishing.touch(item=form.instance)

    def response_post_save(self, request: HttpRequest, item: WorkingCopy) -> HttpResponse:
        """After saving, authors see what the call will be like and what is still missing."""
        return HttpResponseRedirect(self.page("preview", item))

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self.response_post_save(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self.response_post_save(request, obj)

    # -- list actions ---------------------------------------------------------------------------------------------------

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        done = self._each(request, queryset, partial(self._publish, author=request.user))
        self._tell(request, done, ngettext("%(count)d published.", "%(count)d published.", done))

    @admin.action(description=gettext_lazy("Archive"), permissions=["change"])
    def archive_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        done = self._each(request, queryset, lambda item: publishing.archive(item=item))
        self._tell(request, done, ngettext("%(count)d archived.", "%(count)d archived.", done))

    @admin.action(description=gettext_lazy("Duplicate"), permissions=["add"])
    def duplicate_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        done = self._each(request, queryset, self._duplicate)
        self._tell(request, done, ngettext("%(count)d copied as a draft.", "%(count)d copied as drafts.", done))

    @admin.action(description=gettext_lazy("Export as YAML"), permissions=["view"])
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        return self._download(queryset)

    @admin.action(description=gettext_lazy("Export as YAML, signed"), permissions=["view"])
    def export_signed(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        """So that who imports it sees that it is ours, and unchanged."""
        return self._download(queryset, sign=True)

    def _each(self, request: HttpRequest, queryset: QuerySet[Any], verb: Callable[[Any], Any]) -> int:
        """Do it to each by itself: one that refuses does not hold up the others. Returns how many it was done to."""
        done = 0
        for item in self.model._default_manager.filter(pk__in=queryset.values("pk")):
            try:
                verb(item)
            except DomainError as refused:
                messages.error(request, f"{item}: {refused.message}")
            else:
                done += 1
        return done

    def _tell(self, request: HttpRequest, done: int, message: str) -> None:
        if done:
            messages.success(request, message % {"count": done})

    # -- pages ----------------------------------------------------------------------------------------------------------

    def page(self, verb: str, item: WorkingCopy | None = None) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{verb}"
        return reverse(name, args=[item.pk] if item else None)

    def get_urls(self) -> list[URLPattern]:
        def url(verb: str, view: Callable[..., HttpResponse]) -> URLPattern:
            name = f"{self.opts.app_label}_{self.opts.model_name}_{verb}"
            return path(f"<uuid:pk>/{verb}/", self.admin_site.admin_view(view), name=name)

        verbs = {"publish": self.publish_view, "archive": self.archive_view}
        verbs |= {"restore": self.restore_view, "duplicate": self.duplicate_view}
        return [*[url(verb, require_POST(view)) for verb, view in verbs.items()], *super().get_urls()]

    def wanted(self, request: HttpRequest, pk: Any, permission: str) -> Any:
        """The working copy of a page. Raises `Http404`, or `PermissionDenied` through Django's own check."""
        item = self.get_object(request, str(pk))
        if item is None or not getattr(self, f"has_{permission}_permission")(request):
            raise Http404
        return item

    @action(
        description=gettext_lazy("Preview and publish"), url_path="preview", permissions=["view"], icon="visibility"
    )
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        item = self.wanted(request, object_id, "view")
        notes = type(self).review(item)
        context = {
            **self.admin_site.each_context(request),
            "title": str(item),
            "opts": self.opts,
            "original": item,
            "item": item,
            "errors": [note for note in notes if note.is_error],
            "warnings": [note for note in notes if not note.is_error],
            "state": self.state(item),
            "is_archived": item.status == Status.ARCHIVED,
            "needs_publishing": self.needs_publishing(item),
            "pages": {verb: self.page(verb, item) for verb in ("change", "publish", "archive", "restore", "duplicate")},
            "list_url": self.page("changelist"),
            "versions": self.version_rows(item),
            **self.preview_context(request, item),
        }
        return TemplateResponse(request, self.preview_template, context)

    def preview_context(self, request: HttpRequest, item: Any) -> dict[str, Any]:
        return {}

    def needs_publishing(self, item: Any) -> bool:
        """Would publishing make a new version?"""
        return bool(item.newest_published() is None or item.has_unpublished_changes)

    def version_rows(self, item: WorkingCopy) -> list[VersionRow]:
        return version_rows(publishing.versions_of(item).select_related("published_by"))

    def publish_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        item = self.wanted(request, pk, "change")
        try:
            version = self._publish(item, author=request.user)
        except NotReady:
            messages.error(request, _("Not published: see what is missing below."))
        except DomainError as refused:
            messages.error(request, str(refused.message))
        else:
            self.log_change(request, item, _("Published version %(number)d.") % {"number": version.number})
            messages.success(request, _("Version %(number)d is published.") % {"number": version.number})
        return HttpResponseRedirect(self.page("preview", item))

    def archive_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        item = self.wanted(request, pk, "change")
        try:
            publishing.archive(item=item)
        except DomainError as refused:
            messages.error(request, str(refused.message))
        else:
            self.log_change(request, item, _("Archived."))
            messages.success(request, _("Archived. Calls that were made on it stay as they are."))
        return HttpResponseRedirect(self.page("preview", item))

    def restore_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        item = self.get_object(request, str(pk))
        if item is None or not super().has_change_permission(request):
            raise Http404
        try:
            publishing.restore(item=item)
        except DomainError as refused:
            messages.error(request, str(refused.message))
        else:
            self.log_change(request, item, _("Restored."))
            messages.success(request, _("Restored as a draft."))
        return HttpResponseRedirect(self.page("preview", item))

    def duplicate_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        copy = self._duplicate(self.wanted(request, pk, "add"))
        self.log_addition(request, copy, _("Copied."))
        messages.success(request, _("This is a copy. Change what differs, then publish it."))
        return HttpResponseRedirect(self.page("change", copy))

    def _publish(self, item: Any, *, author: Any) -> Version:
        return type(self).publish_one(**{str(self.opts.model_name): item}, author=author)

    def _duplicate(self, item: Any) -> WorkingCopy:
        return type(self).duplicate_one(**{str(self.opts.model_name): item})

    # -- drafts on demand: the pages of `scenarios.generation`, known by name only -------------------------------------------

    @action(description=gettext_lazy("Generate…"), url_path="generate", permissions=["add"], icon="auto_awesome")
    def generate(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(self._generation_page())

    @action(
        description=gettext_lazy("Propose changes…"), url_path="propose", permissions=["change"], icon="auto_awesome"
    )
    def propose_changes(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What is made is shown beside what is there, and taken over field by field."""
        item = self.wanted(request, object_id, "change")
        return HttpResponseRedirect(f"{self._generation_page()}&for={item.pk}")

    def _generation_page(self) -> str:
        return f"{reverse('admin:generation_generation_new')}?what={self.opts.model_name}"

    # -- files ----------------------------------------------------------------------------------------------------------

    @action(description=gettext_lazy("Export"), url_path="export", permissions=["view"], icon="download")
    def export_all(self, request: HttpRequest) -> HttpResponseBase:
        return self._download(packages.REGISTRY[self.package_kind].rows())

    def _download(self, queryset: QuerySet[Any], *, sign: bool = False) -> HttpResponseBase:
        package = packages.export_package(**{self.package_kind: queryset})
        return as_download(packages.signed(package) if sign else package, name=self.package_kind)

    @action(description=gettext_lazy("Import"), url_path="import", permissions=["add"], icon="upload")
    def import_content(self, request: HttpRequest) -> HttpResponse:
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = ImportForm(*posted, user=request.user)
        changes: list[Shown] = []
        if form.is_bound and form.is_valid():
            changes = form.run()
            if form.is_confirmed() and not form.errors:
                messages.success(request, _("Imported as drafts. Look at them, then publish."))
                return HttpResponseRedirect(self.page("changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import content"),
            "opts": self.opts,
            "form": form,
            "changes": changes,
            "list_url": self.page("changelist"),
        }
        return TemplateResponse(request, "scenarios/admin/import.html", context)


def used_in(model: type[Model]) -> Any:
    """How many scenarios in use need a persona or rubric, for its list."""
    return Count("scenarios", filter=~Q(scenarios__status=Status.ARCHIVED), distinct=True)
