"""Sockets of an organisation; the prefix is off the path already."""

from __future__ import annotations

from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from accounts.notices.consumers import NoticesConsumer
from calls.consumers import EventsConsumer, ListenConsumer
from calls.voice.consumer import VoiceConsumer
from tenants.sockets import close_unopened


async def nothing_here(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await close_unopened(send)


routes = [
    path("ws/voice/<uuid:call_id>/", VoiceConsumer.as_asgi(), name="voice"),
    path("ws/calls/<uuid:call_id>/events/", EventsConsumer.as_asgi(), name="events"),
    path("ws/calls/<uuid:call_id>/listen/", ListenConsumer.as_asgi(), name="listen"),
    path("ws/notices/", NoticesConsumer.as_asgi(), name="notices"),
    # An address that is none is refused like one that is not yours.
    re_path(r"", nothing_here),  # type: ignore[arg-type]  # django-stubs knows views only
]
socket_routes = URLRouter(routes)
