"""Ask for an archive of the whole organisation, see how far it is, fetch it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.org_admin import OrganizationModelAdmin, org_site
from tenants.context import current_organization

from . import making, tasks
from .models import TakeOut


@admin.register(TakeOut, site=org_site)
class TakeOutAdmin(OrganizationModelAdmin):
    list_display = ("created_at", "requested_by", "status", "how_far", "size", "expires_at", "link")
    list_display_links = None
    list_select_related: Any = ("requested_by",)
    list_before_template = "reporting/admin/take_out.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # asked for by a button above the list

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("progress"))
    def how_far(self, take_out: TakeOut) -> str:
        return f"{take_out.progress} %"

    @display(description=gettext_lazy("size"))
    def size(self, take_out: TakeOut) -> str:
        return str(filesizeformat(take_out.size_bytes)) if take_out.size_bytes else "–"

    @display(description=gettext_lazy("file"))
    def link(self, take_out: TakeOut) -> str:
        if not take_out.is_there:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("admin:takeout_file", args=[take_out.pk]), _("Download"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("request/", view(require_POST(self.request_view)), name="takeout_request"),
            path("<uuid:pk>/file/", view(self.file_view), name="takeout_file"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        at_work = TakeOut.objects.filter(status__in=[TakeOut.Status.PENDING, TakeOut.Status.RUNNING]).first()
        return super().changelist_view(request, {**(extra_context or {}), "at_work": at_work})

    def request_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise Http404
        with transaction.atomic():
            tasks.make_soon(making.request(user=request.user))
        messages.success(request, _("It is being made. Large organisations take some minutes; come back to this page."))
        return HttpResponseRedirect(reverse("admin:takeout_takeout_changelist"))

    def file_view(self, request: HttpRequest, pk: Any) -> HttpResponse | FileResponse:
        take_out = TakeOut.objects.filter(pk=pk).first()
        if take_out is None or not take_out.is_there or not self.has_view_permission(request):
            raise Http404
        name = f"{current_organization().slug}-{localdate(take_out.created_at):%Y-%m-%d}.zip"
        file = default_storage.open(take_out.file_name)
        return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
