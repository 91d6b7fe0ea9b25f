"""Platform pages, the health probe, and error pages that never show a trace."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.i18n import set_language

from accounts.landing import landing_path
from accounts.models import Membership, User
from tenants.api.errors import error_response, wants_json

from .health import probe_all

logger = structlog.get_logger(__name__)


@login_not_required
def landing(request: HttpRequest) -> HttpResponse:
    """`/`: what Parley is, or, for somebody signed in, their organisation (or the choice among several)."""
    if not request.user.is_authenticated:
        return render(request, "pages/landing.html")
    path = landing_path(request.user)
    if path != "/":
        return redirect(path)
    memberships = (
        Membership.objects.active()
        .filter(user=request.user, organization__status="active")
        .select_related("organization")
        .order_by("organization__name")
    )
    return render(request, "pages/choose_organization.html", {"memberships": memberships})


@login_not_required
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """`GET /health`: 200 healthy or degraded, 503 unhealthy; no secrets, no versions."""
    report = probe_all()
    return JsonResponse(report, status=503 if report["status"] == "unhealthy" else 200)


@login_not_required
def choose_language(request: HttpRequest) -> HttpResponse:
    """POST `language` (and `next`): kept in a cookie, and for somebody signed in with the person."""
    language = request.POST.get("language", "")
    if request.method == "POST" and request.user.is_authenticated and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return set_language(request)


def _error(request: HttpRequest, status: int) -> HttpResponse:
    message = {
        400: _("This request could not be understood."),
        403: _("Your role does not allow this."),
        404: _("There is nothing at this address."),
        500: _("Something went wrong on our side."),
    }[status]
    if wants_json(request):
        return error_response(status, message)
    # A page in an organisation's frame would tell a stranger that the organisation exists: always the plain one.
    context = {"message": message, "status": status, "request_id": getattr(request, "request_id", "")}
    return render(request, "pages/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(request, 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(request, 403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _error(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    logger.warning("csrf refused", reason=reason)
    message = _("This form was open for too long, or cookies are blocked. Load the page again and send it once more.")
    if wants_json(request):
        return error_response(403, message)
    return render(
        request,
        "pages/error.html",
        {"message": message, "status": 403, "request_id": getattr(request, "request_id", "")},
        status=403,
    )
