"""Checking who somebody is, for clients that have no browser. Pages go through allauth's own views."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_tenants.utils import schema_context

from tenants.errors import AuthenticationFailed, RateLimited


class CodeNeeded(AuthenticationFailed):
    """The password was right; the account has a second factor and no valid code came with the request."""

    code: ClassVar[str] = "MFA_REQUIRED"
    default_message = _("This account needs a code from its authenticator app, or a recovery code.")


def has_verified_email(user: Any) -> bool:
    return EmailAddress.objects.filter(user=user, verified=True, email__iexact=user.email).exists()


def verify_credentials(request: HttpRequest, *, email: str, password: str, code: str = "") -> Any:
    """The user behind an e-mail address and a password (and a code, where the account has a second factor).

    Wrong address, wrong password and unverified address raise the same `AuthenticationFailed`. Failures count towards the
    locks of the sign-in page: `RateLimited`, or `request.axes_locked_out`, which the axes middleware answers. Raises
    `CodeNeeded` after a right password without a right code.
    """
    # In `public`, so that tries count together whichever organisation's address they come through.
    with schema_context(settings.PUBLIC_SCHEMA_NAME):
        try:
            user = get_adapter(request).authenticate(request, email=email.strip(), password=password)
        except ValidationError as error:
            retry_after = int(settings.AXES_COOLOFF_TIME.total_seconds())
            raise RateLimited(error.messages[0], retry_after=retry_after) from None
        if user is None or not has_verified_email(user):
            raise AuthenticationFailed(_("The e-mail address and the password do not match."))
        if is_mfa_enabled(user):
            _need_code(user, code)
    return user


def _need_code(user: Any, code: str) -> None:
    form = AuthenticateForm({"code": code}, user=user)
    if not code or not form.is_valid():
        issue = form.errors["code"][0] if code else _("Missing.")
        raise CodeNeeded(details={"field": "code", "issue": str(issue)})
    form.authenticator.record_usage()
