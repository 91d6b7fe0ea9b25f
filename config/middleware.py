"""Request ids, and the rule that nothing is public unless it says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tenants.api.errors import envelope, error_response, wants_json
from tenants.api.throttles import add_rate_headers
from tenants.errors import DomainError
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

    # allauth's views know for themselves which of them are for people who are not signed in.
    OWN_GUARDS = ("allauth.",)

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        if hasattr(view_func, "cls"):  # a DRF view: it authenticates itself and answers 401
            return None
        owner = getattr(view_func, "view_class", view_func)
        if (owner.__module__ or "").startswith(self.OWN_GUARDS):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if wants_json(request):
            return error_response(401, _("Sign in first."))
        return super().handle_no_permission(request, view_func)


class DomainErrorPages:
    """What a service refused, as a page with its sentence and status; the API's own handler does the same for REST."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        message = str(exception.message)
        if wants_json(request):
            body = envelope(exception.error_code, message, exception.details)
            return JsonResponse(body, status=exception.http_status)
        context = {
            "message": message,
            "status": exception.http_status,
            "request_id": getattr(request, "request_id", ""),
        }
        return render(request, "pages/error.html", context, status=exception.http_status)
