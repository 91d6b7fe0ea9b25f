"""Who calls the API: a session cookie with CSRF, or a bearer token of this organisation; members only."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotFound
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from tenants.models import Organization

from .memberships import may, role_of
from .models import User
from .people.models import ApiToken, hash_secret
from .roles import Action
from .speaking import speak_to

if TYPE_CHECKING:  # rest_framework.views loads this module by name while it is itself being loaded
    from rest_framework.views import APIView

SCOPE_ALL = "*"
SCOPE_READ = "read"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer parley_…`; the token is looked up in the organisation's own schema."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        scheme, _sep, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        organization = request._request.organization  # type: ignore[attr-defined]
        now = timezone.now()
        token = None
        if organization is not None:
            token = (
                ApiToken.objects.select_related("user")
                .filter(secret_hash=hash_secret(secret.strip()), revoked_at__isnull=True, expires_at__gt=now)
                .first()
            )
        if token is None or not token.user.is_active:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=5):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        speak_to(request._request, token.user, organization)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class MemberSessionAuthentication(SessionAuthentication):
    """The browser's session. Answers 401 (not 403) to somebody who is not signed in."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class IsMember(BasePermission):
    """A member of the organisation, and a token that reaches that far; strangers get a 404."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if role_of(request.user, organization_of(request)) is None:
            raise NotFound(_("There is nothing at this address."))
        scopes = request.auth.scopes if isinstance(request.auth, ApiToken) else [SCOPE_ALL]
        return SCOPE_ALL in scopes or (SCOPE_READ in scopes and request.method in SAFE_METHODS)


class Needs(BasePermission):
    """`permission_classes = [IsMember, Needs.to(Action.AUTHOR)]`: writing (or any verb) takes this action."""

    action: Action
    reading_is_free = False

    @classmethod
    def to(cls, action: Action, *, reading_is_free: bool = False) -> type[Needs]:
        return type(f"Needs_{action}", (cls,), {"action": action, "reading_is_free": reading_is_free})

    def has_permission(self, request: Request, view: APIView) -> bool:
        if self.reading_is_free and request.method in SAFE_METHODS:
            return True
        return may(request.user, organization_of(request), self.action)


def organization_of(request: Request) -> Organization:
    """The organisation an API request is for. The URL conf guarantees that there is one."""
    organization = request._request.organization  # type: ignore[attr-defined]
    assert isinstance(organization, Organization)
    return organization


def person_of(request: Request) -> User:
    """Who makes an API request, past `IsMember`."""
    assert isinstance(request.user, User)
    return request.user
