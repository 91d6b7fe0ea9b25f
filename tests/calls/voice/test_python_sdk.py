"""The vendor's own Python client, as it is, holds a whole call against our socket.

It asks the vendor's address for a signed URL first, so a small server answers that one question with ours.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from elevenlabs import ElevenLabs
from elevenlabs.conversational_ai.conversation import AudioInterface, Conversation

from tests.calls.voice.conftest import Live

pytestmark = pytest.mark.slow


class Microphone(AudioInterface):
    """Speaks a fixed piece of audio and keeps what it is given to play."""

    def __init__(self) -> None:
        self.played = bytearray()
        self.heard_something = threading.Event()

    def start(self, input_callback: Callable[[bytes], None]) -> None:
        input_callback(bytes(8000))

    def stop(self) -> None:
        pass

    def output(self, audio: bytes) -> None:
        self.played += audio
        self.heard_something.set()

    def interrupt(self) -> None:
        pass


@pytest.fixture
def vendor(live: Live) -> Iterator[str]:
    """Answers `get-signed-url` with the address of our own socket."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"signed_url": live.voice_url()}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_the_python_client_holds_a_call(live: Live, vendor: str) -> None:
    said: list[str] = []
    heard: list[str] = []
    answered = threading.Semaphore(0)
    ended = threading.Event()
    microphone = Microphone()

    def on_response(text: str) -> None:
        said.append(text)
        answered.release()

    conversation = Conversation(
        ElevenLabs(api_key="not-a-key", base_url=vendor),
        agent_id="parley-embedded",
        requires_auth=True,
        audio_interface=microphone,
        callback_agent_response=on_response,
        callback_user_transcript=heard.append,
        callback_end_session=ended.set,
    )
    conversation.start_session()
    assert answered.acquire(timeout=60)
    for line in ("hello", "what do you do", "goodbye"):
        conversation.send_user_message(line)
        assert answered.acquire(timeout=60)
    assert ended.wait(60)
    assert conversation.wait_for_session_end()
    assert said == ["Hello?", "1: hello", "2: what do you do", "Goodbye."]
    assert heard == ["hello", "what do you do", "goodbye"]
    assert microphone.heard_something.is_set()
    row = live.read()
    assert (row.status, row.ended_by) == ("completed", "persona")
    assert bytes(live.provider.sessions[0].heard) == bytes(8000)


def test_the_python_client_hangs_up(live: Live, vendor: str) -> None:
    answered = threading.Event()
    conversation = Conversation(
        ElevenLabs(api_key="not-a-key", base_url=vendor),
        agent_id="parley-embedded",
        requires_auth=True,
        audio_interface=Microphone(),
        callback_agent_response=lambda _text: answered.set(),
    )
    conversation.start_session()
    assert answered.wait(60)
    conversation.end_session()
    conversation.wait_for_session_end()
    for _attempt in range(1200):
        if live.read().status == "completed":
            break
        threading.Event().wait(0.05)
    row = live.read()
    assert (row.status, row.ended_by, row.end_reason) == ("completed", "trainee", "hung_up")
