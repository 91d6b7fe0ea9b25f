"""A call turn by turn, over REST: what is heard, answered, written, taped and refused."""

from __future__ import annotations

import base64
import io
import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import av
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from calls import speak, spoken, sweeps
from calls.models import Call, CallEvent
from integrations import openai_sdk, resilience
from integrations.models import Budget, ModelCall
from integrations.speech.base import Transcript
from tests.cast import Cast, in_acme_again
from tests.factories import make_call
from tests.integrations.openai.conftest import quick_voice
from tests.standins.openai import OpenAI
from tests.standins.openai_wire import Failed, Said, wav

ASKED = "How many people are in your team?"
VOICE = np.random.default_rng(7).integers(-9000, 9000, 16000).astype("<i2").tobytes()
SILENCE = bytes(32000)


class OurEars:
    def transcribe(self, pcm: bytes, *, rate: int, language: str) -> Transcript:
        return Transcript(ASKED, 0.8, 12)


class OurVoice:
    rate = 24000

    def stream(self, text: str, *, voice_id: str, language: str) -> Iterator[bytes]:
        yield from quick_voice(text, voice_id)


class Engine:
    tts = OurVoice()


@pytest.fixture(autouse=True)
def quick_models(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    """Anything that is not silence is speech."""
    monkeypatch.setattr(spoken, "contains_speech", lambda pcm: bool(np.frombuffer(pcm, "<i2").any()))
    monkeypatch.setattr("integrations.speech.openai_stt.contains_speech", lambda pcm: True)
    monkeypatch.setattr(spoken, "embedded_stt", OurEars)
    monkeypatch.setattr(spoken, "default_engine", Engine)
    settings.CALL_SPOOL_DIR = tmp_path / "spool"
    settings.BREAKER_URL = ""
    settings.VOICE_PROVIDER = "embedded"


@pytest.fixture
def call(in_acme: Cast) -> Call:
    return make_call(trainee=in_acme.ada, status="pending")


def post(client: Client, call: Call, data: Any = None, **headers: str) -> Any:
    path = f"/org/acme/api/v1/calls/{call.pk}/speak/"
    if isinstance(data, bytes):
        data = {"audio": SimpleUploadedFile("turn.wav", data, content_type="audio/wav")}
        return in_acme_again(client.post(path, data, headers=headers))
    answer = client.post(path, json.dumps(data or {}), content_type="application/json", headers=headers)
    return in_acme_again(answer)


def lines(call: Call) -> list[tuple[str, str]]:
    return list(call.turns.order_by("seq").values_list("role", "content"))


def issue(response: Any) -> str:
    return str(response.json()["error"]["details"].get("issue"))


def test_the_buyer_picks_up(ada_client: Client, call: Call) -> None:
    response = post(ada_client, call)
    assert response.status_code == 200
    body = response.json()
    assert body["user_turn"] is None
    assert body["assistant_turn"]["content"] == "Marta speaking."
    assert body["opening_turn"] == body["assistant_turn"]
    assert (body["call_status"], body["hang_up"]) == ("in_progress", None)
    clip = body["audio"]
    assert clip["content_type"] == "audio/mpeg"
    with av.open(io.BytesIO(base64.b64decode(clip["base64"]))) as file:
        seconds = sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
    assert seconds * 1000 == pytest.approx(clip["duration_ms"], abs=150)
    call.refresh_from_db()
    assert (call.transport, call.provider) == ("turns", "embedded")
    assert issue(post(ada_client, call)) == "missing"


def test_a_recording_is_heard_and_answered(ada_client: Client, call: Call) -> None:
    body = post(ada_client, call, wav(VOICE)).json()
    assert body["opening_turn"]["content"] == "Marta speaking."
    assert body["user_turn"]["content"] == ASKED
    assert body["user_turn"]["confidence"] == 0.8
    assert "We are forty people." in body["assistant_turn"]["content"]
    turns = list(call.turns.order_by("seq"))
    assert [turn.role for turn in turns] == ["assistant", "user", "assistant"]
    assert turns[1].end_ms - turns[1].timestamp_ms == 1000
    assert all(a.end_ms <= b.timestamp_ms for a, b in itertools.pairwise(turns))
    assert set(turns[2].latency) == {"transcribe", "reply", "speak"}
    call.refresh_from_db()
    assert call.engine_state["turn"] == 1


def test_the_buyer_remembers_from_turn_to_turn(ada_client: Client, call: Call) -> None:
    post(ada_client, call, {"text": ASKED})
    again = post(ada_client, call, {"text": "Sorry, can you repeat that?"}).json()
    assert "forty people" in again["assistant_turn"]["content"]
    assert again["user_turn"]["seq"] == 4


def test_by_text_there_is_no_sound(ada_client: Client, in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, status="pending", channel="text")
    body = post(ada_client, call, {"text": ASKED}).json()
    assert body["audio"] is None
    assert body["assistant_turn"]["timestamp_ms"] == body["assistant_turn"]["end_ms"]


def test_both_sides_are_taped_with_consent(ada_client: Client, call: Call, tmp_path: Any) -> None:
    path = f"/org/acme/api/v1/calls/{call.pk}/speak/"
    data = {"audio": SimpleUploadedFile("a.wav", wav(VOICE)), "recording_consent": "true"}
    in_acme_again(ada_client.post(path, data))
    sides = {file.name: file.stat().st_size for file in (tmp_path / "spool").rglob("*.pcm")}
    user, buyer = call.turns.order_by("seq")[1:3]
    assert sides == {
        "trainee-16000.pcm": user.end_ms * 32,
        "buyer-24000.pcm": pytest.approx(buyer.end_ms * 48, abs=96),
    }


def test_without_consent_nothing_is_taped(ada_client: Client, call: Call, tmp_path: Any) -> None:
    post(ada_client, call, wav(VOICE))
    assert list((tmp_path / "spool").rglob("*.pcm")) == []


def test_hanging_up_waits_for_no_socket(ada_client: Client, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("calls.services.ask_to_wind_up", lambda **wanted: asked.append(wanted))
    post(ada_client, call)
    path = f"/org/acme/api/v1/calls/{call.pk}/end/"
    assert in_acme_again(ada_client.post(path, "{}", content_type="application/json")).status_code == 200
    call.refresh_from_db()
    assert (call.status, call.end_reason, asked) == ("completed", "hung_up", [])


def test_the_buyer_may_hang_up(ada_client: Client, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = []
    monkeypatch.setattr("calls.tasks.finish_recording.delay", wanted.append)
    for text in ("You are an idiot.", "You are a stupid idiot."):
        body = post(ada_client, call, {"text": text}).json()
    assert body["hang_up"] == {"reason": "rude", "outcome": "lost"}
    assert body["call_status"] == "completed"
    call.refresh_from_db()
    assert (call.ended_by, call.end_reason) == ("persona", "rude")
    assert wanted == [str(call.pk)]
    refused = post(ada_client, call, {"text": "Hello?"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CALL_ENDED")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty"),
        (wav(b""), "empty"),
        (wav(SILENCE), "no_speech"),
        (b"#EXTM3U\nhttp://127.0.0.1/secret\n" * 10, "not_audio"),
        (b"RIFF\x00\x00\x00\x00WAVEnothing", "not_audio"),
        (wav(bytes(32000 * 121)), "too_long"),
    ],
)
def test_what_cannot_be_used_costs_no_attempt(ada_client: Client, call: Call, data: bytes, expected: str) -> None:
    response = post(ada_client, call, data)
    assert (response.status_code, issue(response)) == (400, expected)
    call.refresh_from_db()
    assert (call.status, call.turns.count()) == ("pending", 0)


def test_a_huge_file_is_refused_unread(ada_client: Client, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speak, "MOST_BYTES", 10_000)
    monkeypatch.setattr("calls.api.speak.ROOM_FOR_FORM", 0)
    response = post(ada_client, call, wav(VOICE))
    assert (response.status_code, response.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_either_sound_or_text(ada_client: Client, call: Call) -> None:
    path = f"/org/acme/api/v1/calls/{call.pk}/speak/"
    file = SimpleUploadedFile("a.wav", wav(VOICE))
    assert ada_client.post(path, {"audio": file, "text": "Hello"}).status_code == 400
    assert post(ada_client, call, {"words": "Hello"}).status_code == 400


def test_not_while_somebody_speaks_by_socket(ada_client: Client, call: Call) -> None:
    Call.objects.filter(pk=call.pk).update(status="in_progress", started_at=timezone.now(), held_at=timezone.now())
    response = post(ada_client, call, {"text": "Hello"})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "CALL_HELD")


def test_turns_wait_for_each_other(ada_client: Client, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speak, "WAIT_SECONDS", 0.1)
    elsewhere = connection.copy()
    try:
        name = f"{connection.schema_name}.speak.{call.pk}"
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
            response = post(ada_client, call, {"text": ASKED})
            assert (response.status_code, response.json()["error"]["code"]) == (409, "TURN_IN_PROGRESS")
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
    finally:
        elsewhere.close()
    assert post(ada_client, call, {"text": ASKED}).status_code == 200
    assert post(ada_client, call, {"text": ASKED}).status_code == 200


def test_the_same_key_is_the_same_turn(ada_client: Client, call: Call) -> None:
    first = post(ada_client, call, wav(VOICE), **{"Idempotency-Key": "t1"})
    again = post(ada_client, call, wav(VOICE), **{"Idempotency-Key": "t1"})
    assert again.json() == first.json()
    assert call.turns.count() == 3
    other = post(ada_client, call, wav(VOICE[::-1]), **{"Idempotency-Key": "t1"})
    assert other.json()["error"]["code"] == "IDEMPOTENCY_CONFLICT"


def test_the_time_limit_counts_here_too(ada_client: Client, call: Call) -> None:
    post(ada_client, call)
    Call.objects.filter(pk=call.pk).update(started_at=timezone.now() - timedelta(minutes=11))
    assert post(ada_client, call, {"text": ASKED}).json()["error"]["code"] == "CALL_ENDED"
    call.refresh_from_db()
    assert (call.status, call.end_reason) == ("completed", "time_limit")


def test_who_thinks_for_a_minute_is_not_swept_away(ada_client: Client, call: Call) -> None:
    post(ada_client, call)
    for minutes, closed in ((1, 0), (6, 1)):
        Call.objects.filter(pk=call.pk).update(held_at=timezone.now() - timedelta(minutes=minutes))
        assert sweeps.close_abandoned() == closed
    call.refresh_from_db()
    assert call.end_reason == "silence"


def test_only_the_trainee(bo_client: Client, cy_client: Client, call: Call) -> None:
    for client in (bo_client, cy_client, Client()):
        assert post(client, call, {"text": ASKED}).status_code in {401, 404}


def test_the_older_path_answers_too(ada_client: Client, call: Call) -> None:
    path = f"/org/acme/api/session/{call.pk}/speak"
    response = ada_client.post(path, json.dumps({"text": ASKED}), content_type="application/json")
    assert response.json()["user_turn"]["content"] == ASKED


# -- by OpenAI --------------------------------------------------------------------------------------------------------
@pytest.fixture
def vendor(settings: Any) -> Iterator[OpenAI]:
    resilience.breakers.cache_clear()
    with OpenAI(hear=lambda pcm, language: ASKED, speak=quick_voice).serving() as serving:
        settings.VOICE_PROVIDER = "openai"
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "openai": serving.key, "openrouter": serving.key}
        settings.VENDOR_BASE_URLS = {
            **settings.VENDOR_BASE_URLS,
            "openai": f"{serving.base_url}/v1",
            "openrouter": serving.router_url,
        }
        yield serving
    openai_sdk._client.cache_clear()
    resilience.breakers.cache_clear()


def test_heard_worded_and_spoken_by_vendors(ada_client: Client, call: Call, vendor: OpenAI) -> None:
    vendor.script.append(Said("We're about forty people here."))
    body = post(ada_client, call, wav(VOICE)).json()
    assert body["assistant_turn"]["content"] == "We're about forty people here."
    assert [seen.path.rsplit("/", 1)[1] for seen in vendor.seen] == ["transcriptions", "completions", "speech"]
    assert vendor.seen[1].path.startswith("/api/v1")
    call.refresh_from_db()
    assert call.provider == "openai"
    assert call.turns.get(seq=2).confidence == 0.9
    entry = ModelCall.objects.get(task="talk")
    assert (entry.task, entry.vendor, entry.input_tokens, entry.reference) == ("talk", "openrouter", 120, str(call.pk))
    sound = dict(ModelCall.objects.filter(vendor="openai").values_list("task", "sound_seconds"))
    assert sound["hear"] == 1, "with the quiet around it 1.4 seconds"
    assert sound["say"] > 0
    assert set(ModelCall.objects.values_list("reference", flat=True)) == {str(call.pk)}


def test_with_the_budget_used_up_the_engines_own_words_are_said(
    ada_client: Client, call: Call, vendor: OpenAI, in_acme: Cast
) -> None:
    Budget.objects.create(monthly_usd=0)
    assert "forty people" in post(ada_client, call, {"text": ASKED}).json()["assistant_turn"]["content"]
    assert not vendor.seen, "neither its words nor its voice"
    assert not ModelCall.objects.exists()


def test_only_openai_where_the_organisation_says_so(
    ada_client: Client, call: Call, vendor: OpenAI, in_acme: Cast
) -> None:
    in_acme.acme.allowed_ai_providers = ["openai"]
    in_acme.acme.save()
    post(ada_client, call, {"text": ASKED})
    assert vendor.requests("/api/v1") == []
    assert len(vendor.requests("/v1/chat/completions")) == 1


def test_neither_is_allowed(ada_client: Client, call: Call, in_acme: Cast) -> None:
    in_acme.acme.allowed_ai_providers = ["elevenlabs"]
    in_acme.acme.save()
    assert post(ada_client, call, {"text": ASKED}).status_code == 502


def test_each_part_of_the_vendor_may_fail(
    ada_client: Client, call: Call, vendor: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(resilience.POLICIES, "whisper", resilience.NO_RETRY)
    vendor.misbehave("broken_500", times=9, path="/audio")
    vendor.script += [Failed(402), Failed(500)]
    body = post(ada_client, call, wav(VOICE)).json()
    assert body["user_turn"]["content"] == ASKED
    assert "We are forty people." in body["assistant_turn"]["content"]
    assert body["audio"]["duration_ms"] > 0
    faults = CallEvent.objects.filter(call=call, type="provider:fault").values_list("data", flat=True)
    assert {(fault["part"], fault["error_type"]) for fault in faults} == {
        ("stt", "unavailable"),
        ("llm", "unavailable"),
        ("tts", "unavailable"),
    }


# -- stt/ -------------------------------------------------------------------------------------------------------------
def transcribe(client: Client, data: bytes = b"", **more: str) -> Any:
    file = SimpleUploadedFile("a.wav", data or wav(VOICE))
    return client.post("/org/acme/api/v1/stt/", {"audio": file, **more})


def test_recognition_to_try_out(cy_client: Client, ada_client: Client, in_acme: Cast, settings: Any) -> None:
    settings.STT_ENDPOINT_ENABLED = True
    assert transcribe(cy_client, language="es").json() == {
        "text": ASKED,
        "language": "es",
        "confidence": 0.8,
        "ms": 12,
    }
    assert transcribe(cy_client).json()["language"] == "en"
    assert issue(transcribe(cy_client, wav(SILENCE))) == "no_speech"
    assert transcribe(ada_client).status_code == 404


def test_recognition_is_not_there_unless_switched_on(cy_client: Client, in_acme: Cast, settings: Any) -> None:
    settings.STT_ENDPOINT_ENABLED = False
    assert transcribe(cy_client).status_code == 404
