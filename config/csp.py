"""Which scripts a page may run, and whom it may talk to: ours at our own address, on every page. The admins' framework
needs more scripts, there only; the call page may name a voice service that it talks to straight."""

from __future__ import annotations

from csp.middleware import CSPMiddleware
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase

# Unfold's Alpine.js evaluates expressions written in its templates.
ADMIN_SCRIPTS = {"script-src": ["'self'", "'unsafe-eval'", "'unsafe-inline'"]}


class ContentSecurityPolicy(CSPMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        match = getattr(request, "resolver_match", None)
        if match is not None and match.app_name == "admin":
            response._csp_replace = ADMIN_SCRIPTS  # type: ignore[attr-defined]
        named = getattr(response, "_csp_update", None) or {}
        origins = [*named.get("connect-src", ()), *own_sockets(request)]
        response._csp_update = {**named, "connect-src": origins}  # type: ignore[attr-defined]
        return super().process_response(request, response)


def own_sockets(request: HttpRequest) -> list[str]:
    """Our sockets by their whole origin: not every browser takes 'self' for them."""
    try:
        return [f"{'wss' if request.is_secure() else 'ws'}://{request.get_host()}"]
    except DisallowedHost:
        return []
