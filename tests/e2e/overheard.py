"""Everything that a browser is given during a call: bodies and frames, to look for what must not be among them."""

from __future__ import annotations

import base64
import contextlib
import json
from dataclasses import dataclass, field

from playwright.sync_api import Error, Page, Request, WebSocket

TEXT = ("text/", "application/json", "application/javascript", "application/problem")


@dataclass
class Overheard:
    """`bodies`: (address, text) of every answer. `frames`: (address, text) of every frame that came by a socket."""

    bodies: list[tuple[str, str]] = field(default_factory=list)
    frames: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def by(cls, page: Page) -> Overheard:
        heard = cls()
        page.on("requestfinished", heard._answered)
        page.on("websocket", heard._socket)
        return heard

    def _answered(self, request: Request) -> None:
        response = request.response()
        if response is None or not response.headers.get("content-type", "").startswith(TEXT):
            return
        with contextlib.suppress(Error):  # a redirect has no body
            self.bodies.append((request.url, response.text()))

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append((socket.url, str(frame))))

    def buyer_pcm(self) -> bytes:
        """The buyer's voice that came by the voice socket, laid end to end."""
        spoken = (json.loads(frame) for _url, frame in self.frames if '"audio_event"' in frame)
        return b"".join(base64.b64decode(frame["audio_event"]["audio_base_64"]) for frame in spoken)

    def places_of(self, secret: str) -> list[str]:
        """Addresses whose answers or frames contain this, in whatever way JSON or HTML may have written it."""
        ways = {secret, json.dumps(secret)[1:-1], secret.replace("'", "&#x27;").replace('"', "&quot;")}
        return [url for url, text in (*self.bodies, *self.frames) if any(way in text for way in ways)]
