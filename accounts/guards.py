"""The role check of pages: `@needs(Action.MANAGE_PEOPLE)`. The API has `accounts.authentication.Needs`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from tenants.context import current_organization

from .memberships import may
from .models import User
from .roles import Action

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def needs(action: Action) -> Callable[[View[P]], View[P]]:
    """403 for members whose role does not reach that far (strangers have had their 404 before)."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not may(request.user, current_organization(), action):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast("View[P]", guarded)

    return decorate


def person(request: HttpRequest) -> User:
    """Who looks at a page that needs somebody signed in."""
    assert isinstance(request.user, User)
    return request.user
