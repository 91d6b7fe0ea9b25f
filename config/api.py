"""The REST API's root: every app brings `api_urls.urlpatterns`; the schema and its reference page are here."""

from __future__ import annotations

from typing import Any

from django.urls import get_script_prefix, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants.errors import NotFound


class NothingHere(APIView):
    """An unknown path below the API: 404 in the envelope to a member, whatever the verb; 401 to nobody in particular."""

    def http_method_not_allowed(  # type: ignore[override]  # as the stubs of DRF say themselves
        self, request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        raise NotFound


def only_this_version(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """For the description: the aliases of older tools are not part of the API."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def served_from(result: dict[str, Any], generator: Any, request: Request | None, public: bool) -> dict[str, Any]:
    """For the description: below which address the paths stand, so that they can be tried out from its page."""
    if request is not None:
        result["servers"] = [{"url": get_script_prefix().rstrip("/") or "/"}]
    return result


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    # Its script comes by an address of its own: pages run none that is written into them (`config.csp`).
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("", include("accounts.api_urls")),
    path("", include("scenarios.api_urls")),
    path("", include("scenarios.knowledge.api.urls")),
    path("", include("scenarios.training.api.urls")),
    path("", include("calls.api_urls")),
    path("", include("scoring.api_urls")),
    path("", include("coaching.learning.api.urls")),
    path("", include("coaching.goals.api_urls")),
    path("", include("coaching.coach.api_urls")),
    path("", include("reporting.api_urls")),
    re_path(r"(?P<rest>.*)", NothingHere.as_view()),
]
