"""What can go wrong in Parley's own rules, and what each is over HTTP.

DomainError
  + AuthenticationFailed   401  who are you
  + PermissionRefused      403  you may not
  + NotFound               404  no such thing here (another organisation's things too)
  + InvalidInput           400  `details` names the fields
  + Conflict               409  the thing is in a state that does not allow it
  + RateLimited            429  `retry_after` seconds
  + ExternalServiceError   502  a vendor or the database did not answer

A service raises; `tenants.api.errors` turns it into the envelope and `config.views` into a page. Only the class attribute
and those two know HTTP.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    code: ClassVar[str] = "INTERNAL_ERROR"
    http_status: ClassVar[int] = 500
    default_message: ClassVar[Any] = _("Something went wrong on our side.")

    def __init__(self, message: Any = None, *, details: dict[str, Any] | None = None, code: str | None = None) -> None:
        self.message = message or self.default_message
        self.details = details or {}
        self.error_code = code or self.code
        super().__init__(str(self.message))


class AuthenticationFailed(DomainError):
    code = "AUTHENTICATION_ERROR"
    http_status = 401
    default_message = _("Sign in first.")


class PermissionRefused(DomainError):
    code = "AUTHORIZATION_ERROR"
    http_status = 403
    default_message = _("Your role does not allow this.")


class NotFound(DomainError):
    code = "NOT_FOUND"
    http_status = 404
    default_message = _("There is nothing at this address.")


class InvalidInput(DomainError):
    code = "VALIDATION_ERROR"
    http_status = 400
    default_message = _("Some of what was sent is not valid.")


class Conflict(DomainError):
    code = "CONFLICT"
    http_status = 409
    default_message = _("That is not possible in the present state.")


class RateLimited(DomainError):
    code = "RATE_LIMITED"
    http_status = 429
    default_message = _("Too many requests.")

    def __init__(self, message: Any = None, *, retry_after: int = 1, details: dict[str, Any] | None = None) -> None:
        super().__init__(message, details=details)
        self.retry_after = retry_after


class ExternalServiceError(DomainError):
    code = "EXTERNAL_SERVICE_ERROR"
    http_status = 502
    default_message = _("A service that Parley depends on did not answer. Try again in a moment.")
