"""What happens in a call as server-sent events, for clients that do not speak WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import organization_of
from accounts.memberships import role_of
from calls import events, observers, services
from tenants.api.streams import AnyAccepted, Event, event_stream, follow
from tenants.context import in_schema
from tenants.schemas import current_schema

# After the debrief there is nothing to wait for.
LAST = "feedback:ready"

missed = in_schema(events.events_after)


class CallStreamView(APIView):
    """`Last-Event-ID` is the `seq` of the last event that the client has."""

    content_negotiation_class = AnyAccepted

    @extend_schema(exclude=True)
    def get(self, request: Request, call_id: UUID) -> StreamingHttpResponse:
        role = role_of(request.user, organization_of(request))
        call = services.get_visible(call_id, user=request.user, role=role)
        observers.refuse_unseen(call, user=request.user)
        told = request.headers.get("last-event-id", "0")
        last = int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else 0
        return event_stream(stream(current_schema(), call.pk, last))


def stream(schema_name: str, call_id: UUID, last: int) -> AsyncIterator[bytes]:
    """Events after `last`, until the debrief is there."""

    async def look() -> tuple[list[Event], bool]:
        nonlocal last
        found: list[Event] = []
        for event in await missed(schema_name, call_id, last):
            last = event["seq"]
            found.append((last, event["type"], event))
            if event["type"] == LAST:
                return found, True
        return found, False

    return follow(look)
