"""WebSockets of the web process: uvicorn's handshake, picows' frames.

uvicorn's own implementation parses every frame in Python and hands it over as a message through a queue. After the
application has accepted, this one gives the connection to picows, which parses in C, and offers the application a door
(`calls.voice.door`): frames may be taken where they arrive and sent without a task switch. All else is ASGI as usual: a
message per frame, close codes both ways, pings, pauses for readers that lag.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from picows import WSAutoPingStrategy, WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest
from picows.common import WSUpgradeResponse, WSUpgradeResponseWithListener
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # missing in its stub
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from calls.voice.door import EXTENSION

# Messages that wait for the application before the sender is slowed down.
MOST_UNREAD = 32
# How long a browser may take nothing at all of what is sent to it.
STUCK_SECONDS = 10.0
# What a lost line looks like to the application.
NO_GOODBYE = 1005
GOING_AWAY = 1012
PROTOCOL_ERROR = 1002
NOT_UTF8 = 1007
TOO_BIG = 1009
READ_BUFFER = 4096
# Taken out of their enumeration once: looking a member up costs as much as parsing the frame.
TEXT, BINARY, CONTINUATION, CLOSE = WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION, WSMsgType.CLOSE

logger = logging.getLogger("parley.sockets")


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn makes one per connection (`ws=SocketProtocol`). Refusals and the handshake are its base class's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = b""
        self._line: FrameLine | None = None

    def data_received(self, data: bytes) -> None:
        self._request += data
        super().data_received(data)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"][EXTENSION] = FrameDoor(self)  # type: ignore[assignment]

    async def send(self, message: Any) -> None:
        line = self._line
        if line is None:
            if message["type"] == "websocket.accept" and not self.handshake_complete and not self.disconnected:
                self._accept(message)
                return
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected:
            raise ClientDisconnected
        if self.close_sent:
            raise RuntimeError(f"Unexpected ASGI message '{message['type']}', after sending 'websocket.close'.")
        match message["type"]:
            case "websocket.send":
                if (text := message.get("text")) is not None:
                    line.send_text(text)
                else:
                    line.send_binary(message["bytes"])
            case "websocket.close":
                code, reason = message.get("code", 1000), message.get("reason") or ""
                self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
                self.close_sent = True
                line.close(code, reason)
                self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)
            case unknown:
                raise RuntimeError(f"Expected 'websocket.send' or 'websocket.close', but got '{unknown}'.")

    async def receive(self) -> Any:
        message = await self.queue.get()
        if self._line is not None:
            self._line.read_on()
        elif self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        return message

    def _accept(self, message: Any) -> None:
        """Let picows answer the handshake and have the connection from here on."""
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in (*self.default_headers, *message.get("headers", []))
        ]
        if message.get("subprotocol"):
            headers.append(("Sec-WebSocket-Protocol", message["subprotocol"]))
        line = FrameLine(self)

        def listen(_request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
            return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(headers), line)

        protocol = WSProtocol(
            None,  # host and path are for clients
            None,
            False,
            listen,
            logger,
            True,  # hang up when a listener raises
            None,  # the handshake is here already
            self.config.ws_ping_interval is not None,
            self.config.ws_ping_interval or 20.0,
            min(self.config.ws_ping_timeout or 20.0, self.config.ws_ping_interval or 20.0),
            WSAutoPingStrategy.PING_WHEN_IDLE,
            True,  # answer pings
            self.config.ws_max_size,
            None,
            READ_BUFFER,
        )
        self.handshake_complete = True
        self._line = line
        request, self._request = self._request, b""
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        while request:
            room = protocol.get_buffer(len(request))
            size = min(len(room), len(request))
            room[:size] = request[:size]
            del room
            protocol.buffer_updated(size)
            request = request[size:]

    def shutdown(self) -> None:
        """The server stops: say so to both sides."""
        line = self._line
        if line is None:
            super().shutdown()
            return
        if not self.close_sent:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})
            self.close_sent = True
            line.close(GOING_AWAY, "")
        self.transport.close()

    def gone(self) -> None:
        """The connection is lost or closed; `FrameLine` has said why."""
        self.disconnected = True
        self.connections.discard(self)
        self.writable.set()
        if self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = None


class FrameLine(WSListener):
    """Frames of one accepted connection, as picows finds them."""

    def __init__(self, protocol: SocketProtocol) -> None:
        self._protocol = protocol
        self._transport: WSTransport | None = None
        self._pieces: list[bytes] = []
        self._pieces_are_text = True
        self._pieces_size = 0
        self._paused = False
        self._stuck: asyncio.TimerHandle | None = None
        self._told = False
        self.at_once: Callable[[bytes], bool] | None = None

    # -- what picows calls --------------------------------------------------------------------------------------------
    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            self._fail(PROTOCOL_ERROR)  # no extension was agreed upon
        elif kind == TEXT and frame.fin and not self._pieces:
            data = frame.get_payload_as_bytes()
            if self.at_once is None or not self.at_once(data):
                self._message(data, text=True)
        elif kind in (TEXT, BINARY, CONTINUATION):
            self._piece(frame, kind)
        elif kind == CLOSE:
            self._closed_by_peer(transport, frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        if self._stuck is not None:
            self._stuck.cancel()
        self._tell(NO_GOODBYE, "")
        self._protocol.gone()

    def pause_writing(self) -> None:
        self._protocol.writable.clear()
        self._stuck = self._protocol.loop.call_later(STUCK_SECONDS, self._give_up)

    def resume_writing(self) -> None:
        self._protocol.writable.set()
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    # -- what the application does ------------------------------------------------------------------------------------
    def send_text(self, frame: str | bytes) -> None:
        transport = self._transport
        if transport is not None and not transport.is_close_frame_sent:
            transport.send(TEXT, frame)

    def send_binary(self, frame: bytes) -> None:
        transport = self._transport
        if transport is not None and not transport.is_close_frame_sent:
            transport.send(BINARY, frame)

    def close(self, code: int, reason: str) -> None:
        if self._transport is not None and not self._transport.is_close_frame_sent:
            self._told = True
            self._transport.send_close(code, reason.encode()[:123])  # type: ignore[arg-type]  # any number will do

    def read_on(self) -> None:
        if self._paused and self._protocol.queue.qsize() < MOST_UNREAD // 2:
            self._paused = False
            self._protocol.transport.resume_reading()

    # -- details ------------------------------------------------------------------------------------------------------
    def _piece(self, frame: WSFrame, kind: WSMsgType) -> None:
        if (kind == CONTINUATION) != bool(self._pieces):
            self._fail(PROTOCOL_ERROR)
            return
        if kind != CONTINUATION:
            self._pieces_are_text = kind == TEXT
            self._pieces_size = 0
        data = frame.get_payload_as_bytes()
        self._pieces_size += len(data)
        if self._pieces_size > self._protocol.config.ws_max_size:
            self._fail(TOO_BIG)
            return
        if not frame.fin:
            self._pieces.append(data or b"")
            return
        whole, self._pieces = b"".join([*self._pieces, data]), []
        self._message(whole, text=self._pieces_are_text)

    def _message(self, data: bytes, *, text: bool) -> None:
        protocol = self._protocol
        if protocol.close_sent:
            return
        if text:
            try:
                protocol.queue.put_nowait({"type": "websocket.receive", "text": data.decode()})
            except UnicodeDecodeError:
                self._fail(NOT_UTF8)
                return
        else:
            protocol.queue.put_nowait({"type": "websocket.receive", "bytes": data})
        if not self._paused and protocol.queue.qsize() >= MOST_UNREAD:
            self._paused = True
            protocol.transport.pause_reading()

    def _closed_by_peer(self, transport: WSTransport, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else NO_GOODBYE
        self._tell(code, payload[2:].decode("utf-8", "replace"))
        if not transport.is_close_frame_sent:
            transport.send_close(code if len(payload) > 1 else WSCloseCode.OK)  # type: ignore[arg-type]
        transport.disconnect()

    def _fail(self, code: int) -> None:
        self._tell(code, "")
        if self._transport is not None:
            self._protocol.close_sent = True
            self._transport.send_close(code)  # type: ignore[arg-type]
            self._transport.disconnect()

    def _tell(self, code: int, reason: str) -> None:
        """How it ended, once."""
        if not self._told:
            self._told = True
            self._protocol.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})

    def _give_up(self) -> None:
        logger.info("a browser took nothing for too long")
        if self._transport is not None:
            self._transport.disconnect(graceful=False)


class FrameDoor:
    """What the application is offered; see `calls.voice.door.Door`."""

    def __init__(self, protocol: SocketProtocol) -> None:
        self._protocol = protocol

    @property
    def send(self) -> Callable[[bytes], None]:
        """The line's own, so that a frame takes no step more than it must."""
        line = self._protocol._line
        if line is None:
            raise RuntimeError("a socket that was not accepted has no door")
        return line.send_text

    def take(self, at_once: Callable[[bytes], bool]) -> None:
        line = self._protocol._line
        if line is not None:
            line.at_once = at_once

    async def drained(self) -> None:
        """Written at once, always."""
