"""The person behind a socket's session cookie, read in one hop after the organisation is known."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import parse_cookie
from django.utils.crypto import constant_time_compare
from django_tenants.utils import schema_context

from tenants.models import Organization

from .memberships import role_of
from .models import User
from .sign_in import lacks_second_factor

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def _user_of(session_key: str, organization: Organization) -> tuple[Any, str | None]:
    with schema_context(settings.PUBLIC_SCHEMA_NAME):
        session = SessionStore(session_key)
        if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
            return AnonymousUser(), None
        user = User.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
        if user is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
            return AnonymousUser(), None
        return user, None if lacks_second_factor(user, organization) else role_of(user, organization)


def same_origin(headers: dict[bytes, bytes]) -> bool:
    """A browser names the page's origin; another site's page must not use our cookie. No Origin: not a browser."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    return not origin or urlsplit(origin).netloc == headers.get(b"host", b"").decode("latin-1")


class SessionUserMiddleware:
    """`scope["user"]` and `scope["role"]`; anonymous without a valid cookie or from a foreign origin."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", []))
        cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
        session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        user: Any = AnonymousUser()
        role: str | None = None
        if session_key and same_origin(headers):
            user, role = await database_sync_to_async(_user_of)(session_key, scope["organization"])
        await self.app({**scope, "user": user, "role": role}, receive, send)
