"""In whose language and time zone a request is answered."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.http import HttpRequest
from django.utils import timezone, translation

from tenants.languages import language_of_address
from tenants.models import Organization


def speak_to(request: HttpRequest, user: Any, organization: Organization | None) -> None:
    """From here on in the language and the time zone of that person, until the request is answered."""
    language = language_of_address(request) or getattr(user, "language", "")
    language = language or (organization.language if organization else "")
    language = language or translation.get_language_from_request(request)
    zone = getattr(user, "timezone", "") or (organization.timezone if organization else "UTC")
    translation.activate(language)
    request.LANGUAGE_CODE = language
    try:
        timezone.activate(zoneinfo.ZoneInfo(zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        timezone.deactivate()
