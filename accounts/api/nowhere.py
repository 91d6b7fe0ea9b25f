"""The API of an organisation that does not exist: what somebody who is not signed in hears from one that does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import BasePermission

from .tokens import TokenView


class Nobody(BasePermission):
    """Nobody is a member of nothing."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


@cache
def _closed(view_class: type[Any]) -> Callable[..., HttpResponse]:
    """The view with its own headers, which refuses before any of its handlers runs."""
    attributes = {"get_permissions": lambda self: [Nobody()]}
    closed: Any = type(f"Nowhere{view_class.__name__}", (view_class,), attributes)
    return closed.as_view()


def nowhere(request: HttpRequest, view: Any, kwargs: dict[str, Any]) -> HttpResponse:
    """Sign-in to the API checks the password as everywhere, then finds no membership; all else asks to sign in."""
    if issubclass(view.cls, TokenView) and request.method == "POST":
        return view(request, **kwargs)
    return _closed(view.cls)(request, **kwargs)
