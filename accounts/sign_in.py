"""Checking who somebody is, for clients that have no browser. Pages go through allauth's own views."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_tenants.utils import schema_context

from tenants.errors import AuthenticationFailed, PermissionRefused, RateLimited
from tenants.models import Organization


class CodeNeeded(AuthenticationFailed):
    """The password was right; the account has a second factor and no valid code came with the request."""

    code: ClassVar[str] = "MFA_REQUIRED"
    default_message = _("This account needs a code from its authenticator app, or a recovery code.")


class SecondFactorNeeded(PermissionRefused):
    """The organisation asks everybody for a second step, and this account has none yet."""

    code: ClassVar[str] = "MFA_SETUP_REQUIRED"
    default_message = _("This organisation asks for two steps to sign in. Set the second one up first.")


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


def verify_again(request: HttpRequest, *, user: Any, password: str, code: str = "") -> None:
    """Make sure that it is really them before something that cannot be undone: by password (and code), or, for an account
    that has no password, by a sign-in within the last minutes. Raises as `verify_credentials` does."""
    if user.has_usable_password():
        if not password:
            raise AuthenticationFailed(details={"field": "password", "issue": _("Enter your password.")})
        verify_credentials(request, email=user.email, password=password, code=code)
    elif not signed_in_lately(request, user):
        raise AuthenticationFailed(_("Sign out and in again, then repeat this within five minutes."))


def signed_in_lately(request: HttpRequest, user: Any) -> bool:
    """Did this session begin within the last minutes? A request by token has no session."""
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record.get("at", 0) > since for record in get_authentication_records(request, user))


def has_second_factor(user: Any) -> bool:
    return bool(is_mfa_enabled(user))


def lacks_second_factor(user: Any, organization: Organization | None) -> bool:
    """Does this organisation ask for a second step that the person has not set up?"""
    return organization is not None and organization.second_factor_required and not has_second_factor(user)


def _need_code(user: Any, code: str) -> None:
    form = AuthenticateForm({"code": code}, user=user)
    if not code or not form.is_valid():
        issue = form.errors["code"][0] if code else _("Missing.")
        raise CodeNeeded(details={"field": "code", "issue": str(issue)})
    form.authenticator.record_usage()
