"""Parley as an app on somebody's device: the manifest of each organisation, the service worker, the offline page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tenants.context import current_organization

# static/src/theme.css in the numbers that manifests take.
TEAL, PAPER = "#0d5a5a", "#f6f4ef"
WORKER = settings.BASE_DIR / "static" / "dist" / "sw.js"


def has_worker() -> bool:
    """Is there a built one? With Vite's own server there is none."""
    return not settings.DJANGO_VITE["default"]["dev_mode"] and WORKER.exists()


@never_cache
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """For members, in their language. Its scope is the whole host, since signing in is outside of an organisation's own
    path; `id` tells the apps of two organisations on one host apart."""
    organization = current_organization()
    home = reverse("home")
    body: dict[str, Any] = {
        "id": home,
        "name": f"{organization.name} · {settings.SITE_NAME}",
        "short_name": settings.SITE_NAME,
        "description": _("Practise sales calls, get a score that you can check, and see what to try next."),
        "lang": translation.get_language(),
        "dir": "ltr",
        "start_url": home,
        "scope": "/",
        "display": "standalone",
        "theme_color": TEAL,
        "background_color": PAPER,
        "categories": ["education", "business"],
        "icons": [
            {"src": static("parley/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            *[_icon(size, "any") for size in (192, 512)],
            *[_icon(size, "maskable") for size in (192, 512)],
        ],
        "shortcuts": [
            {"name": name, "url": reverse(view), "icons": [_icon(192, "any")]}
            for name, view in (
                (_("Practice"), "calls:practice"),
                (_("History"), "reporting:history"),
                (_("Notifications"), "accounts:notices"),
            )
        ],
    }
    return JsonResponse(body, content_type="application/manifest+json")


def _icon(size: int, purpose: str) -> dict[str, str]:
    name = "icon" if purpose == "any" else purpose
    return {
        "src": static(f"parley/{name}-{size}.png"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


@login_not_required
@never_cache
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root of each host, since a worker rules the paths below its own."""
    if not has_worker():
        raise Http404
    return HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the worker shows when there is no way to the server. The same for everybody: it is kept on the device."""
    language = request.GET.get("lang", "")
    with translation.override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        response = render(request, "pages/offline.html")
    response["Cache-Control"] = "no-cache"
    return response
