"""allauth, told about Parley: where a person lands, and who may sign up."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from .landing import landing_path


class AccountAdapter(DefaultAccountAdapter):
    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return landing_path(request.user)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names: people sign in by e-mail address."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        user = super().populate_user(request, sociallogin, data)
        user.full_name = full_name(data.get("first_name"), data.get("last_name")) or data.get("name") or ""
        return user


def full_name(first: str | None, last: str | None) -> str:
    """`first last`, trimmed, safe where either is missing."""
    return " ".join(part.strip() for part in (first or "", last or "") if part.strip())
