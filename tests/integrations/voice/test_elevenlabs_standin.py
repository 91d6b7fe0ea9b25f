"""The stand-in is what it stands in for: the vendor's own client holds calls with it and reads its records."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from elevenlabs import ElevenLabs as Client
from elevenlabs.conversational_ai.conversation import (
    AudioInterface,
    ClientTools,
    Conversation,
    ConversationInitiationData,
    DisconnectionDetails,
)
from elevenlabs.core.api_error import ApiError

from tests.integrations.voice.typescript import FROM_VENDOR, check
from tests.integrations.voice.virtual import FakeSpeech
from tests.standins.agent import Script
from tests.standins.elevenlabs import ElevenLabs


@pytest.fixture
def vendor() -> Iterator[ElevenLabs]:
    stand_in = ElevenLabs(speech=FakeSpeech())
    stand_in.script = Script(lines=("We use spreadsheets.", "What does it cost?"))
    with stand_in.serving():
        yield stand_in


class Microphone(AudioInterface):
    """Sends what it is given in real time, silence in between, and keeps what it has to play."""

    def __init__(self) -> None:
        self.played = bytearray()
        self.interrupted = threading.Event()
        self._queue = bytearray()
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    def start(self, input_callback: Callable[[bytes], None]) -> None:
        def run() -> None:
            while not self._stopped.wait(0.05):
                with self._lock:
                    chunk = bytes(self._queue[:1600])
                    del self._queue[:1600]
                input_callback(chunk.ljust(1600, b"\0"))

        threading.Thread(target=run, daemon=True).start()

    def say(self, pcm: bytes) -> None:
        with self._lock:
            self._queue += pcm

    def stop(self) -> None:
        self._stopped.set()

    def output(self, audio: bytes) -> None:
        self.played += audio

    def interrupt(self) -> None:
        self.interrupted.set()


class Talking:
    """A call by the vendor's Python client."""

    def __init__(self, vendor: ElevenLabs, *, voice: bool, config: dict[str, Any] | None = None) -> None:
        self.said: list[str] = []
        self.heard: list[str] = []
        self.corrected: list[tuple[str, str]] = []
        self.over: list[DisconnectionDetails] = []
        self.microphone = Microphone()
        tools = ClientTools()
        tools.register("lookup_knowledge", lambda asked: f"found {asked['query']}")
        self.conversation = Conversation(
            Client(api_key=vendor.key, base_url=vendor.base_url),
            agent_id="agent_demo",
            requires_auth=True,
            audio_interface=self.microphone if voice else None,
            config=ConversationInitiationData(
                conversation_config_override=config or {}, dynamic_variables={"parley_call_id": "c1"}
            ),
            client_tools=tools,
            callback_agent_response=self.said.append,
            callback_user_transcript=self.heard.append,
            callback_agent_response_correction=lambda old, new: self.corrected.append((old, new)),
            callback_disconnect=self.over.append,
        )
        self.conversation.start_session()

    def until(self, what: Callable[[], Any]) -> None:
        for _ in range(1200):
            if what():
                return
            time.sleep(0.05)
        raise AssertionError(f"said {self.said}, heard {self.heard}, over {self.over}")


def test_a_text_conversation(vendor: ElevenLabs) -> None:
    talk = Talking(vendor, voice=False)
    talk.until(lambda: talk.said == ["Hello?"])
    talk.conversation.send_user_message("Hi, Sam here.")
    talk.until(lambda: talk.said[1:] == ["We use spreadsheets."])
    talk.conversation.send_user_message("look up refund policy")
    talk.until(lambda: talk.said[2:] == ["found refund policy"])
    talk.conversation.send_user_message("goodbye")
    talk.until(lambda: talk.over)
    assert talk.over[0].reason == "agent"
    assert talk.heard == ["Hi, Sam here.", "look up refund policy", "goodbye"]
    assert not talk.microphone.played


def test_a_spoken_conversation_with_an_interruption(vendor: ElevenLabs, tmp_path: Path) -> None:
    speech: Any = vendor.speech
    long = "We tried three of those last year and none of them stuck with my team. Nor did what we made ourselves after that."
    vendor.script = Script(lines=(long, "Ask."))
    talk = Talking(vendor, voice=True)
    talk.until(lambda: talk.microphone.played)
    time.sleep(0.5)
    talk.microphone.say(speech.voice("How do you train new reps today?", 1200))
    talk.until(lambda: len(talk.said) == 2)
    assert talk.heard == ["How do you train new reps today?"]
    time.sleep(1)
    talk.microphone.say(speech.voice("Sorry, one quick question please.", 1200))
    talk.until(lambda: talk.corrected and len(talk.said) == 3)
    assert talk.microphone.interrupted.is_set()
    assert talk.corrected[0][0] == talk.said[1]
    assert talk.said[1].startswith(talk.corrected[0][1])
    talk.conversation.end_session()
    conversation_id = talk.conversation.wait_for_session_end()
    record = _done(vendor, conversation_id or "")
    assert [line.role for line in record.transcript] == ["agent", "user", "agent", "user", "agent"]
    assert record.transcript[2].interrupted
    assert record.transcript[2].original_message == talk.said[1]
    assert record.conversation_initiation_client_data.dynamic_variables["parley_call_id"] == "c1"
    sound = b"".join(_client(vendor).conversational_ai.conversations.audio.get(conversation_id or ""))
    assert sound[:2] == b"\xff\xfb" or sound[:3] == b"ID3"
    frames = next(iter(vendor.talks.values())).sent
    assert {"vad_score", "audio", "interruption", "agent_response_correction"} <= {frame["type"] for frame in frames}
    assert check(frames, interfaces=FROM_VENDOR, folder=tmp_path) == ""


def test_a_frame_that_is_none_of_theirs_is_noticed(tmp_path: Path) -> None:
    wrong = [{"type": "ping", "ping_event": {"event_id": "1"}}]
    assert "string" in check(wrong, interfaces=FROM_VENDOR, folder=tmp_path)


def test_a_signed_url_with_a_conversation_is_good_for_one_call(vendor: ElevenLabs) -> None:
    import websockets.sync.client as sockets

    url = _client(vendor).conversational_ai.conversations.get_signed_url(
        agent_id="agent_demo", include_conversation_id=True
    )
    with sockets.connect(url.signed_url, subprotocols=["convai"]) as socket:  # type: ignore[list-item]
        socket.send('{"type":"conversation_initiation_client_data"}')
        assert json.loads(socket.recv())["type"] == "conversation_initiation_metadata"
        assert socket.subprotocol == "convai"
    with pytest.raises(Exception, match="403"):
        sockets.connect(url.signed_url)


@pytest.mark.parametrize(("fault", "status"), [("refuse_401", 401), ("limit_429", 429), ("broken_500", 500)])
def test_refusals_look_like_the_vendors(vendor: ElevenLabs, fault: str, status: int) -> None:
    asked = httpx.post(f"{vendor.base_url}/__standin__/misbehave", json={"fault": fault})
    assert asked.json()["misbehaviours"][0]["fault"] == fault
    with pytest.raises(ApiError) as refused:
        _client(vendor).conversational_ai.conversations.get_signed_url(
            agent_id="agent_demo", request_options={"max_retries": 0}
        )
    assert refused.value.status_code == status
    assert set(refused.value.body["detail"]) == {"status", "message"}
    _client(vendor).conversational_ai.conversations.get_signed_url(agent_id="agent_demo")


def test_an_override_that_the_agent_does_not_allow(vendor: ElevenLabs) -> None:
    talk = Talking(vendor, voice=True, config={"tts": {"speed": 1.2}})
    talk.until(lambda: talk.over)
    assert (talk.over[0].reason, talk.over[0].close_code) == ("error", 1008)
    assert next(iter(vendor.talks.values())).sent[0]["error_event"]["error_type"] == "override_error"


def test_a_cut_line_says_no_goodbye(vendor: ElevenLabs) -> None:
    talk = Talking(vendor, voice=False)
    talk.until(lambda: talk.said)
    vendor.misbehave("drop_mid_word")
    talk.conversation.send_user_message("Hi")
    talk.until(lambda: talk.over)
    assert (talk.over[0].reason, talk.over[0].close_code) == ("error", 1006)


class Inbox:
    """Where webhooks arrive."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = b""
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                else:
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.got.append((dict(self.headers), body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    made = Inbox()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_webhooks_are_signed_as_the_vendors_client_checks_it(vendor: ElevenLabs, inbox: Inbox) -> None:
    vendor.webhook_url = inbox.url
    talk = Talking(vendor, voice=True)
    talk.until(lambda: len(talk.microphone.played) > 1000)
    talk.conversation.end_session()
    talk.until(lambda: len(inbox.got) == 2)
    kinds = []
    for headers, body in inbox.got:
        event = _client(vendor).webhooks.construct_event(
            body.decode(), headers["ElevenLabs-Signature"], vendor.webhook_secret
        )
        kinds.append(event["type"])
    assert kinds == ["post_call_transcription", "post_call_audio"]
    assert "content-length" not in {name.lower() for name in inbox.got[1][0]}


def test_webhooks_can_be_lost_doubled_and_reordered(vendor: ElevenLabs, inbox: Inbox) -> None:
    vendor.webhook_url = inbox.url
    vendor.misbehave("lost_webhook")
    vendor.run(vendor.fail_initiation())
    assert inbox.got == []
    vendor.misbehave("duplicate_webhook")
    vendor.run(vendor.fail_initiation())
    assert inbox.got[0][1] == inbox.got[1][1]
    vendor.misbehave("reordered_webhook")
    first = vendor.run(vendor.fail_initiation("busy"))
    second = vendor.run(vendor.fail_initiation("unknown"))
    assert [json.loads(body)["data"]["conversation_id"] for _, body in inbox.got[2:]] == [second, first]


def test_conversations_are_listed_page_by_page(vendor: ElevenLabs) -> None:
    for _ in range(3):
        talk = Talking(vendor, voice=False)
        talk.until(lambda talk=talk: talk.said)
        talk.conversation.end_session()
        talk.conversation.wait_for_session_end()
    client = _client(vendor).conversational_ai.conversations
    first = client.list(page_size=2)
    assert (len(first.conversations), first.has_more) == (2, True)
    assert first.next_cursor
    assert len(client.list(page_size=2, cursor=first.next_cursor).conversations) == 1


def _client(vendor: ElevenLabs) -> Client:
    return Client(api_key=vendor.key, base_url=vendor.base_url)


def _done(vendor: ElevenLabs, conversation_id: str) -> Any:
    for _ in range(1200):
        record = _client(vendor).conversational_ai.conversations.get(conversation_id)
        if record.status == "done":
            return record
        time.sleep(0.05)
    raise AssertionError("never done")
