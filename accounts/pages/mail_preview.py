"""In an organisation's admin: every mail as it reads, in every language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.memberships import may
from accounts.notices.examples import example_letter, examples
from accounts.roles import Action
from tenants.context import current_organization


def on_site(site: AdminSite) -> Callable[..., HttpResponse]:
    """The organisation's page, with the site's own check of who may enter."""

    @require_safe
    def preview(request: HttpRequest) -> HttpResponse:
        organization = current_organization()
        if not may(request.user, organization, Action.MANAGE_ORGANIZATION):
            raise PermissionDenied
        shown = examples()
        chosen = next((item for item in shown if item.key == request.GET.get("mail")), shown[0])
        letters = [
            {"code": code, "language": name, "letter": example_letter(chosen.key, code, organization=organization)}
            for code, name in settings.LANGUAGES
        ]
        request.current_app = site.name  # as the site's own views say it
        context: dict[str, Any] = {
            **site.each_context(request),
            "title": _("Mails"),
            "examples": shown,
            "chosen": chosen,
            "letters": letters,
        }
        return TemplateResponse(request, "notices/admin/preview.html", context)

    return site.admin_view(preview)
