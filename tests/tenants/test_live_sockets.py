"""A socket that listens is left once, however it ends: nothing it began goes on without it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from channels.layers import get_channel_layer

from tenants.live import LiveSocket

GROUP = "org_acme.told"


class Listener(LiveSocket):
    def __init__(self) -> None:
        super().__init__()
        self.times_left = 0
        self.ticks = 0

    async def connect(self) -> None:
        await self.join(GROUP)
        await self.accept()
        self.go_on_with(self.tick())

    async def tick(self) -> None:
        while True:
            self.ticks += 1
            await asyncio.sleep(0.01)

    async def say(self, message: dict[str, Any]) -> None:
        if message["text"] == "break":
            raise LookupError("something else")
        await self.send(text_data=message["text"])

    async def hang_up(self, message: dict[str, Any]) -> None:
        await self.close(4404)
        await self.send(text_data="after the end")

    async def left(self) -> None:
        await super().left()
        self.times_left += 1


class Line:
    """One browser, as a server offers it."""

    def __init__(self) -> None:
        self.listener = Listener()
        self.to_it: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        self.news = asyncio.Event()
        self.is_gone = False
        self.to_it.put_nowait({"type": "websocket.connect"})
        self.running = asyncio.create_task(self.listener({"type": "websocket"}, self.to_it.get, self.take))

    async def take(self, message: dict[str, Any]) -> None:
        if self.is_gone:
            raise OSError("gone")
        self.sent.append(message)
        self.news.set()

    async def tell(self, type: str, **data: Any) -> None:
        await get_channel_layer().group_send(GROUP, {"type": type, **data})

    async def until(self, sent: int) -> None:
        async with asyncio.timeout(60):
            while len(self.sent) < sent:
                self.news.clear()
                await self.news.wait()


async def is_left(line: Line) -> bool:
    ticks = line.listener.ticks
    await asyncio.sleep(0.1)
    return line.listener.times_left == 1 and line.listener.ticks == ticks


async def test_a_message_to_one_who_has_just_gone_loses_no_goodbye() -> None:
    line = Line()
    await line.until(1)
    line.is_gone = True
    await line.tell("say", text="too late")
    await asyncio.sleep(0.2)
    assert not line.running.done(), "who is gone is known by the server's word"
    line.to_it.put_nowait({"type": "websocket.disconnect", "code": 1000})
    async with asyncio.timeout(60):
        await line.running
    assert await is_left(line)


async def test_a_socket_that_breaks_is_left_and_the_fault_is_told() -> None:
    line = Line()
    await line.until(1)
    await line.tell("say", text="break")
    with pytest.raises(LookupError):
        async with asyncio.timeout(60):
            await line.running
    assert await is_left(line)


async def test_nothing_is_said_after_hanging_up() -> None:
    line = Line()
    await line.until(1)
    await line.tell("hang.up")
    await line.until(2)
    line.to_it.put_nowait({"type": "websocket.disconnect", "code": 4404})
    async with asyncio.timeout(60):
        await line.running
    assert [message["type"] for message in line.sent] == ["websocket.accept", "websocket.close"]
    assert await is_left(line)
