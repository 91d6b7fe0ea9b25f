"""Forms that a browser sends again: a POST of a page with an `Idempotency-Key` is done once.

A page that lost its way to the server keeps what was written and sends it later, and may not know whether an earlier try
arrived (static/src/waiting). The API has `accounts.idempotency` for the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.api.errors import error_response

from .idempotency import CLAIM
from .people.models import IdempotentResponse

MOST_CHARACTERS = 200
RETRY_SECONDS = 10


class SentOnceMiddleware:
    """For members' POSTs to pages of an organisation. Repeated: 200 without a body, 409 while the first is being done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        record: IdempotentResponse | None = getattr(request, "sent_once", None)
        if record is not None:
            # What was refused or went wrong may be sent again, as it is or put right.
            if response.status_code >= 400:
                record.delete()
            else:
                record.status = response.status_code
                record.save(update_fields=["status"])
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        key = request.headers.get("idempotency-key", "")
        if request.method != "POST" or not key or hasattr(view, "cls") or not getattr(request, "role", None):
            return None
        if len(key) > MOST_CHARACTERS:
            return error_response(400, _("At most 200 characters."))
        record = _claim(request, key)
        if record is None:
            running = error_response(409, _("The first request with this Idempotency-Key is still running."))
            running["Retry-After"] = str(RETRY_SECONDS)  # tells it from a conflict that another try would not mend
            return running
        if record.status is not None:
            return HttpResponse(headers={"Idempotency-Replayed": "true"})
        request.sent_once = record  # type: ignore[attr-defined]
        return None


def _claim(request: HttpRequest, key: str) -> IdempotentResponse | None:
    """The key's row: without a status it is this request's to do; None where another one is doing it."""
    identity = {"user": request.user, "key": key, "method": "POST", "path": request.path[:300]}
    try:
        with transaction.atomic():
            return IdempotentResponse.objects.create(**identity, body_hash=hashlib.sha256(request.body).hexdigest())
    except IntegrityError:
        first = IdempotentResponse.objects.get(**identity)
    if first.status is not None:
        return first
    stale = IdempotentResponse.objects.filter(pk=first.pk, status=None, created_at__lt=timezone.now() - CLAIM)
    return first if stale.update(created_at=timezone.now()) else None
