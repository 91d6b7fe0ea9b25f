"""How frames pass a socket: by the server's own short way where it has one, else as ASGI messages.

Our server (`config.runtime.sockets`) offers a door in `scope["extensions"]`: frames that the application takes at once never
become messages, and what it sends is written without a task switch. Any other ASGI server works too, only slower.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

EXTENSION = "parley.frames"
# A browser that takes this many frames less than it is sent is not there any more.
MOST_WAITING = 2000


class Door(Protocol):
    """One accepted socket."""

    def send(self, frame: bytes) -> None:
        """A text frame (UTF-8). Never waits; nothing happens when the socket is gone."""

    def take(self, at_once: Callable[[bytes], bool]) -> None:
        """Show every text frame to `at_once` first; those it answers with True are done with."""

    async def drained(self) -> None:
        """Everything sent so far is on its way."""


class MessageDoor:
    """The same over plain ASGI messages: a queue and a task that sends."""

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._task = asyncio.create_task(self._run())

    def send(self, frame: bytes) -> None:
        if not self._task.done():
            try:
                self._waiting.put_nowait(frame)
            except asyncio.QueueFull:
                self.shut()

    def take(self, at_once: Callable[[bytes], bool]) -> None:
        """Frames come as messages here; whoever receives those shows them."""

    async def drained(self) -> None:
        if not self._task.done():
            waiting = asyncio.create_task(self._waiting.join())
            await asyncio.wait({waiting, self._task}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()

    def shut(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        # Closed under our hands: who receives will notice.
        with contextlib.suppress(OSError, RuntimeError):
            while True:
                frame = await self._waiting.get()
                await self._send({"type": "websocket.send", "text": frame.decode()})
                self._waiting.task_done()


@contextlib.asynccontextmanager
async def door_of(scope: dict[str, Any], send: Callable[[dict[str, Any]], Awaitable[None]]) -> Any:
    """The accepted socket's door."""
    offered = (scope.get("extensions") or {}).get(EXTENSION)
    if offered is not None:
        yield cast("Door", offered)
        return
    door = MessageDoor(send)
    try:
        yield door
    finally:
        await door.drained()
        door.shut()
