"""Request ids, and the rule that nothing is public unless it says so."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tenants.api.errors import error_response, wants_json
from tenants.api.throttles import add_rate_headers
from tenants.request_ids import bind_request_id

logger = structlog.get_logger("parley.requests")


class RequestIdMiddleware:
    """Binds `request.request_id`, answers with `X-Request-ID`, writes one log line a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        request_id = bind_request_id(request.headers.get("x-request-id", ""))
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        add_rate_headers(request, response)
        if not request.path.startswith(settings.STATIC_URL):
            organization = getattr(request, "organization", None)
            logger.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                schema=organization.schema_name if organization else "public",
            )
        return response


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every view needs a signed-in person unless it is marked `login_not_required`. API paths answer 401, pages redirect."""

    # allauth, the admin and DRF guard their own views.
    OWN_GUARDS = ("allauth.", "rest_framework.", "django.contrib.admin.", "unfold.")

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponse], view_args: object, view_kwargs: object
    ) -> HttpResponse | None:
        view_class = getattr(view_func, "view_class", None) or getattr(view_func, "cls", None)
        if hasattr(view_func, "cls") or (view_func.__module__ or "").startswith(self.OWN_GUARDS[:1]):
            return None
        if view_class is not None and (view_class.__module__ or "").startswith(self.OWN_GUARDS[:1]):
            return None
        response: HttpResponse | None = super().process_view(request, view_func, view_args, view_kwargs)
        return response

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        if wants_json(request):
            return error_response(401, _("Sign in first."))
        response: HttpResponse = super().handle_no_permission(request, view_func)
        return response
