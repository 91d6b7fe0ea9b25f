"""Which organisation does this request belong to?

`/org/<slug>/…` on every host, or everything on an organisation's verified domain. The prefix becomes the script prefix, so
`reverse()` and `{% url %}` inside the request lead to the same organisation, and on a custom domain carry no prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix, set_urlconf

from .models import SLUG_PATTERN, Domain, Organization
from .schemas import enter_organization, enter_public

ORG_PATH = re.compile(rf"\A/org/(?P<slug>{SLUG_PATTERN})(?=/|\Z)")
# On a custom domain these remain the platform's.
PLATFORM_PATHS = ("/accounts/", "/static/", "/health", "/api/webhooks/stripe", "/i18n/", "/sw.js", "/offline/")


def find_by_slug(slug: str) -> Organization | None:
    """The active organisation of that address; reads the public schema."""
    return Organization.objects.active().filter(slug=slug).first()


def find_by_host(host: str) -> Organization | None:
    """The active organisation that proved to own this host."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    domain = (
        Domain.objects.filter(domain=name.lower(), verified_at__isnull=False, tenant__status=Organization.Status.ACTIVE)
        .select_related("tenant")
        .first()
    )
    return domain.tenant if domain else None


class OrganizationMiddleware:
    """Sets `request.organization` (or None), the schema, the URL conf and the script prefix.

    `/org/<slug>/` of an organisation that does not exist is routed like one that does, in `public` and with
    `request.nowhere` set: whoever guards membership answers both alike, so that addresses cannot be tried out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        enter_public()
        organization, prefix = self._resolve(request)
        request.organization = organization  # type: ignore[attr-defined]
        request.nowhere = organization is None and bool(prefix)  # type: ignore[attr-defined]
        if organization is None and not prefix:
            request.urlconf = settings.ROOT_URLCONF
            try:
                return self.get_response(request)
            finally:
                enter_public()
        base = request.META.get("SCRIPT_NAME", "")
        outer_prefix = get_script_prefix()
        request.path_info = request.path_info[len(prefix) :] or "/"
        request.META["PATH_INFO"] = request.path_info
        request.META["SCRIPT_NAME"] = base + prefix
        request.urlconf = settings.ORG_URLCONF
        set_urlconf(settings.ORG_URLCONF)
        set_script_prefix(base + prefix + "/")
        if organization is not None:
            enter_organization(organization)
        try:
            return self.get_response(request)
        finally:
            enter_public()
            set_script_prefix(outer_prefix)
            set_urlconf(None)

    def _resolve(self, request: HttpRequest) -> tuple[Organization | None, str]:
        match = ORG_PATH.match(request.path_info)
        if match:
            return find_by_slug(match["slug"]), match[0]
        if request.path_info.startswith(PLATFORM_PATHS):
            return None, ""
        try:
            host = request.get_host()
        except DisallowedHost:
            return None, ""
        return find_by_host(host), ""
