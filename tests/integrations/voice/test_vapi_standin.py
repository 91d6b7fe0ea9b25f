"""The stand-in is what it stands in for: the vendor's own client makes calls with it and reads what it sends.

The client is imported where it is used: it costs ten seconds of processor time, and only who runs these tests should pay.
Webhooks are read with its classes for their kinds; its class for any kind would cost another fifteen.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
import websockets

from integrations.errors import ProviderRefused
from integrations.voice.vapi import VapiProvider, verifying
from integrations.voice.vapi.api import VapiApi
from integrations.voice.vapi.assistant import LIVE_MESSAGES, SERVER_MESSAGES
from integrations.voice.vapi.inbound import VENDOR
from integrations.voice.vapi.records import of_report
from tests.integrations.voice.test_vapi_inbound import body as raw_body
from tests.integrations.voice.vapi_calls import VARIABLES, keys_for
from tests.integrations.voice.virtual import FakeSpeech
from tests.standins.agent import Script
from tests.standins.vapi import Vapi
from tests.standins.vapi_phone import PHONE_NUMBER_ID

AUDIO = {"format": "pcm_s16le", "container": "raw", "sampleRate": 16000}
TRANSPORT = {"provider": "vapi.websocket", "audioFormat": AUDIO}
ASSISTANT = {
    "name": "Dana",
    "firstMessage": "Hello, Dana here.",
    "model": {"provider": "openai", "model": "gpt-4.1-mini", "messages": [{"role": "system", "content": "A buyer."}]},
    "serverMessages": [*SERVER_MESSAGES, *LIVE_MESSAGES],
    "metadata": VARIABLES,
}
PHONE = {"assistant": ASSISTANT, "phone_number_id": PHONE_NUMBER_ID, "customer": {"number": "+14155550142"}}


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vapi]:
    monkeypatch.setattr("tests.integrations.voice.virtual.MS_PER_CHARACTER", 25)
    stand_in = Vapi(speech=FakeSpeech())
    stand_in.script = Script(lines=("We use spreadsheets.", "What does it cost?"))
    with stand_in.serving():
        yield stand_in


def client_of(vendor: Vapi, *, key: str = "") -> Any:
    from vapi import Vapi as Client

    return Client(token=key or vendor.key, base_url=vendor.base_url)


@pytest.fixture
def client(vendor: Vapi) -> Any:
    return client_of(vendor)


@contextmanager
def refused_with(status: int) -> Iterator[None]:
    from vapi.core.api_error import ApiError

    with pytest.raises(ApiError) as refused:
        yield
    assert refused.value.status_code == status
    assert refused.value.body["statusCode"] == status


@pytest.fixture
def posted(vendor: Vapi) -> Iterator[list[tuple[dict[str, str], bytes]]]:
    """Where the vendor's webhooks go: headers and bodies as they came."""
    came: list[tuple[dict[str, str], bytes]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    Thread(target=server.serve_forever, daemon=True).start()
    vendor.webhook_url = f"http://127.0.0.1:{server.server_address[1]}/"
    yield came
    server.shutdown()
    server.server_close()


def until(what: Callable[[], Any]) -> Any:
    for _ in range(1200):
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def kinds(posted: list[tuple[dict[str, str], bytes]]) -> list[str]:
    messages = [json.loads(raw)["message"] for _headers, raw in posted]
    return [f"{message['type']}:{message.get('status', '')}".rstrip(":") for message in messages]


def test_a_call_by_the_vendors_client(vendor: Vapi, client: Any) -> None:
    call: Any = client.calls.create(assistant=ASSISTANT, transport=TRANSPORT)
    assert (call.type, call.status) == ("vapi.websocketCall", "queued")
    assert call.transport.websocketCallUrl.startswith("ws://127.0.0.1:")
    assert call.monitor.control_url.endswith(f"/{call.id}/control")

    async def converse() -> tuple[list[dict[str, Any]], int]:
        told: list[dict[str, Any]] = []
        sound = 0
        async with websockets.connect(call.transport.websocketCallUrl) as socket:
            async for frame in socket:
                if isinstance(frame, bytes):
                    sound += len(frame)
                    continue
                told.append(json.loads(frame))
                if told[-1].get("type") == "speech-update" and told[-1]["status"] == "stopped":
                    await socket.send(json.dumps({"type": "end-call"}))
        return told, sound

    told, sound = asyncio.run(converse())
    assert sound > 5000
    assert told[-1]["type"] == "status-update"
    assert (told[-1]["status"], told[-1]["endedReason"]) == ("ended", "manually-canceled")
    assert "Hello, Dana here." in [message.get("transcript") for message in told]
    ended: Any = until(lambda: (found := client.calls.get(call.id)).artifact and found)
    assert ended.status == "ended"
    assert [message.message for message in ended.artifact.messages if message.role == "bot"] == ["Hello, Dana here."]
    assert call.id in [listed.id for listed in client.calls.list(limit=5)]


def read(raw: bytes) -> Any:
    """A webhook as the vendor's client reads it."""
    from vapi.types.server_message_conversation_update import ServerMessageConversationUpdate
    from vapi.types.server_message_end_of_call_report import ServerMessageEndOfCallReport
    from vapi.types.server_message_speech_update import ServerMessageSpeechUpdate
    from vapi.types.server_message_status_update import ServerMessageStatusUpdate
    from vapi.types.server_message_transcript import ServerMessageTranscript

    message = json.loads(raw)["message"]
    kinds: dict[str, Any] = {
        "status-update": ServerMessageStatusUpdate,
        "end-of-call-report": ServerMessageEndOfCallReport,
        "transcript": ServerMessageTranscript,
        "speech-update": ServerMessageSpeechUpdate,
        "conversation-update": ServerMessageConversationUpdate,
    }
    return kinds[message["type"]].model_validate(message)


def test_a_telephone_call_and_its_webhooks(vendor: Vapi, client: Any, posted: Any) -> None:
    call: Any = client.calls.create(**PHONE)
    assert call.type == "outboundPhoneCall"
    until(lambda: "end-of-call-report" in kinds(posted))
    told = kinds(posted)
    assert [kind for kind in told if kind.startswith(("status", "end-of"))] == [
        "status-update:ringing",
        "status-update:in-progress",
        "status-update:ended",
        "end-of-call-report",
    ]
    assert {"transcript", "speech-update:started", "speech-update:stopped", "conversation-update"} <= set(told)
    for headers, raw in posted:
        message = read(raw)
        assert message.call.id == call.id
        verifying.verify(headers, raw_body(raw), keys_for(vendor))
    record = of_report(json.loads(posted[-1][1])["message"])
    assert record == VapiProvider().fetch_record(call.id, keys=keys_for(vendor))
    assert [turn.role for turn in record.turns] == ["assistant", "user", "assistant", "user", "assistant"]
    assert (record.status, record.ended_by, record.variables) == ("done", "trainee", VARIABLES)
    assert record.has_audio
    slim = VENDOR.parse({}, raw_body(posted[-1][1]))
    assert of_report(slim.payload).turns == record.turns


def test_a_recording_is_private(vendor: Vapi, client: Any) -> None:
    call: Any = client.calls.create(**PHONE)
    ended: Any = until(lambda: (found := client.calls.get(call.id)).artifact and found)
    assert httpx.get(ended.artifact.recording_url).status_code == 403
    assert httpx.get(f"{vendor.base_url}/call/{call.id}/stereo-recording").status_code == 401
    headers = {"Authorization": f"Bearer {vendor.key}"}
    asked_for = f"{vendor.base_url}/call/{call.id}/mono-recording"
    assert httpx.get(asked_for, headers=headers).status_code == 302
    assert httpx.get(asked_for, headers=headers, follow_redirects=True).content.startswith(b"RIFF")
    audio = VapiProvider().fetch_recording(call.id, keys=keys_for(vendor))
    assert audio is not None
    assert audio.content_type == "audio/wav"
    assert b"".join(audio.chunks).startswith(b"RIFF")
    # The link alone opens it: our key is not shown to who keeps the files.
    [asked] = vendor.requests("/storage/")[-1:]
    assert "authorization" not in asked.headers


def test_a_recording_that_is_not_there(vendor: Vapi, client: Any) -> None:
    assistant = {**ASSISTANT, "artifactPlan": {"recordingEnabled": False}}
    call: Any = client.calls.create(**(PHONE | {"assistant": assistant}))
    until(lambda: client.calls.get(call.id).artifact)
    assert VapiProvider().fetch_recording(call.id, keys=keys_for(vendor)) is None
    assert VapiProvider().fetch_record("nobody", keys=keys_for(vendor)) is None


@pytest.mark.parametrize(
    ("reason", "status"), [("customer-did-not-answer", "failed"), ("call.start.error-get-transport", "failed")]
)
def test_a_telephone_that_nobody_answers(vendor: Vapi, client: Any, posted: Any, reason: str, status: str) -> None:
    vendor.phone_answers = reason
    call: Any = client.calls.create(**PHONE)
    until(lambda: "end-of-call-report" in kinds(posted))
    record = VapiProvider().fetch_record(call.id, keys=keys_for(vendor))
    assert record is not None
    assert (record.status, record.turns, record.end_reason) == (status, (), reason)


@pytest.mark.parametrize(
    "changes",
    [
        {"transport": TRANSPORT},  # never together with a telephone
        {"customer": {"number": "555"}},
        {"phone_number_id": "unknown"},
        {"assistant": {**ASSISTANT, "maxDurationSeconds": 5}},
        {"assistant": {**ASSISTANT, "name": "x" * 41}},
    ],
)
def test_what_the_vendor_refuses(client: Any, changes: dict[str, Any]) -> None:
    with refused_with(400):
        client.calls.create(**(PHONE | changes))


def test_the_wrong_key(vendor: Vapi) -> None:
    with refused_with(401):
        client_of(vendor, key="wrong").calls.list()
    with pytest.raises(ProviderRefused):
        VapiProvider().check(replace(keys_for(vendor), api_key="wrong"))
    VapiProvider().check(keys_for(vendor))


def test_control_of_a_live_call(vendor: Vapi, client: Any, posted: Any) -> None:
    vendor.phone_hangs_up = False
    assistant = {**ASSISTANT, "monitorPlan": {"controlEnabled": True, "controlAuthenticationEnabled": True}}
    call: Any = client.calls.create(**(PHONE | {"assistant": assistant}))
    until(lambda: "status-update:in-progress" in kinds(posted))
    assert httpx.post(call.monitor.control_url, json={"type": "end-call"}).status_code == 401
    VapiApi(keys_for(vendor, public_key=vendor.public_key)).control(call.monitor.control_url, {"type": "end-call"})
    until(lambda: client.calls.get(call.id).ended_reason == "manually-canceled")


@pytest.mark.parametrize(("fault", "times"), [("lost_webhook", 1), ("duplicate_webhook", 1), ("reordered_webhook", 1)])
def test_webhooks_that_go_astray(vendor: Vapi, client: Any, posted: Any, fault: str, times: int) -> None:
    vendor.misbehave(fault, times)
    client.calls.create(**PHONE)
    until(lambda: "end-of-call-report" in kinds(posted))
    came = kinds(posted)
    if fault == "lost_webhook":
        assert came[0] == "status-update:in-progress"
    elif fault == "duplicate_webhook":
        assert came[:2] == ["status-update:ringing"] * 2
    else:
        assert came[:2] == ["status-update:in-progress", "status-update:ringing"]
