"""kill -9 of any process in the middle of a call: no turn that was announced is lost, and the call ends scored.

The whole product runs as `make run` starts it; the call is held over REST and the voice socket, by text.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.runtime.stack import Stack, open_folder

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

LINES = (
    "Hi, this is Ada from Acme. I know I am calling out of the blue, may I have half a minute?",
    "How do you handle that today, and what happens when it goes wrong?",
    "What would it be worth to you if that happened half as often?",
    "Could we look at it together on Tuesday at ten?",
)
PATIENCE = 90.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with open_folder() as var, Stack.started(var) as stack:
        yield stack


class Trainee:
    """Speaks to the product as any client may, and notes every turn that was announced."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.token = ""
        self.token = self.ask("POST", "auth/token/", {"email": "trainee@acme.test", "password": "parley-demo"})["token"]
        scenario = self.ask("GET", "scenarios/?language=en")["results"][0]
        call = self.ask("POST", "calls/", {"scenario_id": scenario["id"], "channel": "text"})
        self.call_id = call["id"]
        self.url = self.ask("POST", f"calls/{self.call_id}/start/")["signed_url"]
        self.announced: list[str] = []
        self.socket = self.open()

    def ask(self, method: str, path: str, body: Any = None, *, seconds: float = PATIENCE) -> Any:
        """One request; again while the server, or what is behind it, is away."""
        request = urllib.request.Request(
            f"{self.stack.url}/org/acme/api/v1/{path}",
            method=method,
            data=json.dumps(body if body is not None else {}).encode() if method == "POST" else None,
            headers={"Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {self.token}"} if self.token else {}),
        )

        def once() -> Any:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer) | {"_status": answer.status}

        return patiently(once, seconds=seconds)

    def open(self) -> ClientConnection:
        socket = patiently(lambda: connect(self.url, open_timeout=30))
        socket.send(json.dumps({"type": "conversation_initiation_client_data"}))
        first = json.loads(socket.recv(timeout=60))
        assert first["type"] == "conversation_initiation_metadata"
        return socket

    def listen(self, type: str) -> str:
        """Until a frame of that type; every turn told on the way is noted. A dropped socket is opened again."""
        key = {"agent_response": "agent_response_event", "user_transcript": "user_transcription_event"}
        text = {"agent_response": "agent_response", "user_transcript": "user_transcript"}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            frame = json.loads(self.socket.recv(timeout=PATIENCE))
            if frame["type"] in key:
                said = frame[key[frame["type"]]][text[frame["type"]]]
                self.announced.append(said)
                if frame["type"] == type:
                    return str(said)
        raise AssertionError(f"no {type} came")

    def say(self, line: str) -> str:
        self.socket.send(json.dumps({"type": "user_message", "text": line}))
        return self.listen("agent_response")

    def come_back(self) -> None:
        """As the page does when its socket is gone: the same address again."""
        try:
            while True:
                self.socket.recv(timeout=20)
        except (ConnectionClosed, TimeoutError):
            self.socket = self.open()

    def score(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer = self.ask("GET", f"calls/{self.call_id}/score/")
            if answer["_status"] == 200:
                return dict(answer)
            time.sleep(0.5)
        raise AssertionError("the call was not scored")


def patiently(once: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    until = time.monotonic() + seconds
    while True:
        try:
            return once()
        except (urllib.error.HTTPError, InvalidStatus) as error:
            status = error.code if isinstance(error, urllib.error.HTTPError) else error.response.status_code
            if status < 500 or time.monotonic() > until:
                raise
        except (OSError, ConnectionClosed, TimeoutError, EOFError):
            if time.monotonic() > until:
                raise
        time.sleep(0.3)


@pytest.mark.parametrize("victim", ["web", "quick", "worker", "valkey", "postgres"])
def test_a_call_survives_kill_9(stack: Stack, victim: str) -> None:
    trainee = Trainee(stack)
    trainee.listen("agent_response")
    trainee.say(LINES[0])
    old = stack.kill(victim)
    if victim == "web":
        trainee.come_back()
    for line in LINES[1:]:
        trainee.say(line)
    stack.wait_restarted(victim, old)
    ended = trainee.ask("POST", f"calls/{trainee.call_id}/end/")
    assert ended["success"]

    kept = [turn["content"] for turn in trainee.ask("GET", f"calls/{trainee.call_id}/transcript/")["turns"]]
    assert [said for said in trainee.announced if said not in kept] == []
    score = trainee.score()
    assert 0 <= score["overall_score"] <= 100
    call = trainee.ask("GET", f"calls/{trainee.call_id}/")
    assert call["status"] == "completed"


def test_a_call_whose_browser_and_server_die_together_is_swept_and_scored(stack: Stack) -> None:
    trainee = Trainee(stack)
    trainee.listen("agent_response")
    for line in LINES[:3]:
        trainee.say(line)
    trainee.socket.socket.close()
    stack.kill("web")
    score = trainee.score()
    assert score["call_id"] == trainee.call_id
    call = trainee.ask("GET", f"calls/{trainee.call_id}/")
    assert (call["status"], call["ended_by"], call["end_reason"]) == ("completed", "system", "connection_lost")
