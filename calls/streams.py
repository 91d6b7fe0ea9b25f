"""What happens in a call as server-sent events, for clients that do not speak WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from orjson import dumps
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import organization_of
from accounts.memberships import role_of
from calls import events, observers, services
from tenants.context import in_schema
from tenants.schemas import current_schema

LOOK_SECONDS = 0.5
KEEP_ALIVE_SECONDS = 15.0
# After the debrief there is nothing to wait for; a call that never ends is left to the client's next request.
LAST = "feedback:ready"
LONGEST_SECONDS = 1800.0

missed = in_schema(events.events_after)


class CallStreamView(APIView):
    """`Last-Event-ID` is the `seq` of the last event that the client has."""

    @extend_schema(exclude=True)
    def get(self, request: Request, call_id: UUID) -> StreamingHttpResponse:
        role = role_of(request.user, organization_of(request))
        call = services.get_visible(call_id, user=request.user, role=role)
        observers.refuse_unseen(call, user=request.user)
        told = request.headers.get("last-event-id", "0")
        last = int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else 0
        return StreamingHttpResponse(
            stream(current_schema(), call.pk, last),
            content_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )


async def stream(schema_name: str, call_id: UUID, last: int) -> AsyncIterator[bytes]:
    """Events after `last`, until the debrief is there."""
    silent = 0.0
    waited = 0.0
    while waited < LONGEST_SECONDS:
        try:
            found: list[dict[str, Any]] = await missed(schema_name, call_id, last)
        except (OperationalError, InterfaceError):
            found = []
        for event in found:
            last = event["seq"]
            yield b"id: %d\nevent: %s\ndata: %s\n\n" % (last, event["type"].encode(), dumps(event))
            if event["type"] == LAST:
                return
        silent = 0.0 if found else silent + LOOK_SECONDS
        if silent >= KEEP_ALIVE_SECONDS:
            silent = 0.0
            yield b": still here\n\n"
        await asyncio.sleep(LOOK_SECONDS)
        waited += LOOK_SECONDS
