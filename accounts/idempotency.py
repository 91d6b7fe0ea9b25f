"""`Idempotency-Key` on every POST that creates: the same key and body get the first answer, another body a 409."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.errors import Conflict, InvalidInput

from .people.models import IdempotentResponse

KEEP = timedelta(hours=24)
# A request that died in the middle leaves its claim; after this long a repeat may take it over.
CLAIM = timedelta(minutes=2)


class IdempotentCreateMixin:
    """For DRF views: wraps POST. Answers below 500 are kept for a day; a failed one (5xx) may be tried again."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get("idempotency-key", "")
        if request.method != "POST" or not key:
            return
        if len(key) > 200:
            raise InvalidInput(details={"field": "Idempotency-Key", "issue": _("At most 200 characters.")})
        record, answer = claim(request, key)
        self._idempotent_record: IdempotentResponse | None = record
        if answer is not None:
            raise AlreadyAnswered(answer)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, AlreadyAnswered):
            return exc.response
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        record = getattr(self, "_idempotent_record", None)
        if record is not None and "Idempotency-Replayed" not in response:
            if response.status_code >= 500:
                record.delete()
            else:
                record.status = response.status_code
                record.body = json.loads(JSONRenderer().render(response.data) or b"null")
                record.save(update_fields=["status", "body"])
        return response


class AlreadyAnswered(Exception):
    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__("already answered")


def _fingerprint(value: Any) -> str:
    """What stands for a value that is no JSON; for an uploaded file that is its content."""
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return digest.hexdigest()


def claim(request: Request, key: str) -> tuple[IdempotentResponse | None, Response | None]:
    """Take the key for this request, or return the first request's answer. Raises `Conflict`."""
    body_hash = hashlib.sha256(json.dumps(request.data, sort_keys=True, default=_fingerprint).encode()).hexdigest()
    identity = {"user": request.user, "key": key, "method": request.method or "", "path": request.path[:300]}
    IdempotentResponse.objects.filter(user=request.user, created_at__lt=timezone.now() - KEEP).delete()
    try:
        with transaction.atomic():
            return IdempotentResponse.objects.create(**identity, body_hash=body_hash), None
    except IntegrityError:
        first = IdempotentResponse.objects.get(**identity)
    if first.body_hash != body_hash:
        raise Conflict(_("This Idempotency-Key was used with another body."), code="IDEMPOTENCY_CONFLICT")
    if first.status is None:
        taken = IdempotentResponse.objects.filter(
            pk=first.pk, status=None, created_at__lt=timezone.now() - CLAIM
        ).update(created_at=timezone.now())
        if taken:
            return first, None
        raise Conflict(_("The first request with this Idempotency-Key is still running."), code="IDEMPOTENCY_CONFLICT")
    response = Response(first.body, status=first.status, headers={"Idempotency-Replayed": "true"})
    return None, response
