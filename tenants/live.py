"""What is told live: channel groups, and the sockets of those who listen to one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from redis.exceptions import RedisError

# What a channel layer raises when it cannot be reached; a loop that is closing raises RuntimeError.
REDIS_AWAY = (RedisError, OSError, RuntimeError)


class LiveSocket(AsyncWebsocketConsumer):
    """A socket that is told what happens in one group and says nothing itself.

    `left` runs once, however the socket ends. Channels by itself lets a consumer go without a word when a message to a
    browser that has just gone raises (as ASGI has it), and what it had begun would go on for ever.
    """

    groups: Any = ()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.background: list[asyncio.Task[None]] = []
        self.group = ""
        closed = False

        async def send_if_there(message: dict[str, Any]) -> None:
            nonlocal closed
            if closed:
                return
            closed = message["type"] == "websocket.close"
            with contextlib.suppress(OSError):  # gone: the message that says so is on its way
                await send(message)

        try:
            await super().__call__(scope, receive, send_if_there)
        finally:
            await self.left()

    async def join(self, group: str) -> None:
        """Be told what is said in that group, if Redis is there."""
        self.group = group
        with contextlib.suppress(*REDIS_AWAY):
            await self.channel_layer.group_add(group, self.channel_name)

    def go_on_with(self, work: Coroutine[Any, Any, None]) -> None:
        """In the background, until the socket ends."""
        self.background.append(asyncio.create_task(work))

    async def left(self) -> None:
        """Undo what `connect` did. Called once, of a refused socket too."""
        for task in self.background:
            task.cancel()
        if self.group:
            with contextlib.suppress(*REDIS_AWAY):
                await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Who listens only listens."""
