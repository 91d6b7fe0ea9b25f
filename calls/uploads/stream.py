"""How an upload gets on, as server-sent events: its state, what is heard, and the score of the call it becomes.

An event's id says how much of each a client has: `<revision>.<pieces>.<events of the call>`. With it as `Last-Event-ID` a
client goes on where it was, in another process too: everything is read from rows.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils import translation
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import organization_of
from accounts.memberships import role_of
from calls import events
from calls.streams import LAST
from calls.uploads import receiving
from calls.uploads.models import CallUpload
from calls.uploads.payloads import segment_json, upload_json
from tenants.api.streams import AnyAccepted, Event, event_stream, follow
from tenants.context import in_schema
from tenants.schemas import current_schema

ID = re.compile(r"\A(\d{1,9})\.(\d{1,9})\.(\d{1,9})\Z", re.ASCII)
CHANGED, HEARD, GONE = "upload:changed", "upload:heard", "upload:gone"


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a client has: the upload's revision, how many pieces, and the call's last event."""

    revision: int = 0
    pieces: int = 0
    event: int = 0

    @classmethod
    def read(cls, told: str) -> Cursor:
        """From `Last-Event-ID`; the beginning where it is none of ours."""
        match = ID.match(told)
        return cls(*map(int, match.groups())) if match else cls()

    def __str__(self) -> str:
        return f"{self.revision}.{self.pieces}.{self.event}"


@dataclass(frozen=True, slots=True)
class News:
    """Events that a client does not have yet, with the cursor after each; `over`: nothing more will come."""

    events: tuple[tuple[Cursor, str, dict[str, Any]], ...]
    cursor: Cursor
    over: bool


def read_news(upload_id: UUID, cursor: Cursor, language: str) -> News:
    upload = CallUpload.objects.filter(pk=upload_id).first()
    if upload is None:
        return News(((cursor, GONE, {"id": str(upload_id)}),), cursor, over=True)
    found: list[tuple[Cursor, str, dict[str, Any]]] = []
    pieces = upload.segments.filter(position__gte=cursor.pieces).order_by("position")
    for segment in pieces:
        cursor = replace(cursor, pieces=segment.position + 1)
        found.append((cursor, HEARD, segment_json(segment)))
    if upload.revision > cursor.revision:
        cursor = replace(cursor, revision=upload.revision)
        with translation.override(language):
            found.append((cursor, CHANGED, upload_json(upload)))
    over = upload.is_over
    if upload.call_id and upload.call is not None:
        over = not upload.call.to_score
        for event in events.events_after(upload.call_id, cursor.event):
            cursor = replace(cursor, event=event["seq"])
            if event["type"] != "turn:added":  # what was heard has been told
                found.append((cursor, event["type"], event))
            over = over or event["type"] == LAST
    return News(tuple(found), cursor, over)


news_of = in_schema(read_news)


class UploadStreamView(APIView):
    """`upload:changed` with the upload, `upload:heard` with a piece, and the call's own events until its debrief is ready."""

    content_negotiation_class = AnyAccepted

    @extend_schema(exclude=True)
    def get(self, request: Request, upload_id: UUID) -> StreamingHttpResponse:
        role = role_of(request.user, organization_of(request))
        upload = receiving.get_visible(upload_id, user=request.user, role=role)
        cursor = Cursor.read(request.headers.get("last-event-id", ""))
        return event_stream(stream(current_schema(), upload.pk, cursor, translation.get_language() or "en"))


def stream(schema_name: str, upload_id: UUID, cursor: Cursor, language: str) -> AsyncIterator[bytes]:
    async def look() -> tuple[tuple[Event, ...], bool]:
        nonlocal cursor
        news = await news_of(schema_name, upload_id, cursor, language)
        cursor = news.cursor
        return news.events, news.over

    return follow(look)
