"""Server-sent events beside JSON: a browser's `EventSource` accepts `text/event-stream` and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import StreamingHttpResponse
from orjson import dumps
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

LOOK_SECONDS = 0.5
KEEP_ALIVE_SECONDS = 15.0
# What never ends is left to the client's next request.
LONGEST_SECONDS = 1800.0

Event = tuple[object, str, Any]  # its id, with which a client goes on; its name; its data
# The events since the last look, in order, and whether they were the last ones.
Look = Callable[[], Awaitable[tuple[Sequence[Event], bool]]]


class AnyAccepted(BaseContentNegotiation):
    """For views that stream: what the client accepts is not asked, and errors are JSON as everywhere."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)


def event_stream(pieces: AsyncIterator[bytes]) -> StreamingHttpResponse:
    """The response that sends what `follow` finds as it is found."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(pieces, content_type="text/event-stream", headers=headers)


async def follow(look: Look) -> AsyncIterator[bytes]:
    """Look again and again until it is over. A database that is away for a moment is nothing new."""
    silent = waited = 0.0
    while waited < LONGEST_SECONDS:
        try:
            found, over = await look()
        except (OperationalError, InterfaceError):
            found, over = (), False
        for at, name, data in found:
            yield b"id: %s\nevent: %s\ndata: %s\n\n" % (str(at).encode(), name.encode(), dumps(data))
        if over:
            return
        silent = 0.0 if found else silent + LOOK_SECONDS
        if silent >= KEEP_ALIVE_SECONDS:
            silent = 0.0
            yield b": still here\n\n"
        await asyncio.sleep(LOOK_SECONDS)
        waited += LOOK_SECONDS
