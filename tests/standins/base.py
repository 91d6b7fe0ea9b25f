"""What every stand-in vendor shares: a server on loopback that remembers what it was asked and misbehaves on demand.

In a test: `with ElevenLabs().serving() as vendor: vendor.misbehave("limit_429")`.
By hand: `python -m tests.standins NAME PORT`, and then
`POST /__standin__/misbehave {"fault": "limit_429", "times": 1}`, `GET /__standin__/seen`, `POST /__standin__/reset`,
`POST /__standin__/configure {"webhook_url": …}`.

| fault | where | what happens |
|---|---|---|
| slow | http | the answer takes `seconds` (3) |
| refuse_401, limit_429, broken_500 | http | that status, in the vendor's own error body |
| stall | voice | the vendor says nothing any more, its socket stays open |
| drop_mid_word | voice | the connection is gone in the middle of a reply, without a goodbye |
| malformed_frame | voice | a frame that is no frame of the protocol |
| duplicate_webhook, reordered_webhook, lost_webhook | webhook | sent twice, after the next one, never |
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

T = TypeVar("T")
KEY = "test-key"
WHERE = {
    "slow": "http",
    "refuse_401": "http",
    "limit_429": "http",
    "broken_500": "http",
    "stall": "voice",
    "drop_mid_word": "voice",
    "malformed_frame": "voice",
    "duplicate_webhook": "webhook",
    "reordered_webhook": "webhook",
    "lost_webhook": "webhook",
}
STATUS = {"refuse_401": 401, "limit_429": 429, "broken_500": 500}
HELD_BACK_SECONDS = 2.0  # how long a webhook waits for the one it is to come after


@dataclass
class Misbehaviour:
    """`where`: "http", "voice" or "webhook". `path`: only for addresses that contain this."""

    fault: str
    times: int
    where: str
    seconds: float
    path: str = ""


@dataclass
class Seen:
    """A request as it came. `body`: parsed JSON, text, or None. Sockets are listed as method "WS"."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any = None


@dataclass
class Outgoing:
    """A webhook to be sent. `chunked`: without a Content-Length, in pieces. `url`: where `webhook_url` says nothing."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    chunked: bool = False
    url: str = ""


@dataclass
class Delivered:
    body: bytes
    headers: dict[str, str]
    status: int | None  # None: nobody answered


class StandIn:
    """One vendor. Subclasses give `name`, `routes()` and, in their own words, `refusal()`."""

    name: ClassVar[str] = ""

    def __init__(self) -> None:
        self.key = KEY
        self.base_url = ""
        self.webhook_url = ""
        self.webhook_secret = ""
        self.webhook_headers: dict[str, str] = {}
        self.seen: list[Seen] = []
        self.delivered: list[Delivered] = []
        self._misbehaviours: list[Misbehaviour] = []
        self._held_back: list[Outgoing] = []
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._app = Starlette(routes=self.routes())

    # -- what a vendor fills in ---------------------------------------------------------------------------------------
    def routes(self) -> list[BaseRoute]:
        raise AssertionError("every vendor has addresses")

    def refusal(self, status: int, path: str) -> Response:
        """The vendor's error body for a status (401, 429 or 500)."""
        return JSONResponse({"error": {"message": "refused"}}, status_code=status)

    def forget(self) -> None:
        """Back to the beginning: more than `reset` knows of."""

    # -- told by tests ------------------------------------------------------------------------------------------------
    def misbehave(
        self, fault: str, times: int = 1, *, seconds: float = 3.0, where: str = "", path: str = ""
    ) -> Misbehaviour:
        """Do this the next `times` times that it can be done."""
        if fault not in WHERE:
            raise ValueError(f"{fault!r} is none of {', '.join(WHERE)}")
        made = Misbehaviour(fault, times, where or WHERE[fault], seconds, path)
        with self._lock:
            self._misbehaviours.append(made)
        return made

    def take(self, *faults: str, where: str, path: str = "") -> Misbehaviour | None:
        """The next of these faults that is to happen here, if any; it is then used up."""
        with self._lock:
            for planned in self._misbehaviours:
                if planned.fault in faults and planned.where == where and planned.path in path and planned.times > 0:
                    planned.times -= 1
                    return planned
        return None

    def reset(self) -> None:
        with self._lock:
            self._misbehaviours.clear()
            self.seen.clear()
            self.delivered.clear()
            self._held_back.clear()
        self.forget()

    def requests(self, path: str) -> list[Seen]:
        """What was asked at addresses that contain this."""
        return [seen for seen in list(self.seen) if path in seen.path]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do this in the server's loop and wait for it."""
        assert self.loop is not None, "the stand-in is not serving"
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=30)

    # -- webhooks -----------------------------------------------------------------------------------------------------
    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def deliver(self, webhook: Outgoing) -> None:
        """Send a webhook to `webhook_url` (or its own), as badly as it was told to."""
        if not (self.webhook_url or webhook.url) or self.take("lost_webhook", where="webhook"):
            return
        if self.take("reordered_webhook", where="webhook"):
            self._held_back.append(webhook)
            self.spawn(self._send_late())
            return
        await self._post(webhook)
        if self.take("duplicate_webhook", where="webhook"):
            await self._post(webhook)
        await self._send_held_back()

    async def _send_late(self) -> None:
        await asyncio.sleep(HELD_BACK_SECONDS)
        await self._send_held_back()

    async def _send_held_back(self) -> None:
        while self._held_back:
            await self._post(self._held_back.pop(0))

    async def _post(self, webhook: Outgoing) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            for at in range(0, len(webhook.body), 65536):
                yield webhook.body[at : at + 65536]

        headers = {"content-type": "application/json", **self.webhook_headers, **webhook.headers}
        status: int | None = None
        with contextlib.suppress(httpx.HTTPError):
            async with httpx.AsyncClient(timeout=20) as client:
                content = pieces() if webhook.chunked else webhook.body
                status = (
                    await client.post(self.webhook_url or webhook.url, content=content, headers=headers)
                ).status_code
        self.delivered.append(Delivered(webhook.body, headers, status))

    # -- serving ------------------------------------------------------------------------------------------------------
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            self.seen.append(_seen("WS", scope))
            # To be gone in the middle of a word, as a cut cable is: no frame of goodbye.
            scope["standin.abort"] = send.__self__.transport.abort
            await self._app(scope, receive, send)

    async def _http(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path = scope["path"]
        if path.startswith("/__standin__/"):
            await self._control(path.rsplit("/", 1)[1], _parsed(body))(scope, receive, send)
            return
        seen = _seen(scope["method"], scope)
        seen.body = _parsed(body)
        self.seen.append(seen)
        if slow := self.take("slow", "stall", where="http", path=path):
            await asyncio.sleep(slow.seconds)
        if refused := self.take(*STATUS, where="http", path=path):
            await self.refusal(STATUS[refused.fault], path)(scope, receive, send)
            return
        given = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Any:
            return next(given, None) or await receive()

        await self._app(scope, again, send)

    def _control(self, verb: str, body: Any) -> Response:
        asked: Mapping[str, Any] = body if isinstance(body, dict) else {}
        match verb:
            case "misbehave":
                try:
                    self.misbehave(**asked)
                except (TypeError, ValueError) as error:
                    return JSONResponse({"error": str(error)}, status_code=400)
            case "configure":
                for name in ("webhook_url", "webhook_secret", "key", "webhook_headers"):
                    if name in asked:
                        setattr(self, name, asked[name])
            case "reset":
                self.reset()
            case "seen":
                pass
            case _:
                return JSONResponse({"error": "unknown"}, status_code=404)
        return JSONResponse(
            {
                "name": self.name,
                "webhook_url": self.webhook_url,
                "misbehaviours": [asdict(planned) for planned in self._misbehaviours if planned.times > 0],
                "seen": [asdict(seen) for seen in self.seen],
                "delivered": [sent.status for sent in self.delivered],
            }
        )

    def _server(self) -> uvicorn.Server:
        return uvicorn.Server(
            uvicorn.Config(
                self,
                log_config=None,
                lifespan="off",
                ws="websockets-sansio",
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=1,
            )
        )

    def serve(self, port: int) -> None:
        """Until interrupted."""
        with _listening(port) as listener:
            self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            asyncio.run(self._serve(self._server(), listener))

    async def _serve(self, server: uvicorn.Server, listener: socket.socket) -> None:
        self.loop = asyncio.get_running_loop()
        await server.serve(sockets=[listener])

    @contextmanager
    def serving(self) -> Iterator[Any]:
        """Served by a thread of this process; `base_url` says where."""
        with _listening(0) as listener:
            server = self._server()
            server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
            self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            thread = threading.Thread(target=lambda: asyncio.run(self._serve(server, listener)), daemon=True)
            thread.start()
            while not server.started:
                assert thread.is_alive(), "the stand-in did not start"
                time.sleep(0.01)
            try:
                yield self
            finally:
                server.should_exit = True
                thread.join(timeout=10)
                self.loop = None


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    try:
        yield listener
    finally:
        listener.close()


def _seen(method: str, scope: Any) -> Seen:
    query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Seen(method, scope["path"], query, headers)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body[:10_000].decode("utf-8", "replace")
