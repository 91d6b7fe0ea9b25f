"""Which scripts a page may run: ours from our own address, on every page. The admins' framework needs more, there only."""

from __future__ import annotations

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponseBase

# Unfold's Alpine.js evaluates expressions written in its templates.
ADMIN_SCRIPTS = {"script-src": ["'self'", "'unsafe-eval'", "'unsafe-inline'"]}


class ContentSecurityPolicy(CSPMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        match = getattr(request, "resolver_match", None)
        if match is not None and match.app_name == "admin":
            response._csp_replace = ADMIN_SCRIPTS  # type: ignore[attr-defined]
        return super().process_response(request, response)
