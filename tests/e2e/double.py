"""A stand-in for the server's side of a call, inside the browser: REST answers and both sockets, played by the test.

It speaks the frames of the ElevenLabs Agents protocol and the events of ours, so that everything a room must cope with
(a lost line, a second tab, a buyer who hangs up) can be made to happen at will.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from playwright.sync_api import Page, Route, WebSocketRoute

# Long enough that a slow machine sees the room while the buyer speaks: five seconds of 24 kHz, 16 bit.
BEEP = base64.b64encode(bytes(240_000)).decode()


# Every track that a page opens, so that a test can pull the plug; and a list of devices that it can change.
DEVICES = """
const opened = [];
const devices = navigator.mediaDevices;
const real = devices.getUserMedia.bind(devices), list = devices.enumerateDevices.bind(devices);
window.unplugged = false;
devices.getUserMedia = async constraints => {
  if (window.unplugged) throw new DOMException("gone", "NotFoundError");
  const stream = await real(constraints);
  opened.push(...stream.getTracks());
  return stream;
};
devices.enumerateDevices = async () => window.unplugged ? [] : list();
window.pullThePlug = () => {
  window.unplugged = true;
  for (const track of opened.splice(0)) { track.stop(); track.dispatchEvent(new Event("ended")); }
  devices.dispatchEvent(new Event("devicechange"));
};
window.plugIn = () => { window.unplugged = false; devices.dispatchEvent(new Event("devicechange")); };
"""


class CallDouble:
    """Play one call. `voice` and `events` are the sockets that are open now; `heard` are the frames of the browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.voice: WebSocketRoute | None = None
        self.events: WebSocketRoute | None = None
        self.voice_urls: list[str] = []
        self.event_urls: list[str] = []
        self.heard: list[dict[str, Any]] = []
        self.consents: list[dict[str, Any]] = []
        self.started_with: list[dict[str, Any]] = []
        self.log: list[dict[str, Any]] = []
        self.ended_with: list[dict[str, Any]] = []
        self.answers_sockets = True
        self.no_provider = False
        self.picks_up = True
        self.transport = "bridge"
        self.provider = self.answered_by = "embedded"
        self.filled: list[dict[str, Any]] = []
        self.quick: dict[str, Any] | None = {"overall": 72, "summary": "Good questions, late next step."}
        self.score: dict[str, Any] | None = None
        page.route(re.compile(r"/api/v1/calls/[^/]+/start/$"), self._start)
        page.route(re.compile(r"/api/v1/calls/[^/]+/end/$"), self._end)
        page.route(re.compile(r"/api/v1/calls/[^/]+/score/$"), self._score)
        page.route(re.compile(r"/api/v1/calls/[^/]+/transcript/$"), self._transcript)
        page.route(re.compile(r"/api/v1/calls/[^/]+/$"), self._call)
        page.route(re.compile(r"/api/v1/user/consents/$"), self._consent)
        page.route_web_socket(re.compile(r"/double/voice"), self._voice)
        page.route_web_socket(re.compile(r"/double/events"), self._events)

    # -- REST ---------------------------------------------------------------------------------------------------------
    def _start(self, route: Route) -> None:
        self.started_with.append(route.request.post_data_json or {})
        host = re.sub(r"^http", "ws", "/".join(route.request.url.split("/")[:3]))
        route.fulfill(
            json={
                "success": True,
                "provider": self.provider,
                "transport": self.transport,
                "agent_config": {"agent_id": "parley-embedded"},
                "signed_url": f"{host}/double/voice?token=t{len(self.started_with)}",
                "events_url": f"{host}/double/events?token=t",
            }
        )

    def _call(self, route: Route) -> None:
        route.fulfill(json={"provider": self.answered_by})

    def _transcript(self, route: Route) -> None:
        """Asked for: the turns that were announced. Posted to: what a client kept."""
        if route.request.method == "POST":
            self.filled.append(route.request.post_data_json or {})
            route.fulfill(json={"results": []})
            return
        route.fulfill(json={"turns": [event["data"]["turn"] for event in self.log if event["type"] == "turn:added"]})

    def _consent(self, route: Route) -> None:
        self.consents.append(route.request.post_data_json or {})
        route.fulfill(status=201, json={})

    def _end(self, route: Route) -> None:
        self.ended_with.append(route.request.post_data_json or {})
        route.fulfill(json={"success": True, "call_id": "x", "quick_score": self.quick})

    def _score(self, route: Route) -> None:
        if self.score is None:
            route.fulfill(status=202, json={"state": "pending"})
        else:
            route.fulfill(json=self.score)

    # -- sockets ------------------------------------------------------------------------------------------------------
    def _voice(self, socket: WebSocketRoute) -> None:
        self.voice_urls.append(socket.url)
        if not self.answers_sockets:
            socket.close(code=1011, reason="away")
            return
        if self.no_provider:
            error = {"code": 1011, "error_type": "http_exception", "message": "The voice service did not answer."}
            socket.send(json.dumps({"type": "error", "error_event": error}))
            socket.close(code=1011, reason="provider_unavailable")
            return
        self.voice = socket
        socket.on_message(self._heard)
        if self.picks_up:
            self.pick_up()

    def pick_up(self) -> None:
        """The voice service has answered."""
        self.say(
            {
                "type": "conversation_initiation_metadata",
                "conversation_initiation_metadata_event": {
                    "conversation_id": "conv_double",
                    "agent_output_audio_format": "pcm_24000",
                    "user_input_audio_format": "pcm_16000",
                },
            }
        )

    def _heard(self, message: str | bytes) -> None:
        self.heard.append(json.loads(message))

    def _events(self, socket: WebSocketRoute) -> None:
        self.event_urls.append(socket.url)
        self.events = socket
        after = int(re.search(r"after=(\d+)", socket.url)[1])  # type: ignore[index]
        for event in self.log:
            if event["seq"] > after:
                socket.send(json.dumps(event))

    # -- what the test makes happen -----------------------------------------------------------------------------------
    def say(self, frame: dict[str, Any]) -> None:
        assert self.voice is not None
        self.voice.send(json.dumps(frame))

    def tell(self, type: str, data: dict[str, Any], *, live: bool = True) -> None:
        """An event of the call's log; not `live`: it happened while nobody listened."""
        event = {"type": type, "call_id": "x", "seq": len(self.log) + 1, "at": "2026-01-01T00:00:00Z", "data": data}
        self.log.append(event)
        if live and self.events is not None:
            self.events.send(json.dumps(event))

    def presence(self, observers: list[dict[str, str]]) -> None:
        """Who listens in now. Not in the log, so it has no number."""
        assert self.events is not None
        data = {"observers": observers}
        self.events.send(json.dumps({"type": "presence", "call_id": "x", "seq": 0, "at": "", "data": data}))

    def turn(self, seq: int, role: str, content: str, *, live: bool = True, interrupted: bool = False) -> None:
        turn = {
            "id": f"turn-{seq}",
            "seq": seq,
            "role": role,
            "content": content,
            "timestamp_ms": seq * 1000,
            "interrupted": interrupted,
        }
        self.tell("turn:added", {"turn": turn}, live=live)

    def buyer_audio(self, event_id: int) -> None:
        self.say({"type": "audio", "audio_event": {"audio_base_64": BEEP, "event_id": event_id}})

    def tentative(self, text: str) -> None:
        self.say(
            {
                "type": "tentative_user_transcript",
                "tentative_user_transcription_event": {"user_transcript": text, "event_id": 9},
            }
        )

    def hang_up(self, code: int, reason: str = "") -> None:
        assert self.voice is not None
        self.voice.close(code=code, reason=reason)

    # -- what the test asks -------------------------------------------------------------------------------------------
    def texts(self) -> list[str]:
        """What was typed to the buyer."""
        return [frame["text"] for frame in self.heard if frame.get("type") == "user_message"]

    def audio(self) -> list[bytes]:
        """The microphone's audio so far."""
        return [base64.b64decode(frame["user_audio_chunk"]) for frame in self.heard if "user_audio_chunk" in frame]
