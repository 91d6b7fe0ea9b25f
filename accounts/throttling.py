"""What somebody sees who tried too many passwords."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tenants.api.errors import error_response, wants_json

RETRY_AFTER_SECONDS = 15 * 60


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """django-axes calls this instead of the sign-in view while the lock holds."""
    message = _("Too many failed attempts. Wait a quarter of an hour, or reset your password.")
    if wants_json(request):
        response: HttpResponse = error_response(429, message)
    else:
        response = render(request, "account/locked_out.html", {"message": message}, status=429)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
