"""The paths of older tools, transcripts as files, and events as a stream."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from calls import streams
from tests.cast import Cast
from tests.factories import make_call, make_persona_version, make_scenario_version, make_turns

ORG = "/org/acme"


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_call_starts_as_older_clients_ask_for_it(in_acme: Cast, ada_client: Client, slash: str) -> None:
    make_scenario_version()
    persona = make_persona_version()
    answer = ada_client.post(
        f"{ORG}/api/calls/start{slash}",
        {"personaId": str(persona.persona_id), "mode": "cold_call"},
        content_type="application/json",
    )
    told = answer.json()
    assert told["success"]
    assert told["agentConfig"]["overrides"]["agent"] == {
        "prompt": {"prompt": ""},
        "firstMessage": "Marta speaking.",
        "language": "en",
    }
    assert told["signedUrl"].startswith("ws://testserver/org/acme/ws/voice/")
    again = ada_client.post(
        f"{ORG}/api/calls/start{slash}", {"callId": told["callId"]}, content_type="application/json"
    )
    assert again.json()["callId"] == told["callId"]


def test_a_start_without_anything_to_start_is_a_400(in_acme: Cast, ada_client: Client) -> None:
    answer = ada_client.post(f"{ORG}/api/calls/start", {"mode": "cold_call"}, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == "callId"


def test_older_paths_answer_like_the_new_ones(in_acme: Cast, ada_client: Client) -> None:
    call = make_call(trainee=in_acme.ada)
    for old, new in (
        (f"calls/{call.pk}", f"calls/{call.pk}/"),
        (f"calls/{call.pk}/score", f"calls/{call.pk}/score/"),
        ("user/profile", "user/profile/"),
        ("personas", "personas/"),
    ):
        assert ada_client.get(f"{ORG}/api/{old}").json() == ada_client.get(f"{ORG}/api/v1/{new}").json()


def test_the_spanish_pages_lead_to_the_same_places(in_acme: Cast, ada_client: Client) -> None:
    call = make_call(trainee=in_acme.ada, status="pending")
    assert ada_client.get(f"{ORG}/configuracion")["Location"] == f"{ORG}/practice/"  # not allowed here
    assert ada_client.get(f"{ORG}/simulacion/{call.pk}").status_code == 200


class TestTranscriptFiles:
    @pytest.fixture
    def files(self, in_acme: Cast, ada_client: Client) -> dict[str, str]:
        call = make_call(trainee=in_acme.ada)
        turns = make_turns(call)
        turns[1].content = "Costs < 5 & rising -->\n\nyes"
        turns[1].save()
        answer: dict[str, str] = ada_client.get(f"{ORG}/api/v1/calls/{call.pk}/transcript/").json()["files"]
        return answer

    def test_plain_text_names_who_said_what_and_when(self, files: dict[str, str]) -> None:
        text = Client().get(files["txt"]).content.decode()
        assert "[0:00] Marta Ruiz: Marta speaking." in text
        assert "[0:02] Ada: Costs" in text

    def test_webvtt_is_escaped(self, files: dict[str, str]) -> None:
        text = Client().get(files["vtt"]).content.decode()
        assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n<v Marta Ruiz>Marta speaking.\n")
        assert "<v Ada>Costs &lt; 5 &amp; rising --&gt; yes" in text

    def test_json_is_the_turns(self, files: dict[str, str]) -> None:
        assert len(json.loads(Client().get(files["json"]).content)["turns"]) == 7

    def test_another_format_or_a_forged_link_finds_nothing(self, files: dict[str, str]) -> None:
        assert Client().get(files["txt"].replace(".txt?", ".exe?")).status_code == 404
        assert Client().get(files["txt"][:-3]).status_code == 404


async def test_the_stream_resumes_and_ends_with_the_debrief(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [{"seq": seq, "type": type} for seq, type in ((1, "call:started"), (2, "call:ended"), (3, "feedback:ready"))]

    async def missed(_schema: str, _call_id: Any, after: int) -> list[dict[str, Any]]:
        return [event for event in told if event["seq"] > after][:1]

    monkeypatch.setattr(streams, "missed", missed)
    monkeypatch.setattr("tenants.api.streams.LOOK_SECONDS", 0)
    heard = [piece async for piece in streams.stream("org_acme", "id", 1)]  # type: ignore[arg-type]
    assert [piece.split(b"\n")[0] for piece in heard] == [b"id: 2", b"id: 3"]
    assert heard[-1].split(b"\n")[1] == b"event: feedback:ready"
