"""The REST API's root: every app brings `api_urls.urlpatterns`; the schema and its reference page are here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from tenants.api.errors import error_response


@csrf_exempt
def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An unknown path below the API: the envelope, whatever the client accepts."""
    return error_response(404, _("There is nothing at this address."))


def only_this_version(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """For the description: the aliases of older tools are not part of the API."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("", include("accounts.api_urls")),
    path("", include("scenarios.api_urls")),
    path("", include("calls.api_urls")),
    path("", include("scoring.api_urls")),
    path("", include("reporting.api_urls")),
    re_path(r"(?P<rest>.*)", nothing_here),
]
