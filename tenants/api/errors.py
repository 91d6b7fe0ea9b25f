"""One envelope for every error of the REST API, whatever raised it.

`{"error": {"code", "message", "details": {...}, "request_id": "req_…"}}`
"""

from __future__ import annotations

from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from tenants.errors import DomainError, RateLimited
from tenants.request_ids import current_request_id

logger = structlog.get_logger(__name__)

CODES = {
    400: "VALIDATION_ERROR",
    401: "AUTHENTICATION_ERROR",
    403: "AUTHORIZATION_ERROR",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    409: "CONFLICT",
    412: "PRECONDITION_FAILED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMITED",
    502: "EXTERNAL_SERVICE_ERROR",
    503: "UNAVAILABLE",
}


def envelope(code: str, message: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "error": {
            "code": code,
            "message": message,
            "details": details or {},
            "request_id": current_request_id(),
        }
    }


def error_response(http_status: int, message: str, details: dict[str, Any] | None = None) -> JsonResponse:
    """The envelope outside of DRF (404 of an unknown path, 500, CSRF)."""
    return JsonResponse(envelope(CODES.get(http_status, "INTERNAL_ERROR"), message, details), status=http_status)


def field_messages(detail: Any) -> dict[str, list[str]]:
    """DRF's or Django's nested messages by the path of their field: `objections[0].text`."""
    fields: dict[str, list[str]] = {}

    def walk(node: Any, path: str) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                # A list's errors come as a dict by index where only some items are wrong.
                step = f"[{key}]" if isinstance(key, int) else f".{key}" if path else str(key)
                walk(value, path + step)
        elif isinstance(node, list) and any(isinstance(item, dict | list) for item in node):
            for index, item in enumerate(node):
                if item:
                    walk(item, f"{path}[{index}]" if path else f"[{index}]")
        elif isinstance(node, list):
            fields.setdefault(path or "non_field_errors", []).extend(str(item) for item in node)
        else:
            fields.setdefault(path or "non_field_errors", []).append(str(node))

    walk(detail, "")
    return fields


def _field_details(detail: Any) -> dict[str, Any]:
    """The same as `{field, issue, fields: {field: [messages]}}`; `field` is the first one."""
    fields = field_messages(detail)
    if not fields:
        return {}
    first = next(iter(fields))
    return {"field": first, "issue": fields[first][0] if fields[first] else "", "fields": fields}


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's `EXCEPTION_HANDLER`. An error is JSON even where the view renders something else (YAML, audio)."""
    if request := context.get("request"):
        request.accepted_renderer = JSONRenderer()
        request.accepted_media_type = JSONRenderer.media_type
    headers: dict[str, str] = {}
    details: dict[str, Any] = {}
    if isinstance(exc, DomainError):
        if isinstance(exc, RateLimited):
            headers["Retry-After"] = str(exc.retry_after)
        return Response(
            envelope(exc.error_code, str(exc.message), exc.details), status=exc.http_status, headers=headers
        )
    if isinstance(exc, Http404):
        exc = exceptions.NotFound(_("There is nothing at this address."))
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, ValidationError):
        detail = exc.message_dict if hasattr(exc, "error_dict") else {"non_field_errors": exc.messages}
        exc = exceptions.ValidationError(detail)
    if not isinstance(exc, exceptions.APIException):
        logger.exception("unhandled error in the API", error_type=type(exc).__name__)
        return Response(
            envelope("INTERNAL_ERROR", _("Something went wrong on our side.")),
            status=status.HTTP_500_INTERNAL_SERVER_ERROR,
        )
    if header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    if isinstance(exc, exceptions.ValidationError):
        details = _field_details(exc.detail)
        message = _("Some of what was sent is not valid.")
    else:
        message = str(exc.detail)
    code = CODES.get(exc.status_code, "INTERNAL_ERROR")
    return Response(envelope(code, message, details), status=exc.status_code, headers=headers)


def wants_json(request: HttpRequest) -> bool:
    """Does this request speak to the API (by its path) or ask for JSON?"""
    return "/api/" in request.path or request.headers.get("accept", "").startswith("application/json")
