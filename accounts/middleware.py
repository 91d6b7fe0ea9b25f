"""Membership before anything else: somebody who is not a member sees a 404, never a hint that the organisation exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from tenants.api.errors import envelope, wants_json
from tenants.context import platform_path

from .api.nowhere import nowhere
from .memberships import role_of
from .sign_in import SecondFactorNeeded, lacks_second_factor
from .speaking import speak_to


class MembershipMiddleware:
    """Sets `request.role`. A signed-in stranger gets a 404 on every address of the organisation.

    An organisation that does not exist answers like one where the visitor is a stranger: 404 to somebody signed in, the
    way to the sign-in page or a 401 to everybody else. No view runs for it. Paths that vendors and invited people use are
    theirs to guard (`organization_public` on the view).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.role = role_of(request.user, request.organization)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.organization is None and not request.nowhere:  # type: ignore[attr-defined]
            return None
        public = getattr(view, "organization_public", False)
        if request.nowhere and getattr(view, "answers_nowhere", False):  # type: ignore[attr-defined]
            return None  # it answers by a signature, which nobody has here
        if request.user.is_authenticated and request.role is None and not public:  # type: ignore[attr-defined]
            raise Http404
        asked = request.role and not public and not _has_token(request, view)  # type: ignore[attr-defined]
        if asked and lacks_second_factor(request.user, request.organization):  # type: ignore[attr-defined]
            return set_up_first(request)
        if not request.nowhere:  # type: ignore[attr-defined]
            return None
        if hasattr(view, "cls"):
            return nowhere(request, view, kwargs)
        if public or not getattr(view, "login_required", True):
            raise Http404
        return None  # a page: the sign-in middleware sends the visitor to sign in


def _has_token(request: HttpRequest, view: Any) -> bool:
    """An API request that authenticates by its token alone; pages do not look at that header."""
    return hasattr(view, "cls") and request.headers.get("authorization", "").lower().startswith("bearer ")


def set_up_first(request: HttpRequest) -> HttpResponse:
    """Where the organisation asks for two steps and there is only one: to the page that sets the second one up."""
    if wants_json(request):
        needed = SecondFactorNeeded()
        body = envelope(needed.error_code, str(needed.message))
        return JsonResponse(body, status=needed.http_status)
    messages.info(request, str(SecondFactorNeeded.default_message))
    return redirect(platform_path("mfa_index"))


class UserLocaleMiddleware:
    """Language and time zone: the person's own, else the organisation's, else what the browser asks for. An address that
    is in a language answers in it. Whose token it is shows later: `accounts.authentication` asks again then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # To a stranger an organisation's language would say that it exists.
        organization = request.organization if request.role else None  # type: ignore[attr-defined]
        speak_to(request, request.user, organization)
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language())
        translation.deactivate()
        timezone.deactivate()
        return response
