"""Our sockets behave as uvicorn's own do: the same table for both, spoken to by the `websockets` client."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from calls.voice.door import EXTENSION
from config.runtime.sockets import SocketProtocol

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
LARGE = 300_000
COMPRESSED = 0x40


def raw(opcode: Opcode, data: bytes, *, bits: int = 0) -> bytes:
    """A client's frame as bytes, such as no honest client would make."""
    frame = Frame(opcode, data).serialize(mask=True)
    return bytes([frame[0] | bits]) + frame[1:]


class Echo:
    """Answers frames; `close:<code>` hangs up; `refuse` in the path refuses; keeps how it ended."""

    def __init__(self) -> None:
        self.ended: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self.reading = asyncio.Event()
        self.reading.set()
        self.got = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.connect"
        if scope["path"] == "/refuse":
            await send({"type": "websocket.close", "code": 4404})
            return
        offered = scope["subprotocols"]
        await send(
            {"type": "websocket.accept", "subprotocol": offered[0] if offered else None, "headers": [(b"x-seen", b"1")]}
        )
        if scope["path"] == "/flood":
            for _piece in range(64):
                await send({"type": "websocket.send", "text": "x" * LARGE})
        if scope["path"] == "/fail":
            raise RuntimeError("the application broke")
        while True:
            await self.reading.wait()
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.ended.put_nowait((message["code"], message.get("reason") or ""))
                return
            self.got += 1
            text = message.get("text")
            if text and text.startswith("close:"):
                await send({"type": "websocket.close", "code": int(text[6:]), "reason": "because"})
            elif text is not None:
                await send({"type": "websocket.send", "text": text})
            else:
                await send({"type": "websocket.send", "bytes": message["bytes"]})


class DoorEcho:
    """Takes frames that begin with "now" at once; the rest comes as messages."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        door = scope["extensions"][EXTENSION]

        def at_once(frame: bytes) -> bool:
            if not frame.startswith(b"now"):
                return False
            door.send(b"door " + frame)
            return True

        door.take(at_once)
        while (message := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": "message " + message["text"]})


@contextlib.asynccontextmanager
async def serving(app: App, protocol: type) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        ws=protocol,
        ws_max_size=1_000_000,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"ws://127.0.0.1:{listening.getsockname()[1]}", server
    finally:
        server.should_exit = True
        await task


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture(params=[SocketProtocol, WebSocketsSansIOProtocol], ids=["ours", "uvicorn's"])
async def address(request: pytest.FixtureRequest, echo: Echo) -> AsyncIterator[str]:
    async with serving(echo, request.param) as (url, _server):
        yield url


async def talk(client: ClientConnection, frame: str | bytes) -> str | bytes:
    await client.send(frame)
    return await client.recv()


async def test_frames_of_every_size_and_kind(address: str) -> None:
    async with connect(address + "/", max_size=None) as client:
        for frame in ("hello", "", "ñ → ü", "y" * 125, "z" * 126, "w" * 70_000, b"\x00\xff", b"k" * LARGE):
            assert await talk(client, frame) == frame


async def test_many_frames_come_in_their_order(address: str) -> None:
    async with connect(address + "/") as client:
        wanted = [str(number) for number in range(500)]
        for frame in wanted:
            await client.send(frame)
        assert [await client.recv() for _frame in wanted] == wanted


async def test_a_message_in_pieces(address: str) -> None:
    async with connect(address + "/") as client:
        await client.send(["one ", "two ", "three"])
        assert await client.recv() == "one two three"
        await client.send([b"1", b"2"])
        assert await client.recv() == b"12"


async def test_subprotocol_and_headers(address: str) -> None:
    async with connect(address + "/", subprotocols=["convai", "other"]) as client:  # type: ignore[list-item]
        assert client.subprotocol == "convai"
        assert client.response is not None
        assert client.response.headers["x-seen"] == "1"


async def test_a_refusal_is_a_403(address: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(address + "/refuse")
    assert refused.value.response.status_code == 403


async def test_the_application_hangs_up_with_its_own_code(address: str, echo: Echo) -> None:
    async with connect(address + "/") as client:
        await client.send("close:4409")
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4409, "because")
    assert (await echo.ended.get())[0] == 4409


@pytest.mark.parametrize(("code", "reason"), [(1000, "bye"), (1001, ""), (4001, "ñ")])
async def test_the_browser_hangs_up(address: str, echo: Echo, code: int, reason: str) -> None:
    async with connect(address + "/") as client:
        await client.close(code, reason)
    assert await echo.ended.get() == (code, reason)


async def test_a_line_that_is_lost_has_no_goodbye(address: str, echo: Echo) -> None:
    client = await connect(address + "/")
    client.transport.abort()
    assert (await echo.ended.get())[0] == 1005


async def test_pings_are_answered(address: str) -> None:
    async with connect(address + "/") as client:
        await (await client.ping())


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (raw(Opcode.TEXT, b"\xff\xfe"), 1007),
        (raw(Opcode.CONT, b"alone"), 1002),
        (raw(Opcode.TEXT, b"compressed", bits=COMPRESSED), 1002),
        (raw(Opcode.TEXT, b"m" * 1_000_001), 1009),
    ],
    ids=["not UTF-8", "a piece of nothing", "an extension nobody agreed to", "too large"],
)
async def test_broken_frames_end_the_connection(address: str, echo: Echo, frame: bytes, code: int) -> None:
    client = await connect(address + "/")
    client.transport.write(frame)
    with pytest.raises(ConnectionClosed) as closed:
        await client.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
    # An application has no use for the difference: it is a line that was lost.
    assert (await echo.ended.get())[0] != 1000


async def test_a_reader_that_lags_slows_the_sender_and_loses_nothing(address: str, echo: Echo) -> None:
    echo.reading.clear()
    async with connect(address + "/", max_size=None) as client:
        sending = asyncio.create_task(_send_all(client, ["b" * 100_000] * 300))
        _done, waiting = await asyncio.wait({sending}, timeout=0.5)
        assert waiting, "thirty megabytes were swallowed by a server whose application reads nothing"
        echo.reading.set()
        for _frame in range(300):
            assert len(await client.recv()) == 100_000
        await sending
    assert echo.got == 300


async def _send_all(client: ClientConnection, frames: list[str]) -> None:
    for frame in frames:
        await client.send(frame)


async def test_much_at_once_for_a_slow_browser(address: str) -> None:
    async with connect(address + "/flood", max_size=None, max_queue=1) as client:
        for _piece in range(64):
            assert len(await client.recv()) == LARGE


async def test_an_application_that_breaks_ends_the_connection(address: str) -> None:
    async with connect(address + "/fail") as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()


@pytest.mark.parametrize("protocol", [SocketProtocol, WebSocketsSansIOProtocol])
async def test_a_server_that_stops_says_so_to_both_sides(protocol: type, echo: Echo) -> None:
    async with serving(echo, protocol) as (url, server):
        client = await connect(url + "/")
        server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert (await echo.ended.get())[0] == 1012


async def test_frames_taken_at_once_are_no_messages() -> None:
    async with serving(DoorEcho(), SocketProtocol) as (url, _server), connect(url + "/") as client:
        assert await talk(client, "now this") == "door now this"
        assert await talk(client, "later") == "message later"


async def test_a_browser_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.runtime.sockets.STUCK_SECONDS", 0.3)
    given_up = asyncio.Event()

    async def flood(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        door = scope["extensions"][EXTENSION]
        for _frame in range(100):
            door.send(b"x" * LARGE)
        assert (await receive())["code"] == 1005
        given_up.set()

    async with serving(flood, SocketProtocol) as (url, _server):
        client = await connect(url + "/", max_size=None, max_queue=1)
        async with asyncio.timeout(60):
            await given_up.wait()
        client.transport.abort()
