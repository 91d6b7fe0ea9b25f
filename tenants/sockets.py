"""The organisation of a socket, found the same way as that of a request."""

from __future__ import annotations

from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django_tenants.utils import schema_context

from .middleware import ORG_PATH, find_by_host, find_by_slug
from .models import Organization
from .request_ids import bind_request_id


def _resolve(path: str, host: str) -> tuple[Organization | None, str]:
    with schema_context(settings.PUBLIC_SCHEMA_NAME):
        match = ORG_PATH.match(path)
        if match:
            organization = find_by_slug(match["slug"])
            return organization, organization.path_prefix if organization else ""
        return find_by_host(host), ""


async def close_unopened(send: Any, code: int = 4404) -> None:
    """Refuse a handshake: the client sees HTTP 403, whatever the reason, as it would for an address that is not."""
    await send({"type": "websocket.close", "code": code})


class OrganizationSocketMiddleware:
    """Puts `scope["organization"]` and the organisation's own `scope["org_path"]` (the path less the prefix) in place."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", []))
        bind_request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        path = scope["path"]
        organization, prefix = await database_sync_to_async(_resolve)(path, headers.get(b"host", b"").decode("latin-1"))
        if organization is None:
            await close_unopened(send)
            return
        inner = {**scope, "organization": organization, "path": path[len(prefix) :], "org_prefix": prefix}
        await self.app(inner, receive, send)
