"""Who tries passwords, how often they may, and what they see after too many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tenants.api.errors import error_response, wants_json


def client_address(request: HttpRequest) -> str:
    """The peer's address. Behind a proxy the server replaces it with the forwarded one, if it trusts that proxy; headers
    that anybody can write are not looked at here."""
    return str(request.META.get("REMOTE_ADDR", ""))


def attempted_login(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The address that was tried, for django-axes: one spelling, wherever it was entered (form, API, admin)."""
    given = credentials or {}
    name = given.get("email") or given.get("username") or given.get("login") or request.POST.get("login", "")
    return str(name).strip().lower()[:254]


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """django-axes calls this instead of the sign-in view while the lock holds."""
    message = _("Too many failed attempts. Wait a quarter of an hour, or reset your password.")
    if wants_json(request):
        response: HttpResponse = error_response(429, message)
    else:
        response = render(request, "account/locked_out.html", {"message": message}, status=429)
    response["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
