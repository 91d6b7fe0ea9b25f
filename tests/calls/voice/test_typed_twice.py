"""A line that is sent again under its name is said once, also over a new socket."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.client import connect

from tests.calls.voice.conftest import Live
from tests.calls.voice.test_socket import next_of, until

pytestmark = pytest.mark.slow


def typed(text: str, name: str) -> str:
    return json.dumps({"type": "user_message", "text": text, "rich_content_id": name})


def test_a_line_under_the_same_name_is_said_once(live: Live) -> None:
    async def call() -> None:
        url = live.voice_url()
        socket = await connect(url)
        await next_of(socket, "agent_response")
        await socket.send(typed("Was I heard?", "a"))
        await next_of(socket, "agent_response")
        socket.transport.abort()
        await until(lambda: live.provider.sessions[0].held[-1:] == [True])
        async with connect(url) as back:
            await back.send(typed("Was I heard?", "a"))
            await back.send(typed("Was I heard?", "b"))
            await next_of(back, "agent_response")

    asyncio.run(call())
    said = [turn.content for turn in live.read().turns.order_by("seq") if turn.role == "user"]
    assert said == ["Was I heard?", "Was I heard?"]
