"""A websocket towards a vendor. What comes in is handed to callbacks on the event loop, frame by frame, at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import cast

from picows import WSCloseCode, WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from picows.common import WSInvalidStatusError

from integrations.errors import ProviderTimeout, ProviderUnavailable, from_status

MOST_FRAME_BYTES = 16 * 1024 * 1024
CONNECT_SECONDS = 10.0
# What may wait to be sent before audio is dropped instead: with base64 around it some ten seconds of it.
MOST_WAITING_BYTES = 512 * 1024
ABNORMAL = 1006  # gone without a goodbye
# Taken out of their enumeration once: looking a member up costs as much as parsing the frame.
TEXT, BINARY, CONTINUATION, CLOSE = WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION, WSMsgType.CLOSE


class Upstream(WSListener):
    """One connection, made by `connect`. `on_closed(code)` is called once, however it ends."""

    def __init__(
        self,
        *,
        on_text: Callable[[bytes], None],
        on_binary: Callable[[bytes], None],
        on_closed: Callable[[int], None],
    ) -> None:
        self._on_text = on_text
        self._on_binary = on_binary
        self._on_closed = on_closed
        self._transport: WSTransport | None = None
        self._parts: list[bytes] = []
        self._parts_type = TEXT
        self._code = ABNORMAL
        self._slow = False  # more waits to be sent than is worth sending
        self.dropped = 0  # audio frames that a slow vendor did not get

    # -- picows ---------------------------------------------------------------------------------------------------------
    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        # Asking how much waits, for every frame, costs as much as sending one: being told is free.
        transport.underlying_transport.set_write_buffer_limits(high=MOST_WAITING_BYTES)

    def pause_writing(self) -> None:
        self._slow = True

    def resume_writing(self) -> None:
        self._slow = False

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind == TEXT and frame.fin:
            self._on_text(frame.get_payload_as_bytes())
        elif kind in (TEXT, BINARY):
            if frame.fin:
                self._take(kind, frame.get_payload_as_bytes())
            else:
                self._parts_type = kind
                self._parts = [frame.get_payload_as_bytes()]
        elif kind == CONTINUATION:
            self._parts.append(frame.get_payload_as_bytes())
            if frame.fin:
                whole, self._parts = b"".join(self._parts), []
                self._take(self._parts_type, whole)
        elif kind == CLOSE:
            self._code = int(frame.get_close_code().value) if frame.payload_size >= 2 else 1005
            transport.send_close(frame.get_close_code() if frame.payload_size >= 2 else WSCloseCode.OK)
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        self._on_closed(self._code)

    def _take(self, kind: WSMsgType, payload: bytes) -> None:
        if kind == TEXT:
            self._on_text(payload)
        else:
            self._on_binary(payload)

    # -- for the session ------------------------------------------------------------------------------------------------
    @property
    def open(self) -> bool:
        return self._transport is not None

    def send_text(self, text: bytes) -> None:
        """Lost without a word when the connection is gone: `on_closed` tells of that."""
        if self._transport is not None:
            self._transport.send(TEXT, text)

    def send_audio(self, frame: bytes, kind: WSMsgType = TEXT) -> None:
        """Audio that a vendor takes too slowly is dropped: late audio is worth nothing, and memory is not endless."""
        transport = self._transport
        if transport is None:
            return
        if self._slow:
            self.dropped += 1
            return
        transport.send(kind, frame)

    def close(self) -> None:
        """Say goodbye and go; more than once is fine. `on_closed` comes after it."""
        if self._transport is not None:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()


async def connect(
    url: str,
    *,
    provider: str,
    on_text: Callable[[bytes], None],
    on_binary: Callable[[bytes], None],
    on_closed: Callable[[int], None],
    headers: Mapping[str, str] | None = None,
    seconds: float = CONNECT_SECONDS,
) -> Upstream:
    """Connect within `seconds`. Raises a `ProviderError`; its message does not repeat the address, which may be a key."""
    try:
        async with asyncio.timeout(seconds):
            _transport, listener = await ws_connect(
                lambda: Upstream(on_text=on_text, on_binary=on_binary, on_closed=on_closed),
                url,
                max_frame_size=MOST_FRAME_BYTES,
                extra_headers=dict(headers or {}),
                websocket_handshake_timeout=seconds,
                max_redirects=0,
                enable_auto_pong=True,
            )
    except TimeoutError:
        raise ProviderTimeout("the voice socket did not open in time", provider=provider) from None
    except WSInvalidStatusError as error:
        status = int(error.response.status) if error.response is not None else 502
        raise from_status(status, provider=provider) from None
    except (WSError, OSError, ValueError):
        raise ProviderUnavailable("the voice socket could not be opened", provider=provider) from None
    return cast("Upstream", listener)
