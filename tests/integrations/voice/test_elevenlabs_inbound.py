"""Post-call webhooks: who sent them, what they say, and that a large one is never in memory."""

from __future__ import annotations

import base64
import io
import json
import time
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.errors import ProviderInvalidAnswer
from integrations.inbound import base
from integrations.inbound.base import Body, InboundInvalid, InboundRefused, Received, Topic
from integrations.vendors import VendorKeys
from integrations.voice.elevenlabs import sound
from integrations.voice.elevenlabs.inbound import VENDOR
from tests.standins.elevenlabs import signature

SECRET = "wsec_demo_secret_0123456789"


def body(value: Any) -> Body:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Body(io.BytesIO(raw), len(raw))


def verify(raw: bytes, header: str | None, *secrets: str) -> None:
    headers = {} if header is None else {"Elevenlabs-Signature": header}
    VENDOR.verify(headers, body(raw), VendorKeys("elevenlabs", webhook_secrets=secrets or (SECRET,)))


EXAMPLE = (
    b'{"type":"post_call_transcription","event_timestamp":1767225600,'
    b'"data":{"agent_id":"agent_demo","conversation_id":"conv_demo","status":"done"}}'
)


def test_the_published_example_is_signed_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1767225600.0)
    verify(EXAMPLE, "t=1767225600,v0=af1868c0cc7bfcdcd76677cf722cd6db13135734a6df5d767c4a0adf2900d452")


def test_any_of_several_secrets_and_any_of_several_signatures() -> None:
    verify(EXAMPLE, signature(SECRET, EXAMPLE), "other", SECRET)
    header = signature("new", EXAMPLE)
    verify(EXAMPLE, f"{header},v0=00ff", "new")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t=1",
        "v0=aa",
        "t=abc,v0=aa",
        f"t={int(time.time())},v0=deadbeef",
        f"t={int(time.time())},v0=",
        signature("wrong", EXAMPLE),
        signature(SECRET, EXAMPLE + b" "),
        signature(SECRET, EXAMPLE, at=int(time.time()) - 1900),
        signature(SECRET, EXAMPLE, at=int(time.time()) + 7200),
        signature(SECRET, EXAMPLE) + f",t={int(time.time())}",
    ],
    ids=lambda value: "",  # they hold the time: each worker would name the same case differently
)
def test_anything_else_is_refused(header: str | None) -> None:
    with pytest.raises(InboundRefused):
        verify(EXAMPLE, header)


def test_without_a_secret_nothing_passes() -> None:
    with pytest.raises(InboundRefused):
        VENDOR.verify({"elevenlabs-signature": signature("", EXAMPLE)}, body(EXAMPLE), VendorKeys("elevenlabs"))


def transcription(**data: Any) -> dict[str, Any]:
    return {
        "type": "post_call_transcription",
        "event_timestamp": 1767225600,
        "data": {
            "agent_id": "agent_1",
            "conversation_id": "conv_1",
            "status": "done",
            "has_audio": True,
            "transcript": [
                {"role": "agent", "message": "Hello?", "time_in_call_secs": 0},
                {"role": "user", "message": "Hi. ", "time_in_call_secs": 2, "llm_usage": {"x": 1}},
                {
                    "role": "agent",
                    "message": None,
                    "time_in_call_secs": 3,
                    "tool_calls": [{"request_id": "r", "tool_name": "lookup_knowledge", "params_as_json": "{}"}],
                    "tool_results": [
                        {"request_id": "r", "result_value": "Ten.", "is_error": False, "tool_latency_secs": 0.25}
                    ],
                },
                {
                    "role": "agent",
                    "message": "We",
                    "time_in_call_secs": 4,
                    "interrupted": True,
                    "original_message": "We use spreadsheets.",
                },
            ],
            "metadata": {
                "start_time_unix_secs": 1767225500,
                "call_duration_secs": 61,
                "cost": 120,
                "cost_fiat": 0.08,
                "termination_reason": "end_call tool was called.",
                "main_language": "en",
                "phone_call": {"external_number": "+15551234567"},
            },
            "analysis": {"transcript_summary": "…"},
            "conversation_initiation_client_data": {
                "conversation_config_override": {"agent": {"prompt": {"prompt": "Hidden: the audit failed."}}},
                "dynamic_variables": {
                    "system__caller_id": "+15551234567",
                    "parley_call_id": "c1",
                    "parley_organization": "acme",
                },
            },
            **data,
        },
    }


def test_a_transcription_becomes_a_record() -> None:
    message = VENDOR.parse({}, body(transcription()))
    assert (message.event_id, message.kind) == ("post_call_transcription:conv_1", "post_call_transcription")
    assert (message.topic, message.organization) == (Topic.CALL_RECORD, "acme")
    kept = json.dumps(message.payload)
    assert "audit" not in kept
    assert "+1555" not in kept
    record = VENDOR.record_of(received(message))
    assert record is not None
    assert (record.conversation_id, record.status, record.has_audio) == ("conv_1", "done", True)
    assert record.variables == {"parley_call_id": "c1", "parley_organization": "acme"}
    assert [(turn.role, turn.text, turn.start_ms) for turn in record.turns] == [
        ("assistant", "Hello?", 0),
        ("user", "Hi.", 2000),
        ("assistant", "We", 4000),
    ]
    assert record.turns[2].interrupted
    assert record.turns[2].original == "We use spreadsheets."
    assert (record.duration_ms, record.ended_by) == (61_000, "persona")
    assert record.started_at == datetime.fromtimestamp(1767225500, tz=UTC)
    assert record.cost == {"credits": 120.0, "usd": 0.08}
    assert [(tool.name, tool.result, tool.took_ms) for tool in record.tools] == [("lookup_knowledge", "Ten.", 250)]


@pytest.mark.parametrize(
    ("reason", "by"),
    [
        ("Client disconnected: 1000", "trainee"),
        ("end_call tool was called.", "persona"),
        ("Exceeded max duration", "system"),
        ("", ""),
    ],
)
def test_who_ended_it(reason: str, by: str) -> None:
    message = VENDOR.parse({}, body(transcription(metadata={"termination_reason": reason})))
    record = VENDOR.record_of(received(message))
    assert record is not None
    assert record.ended_by == by


@pytest.mark.parametrize("time", [1_000_000_000_000, 1e300, -5, True, "soon"], ids=str)
def test_a_time_that_is_none(time: Any) -> None:
    message = VENDOR.parse({}, body(transcription(metadata={"start_time_unix_secs": time}) | {"event_timestamp": time}))
    assert message.occurred_at is None
    record = VENDOR.record_of(received(message))
    assert record is not None
    assert record.started_at is None


def test_almost_nothing_in_it() -> None:
    bare = {"type": "post_call_transcription", "data": {"conversation_id": "c", "transcript": None, "metadata": None}}
    record = VENDOR.record_of(received(VENDOR.parse({}, body(bare))))
    assert record is not None
    assert (record.turns, record.duration_ms, record.status) == ((), None, "pending")


def test_a_call_that_never_came_about() -> None:
    data = {"conversation_id": "conv_2", "failure_reason": "no-answer", "metadata": {"type": "twilio", "body": {}}}
    message = VENDOR.parse({}, body({"type": "call_initiation_failure", "event_timestamp": 1, "data": data}))
    assert (message.topic, message.payload["reason"]) == (Topic.CALL_FAILED, "no_answer")


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b'{"type":1,"data":{}}', b'{"type":"x"}', b'{"type":"x","data":{"conversation_id":""}}']
)
def test_what_is_no_message(raw: bytes) -> None:
    with pytest.raises(InboundInvalid):
        VENDOR.parse({}, body(raw))


def test_kinds_that_nobody_knows_are_messages() -> None:
    message = VENDOR.parse({}, body({"type": "post_call_dance", "data": {"conversation_id": "c"}}))
    assert message.topic == Topic.OTHER


SOUND = bytes(range(256)) * 5000


def audio(text: str, **order: Any) -> bytes:
    data = {"agent_id": "a", "conversation_id": "conv_1", "full_audio": text}
    return json.dumps({**order, "type": "post_call_audio", "event_timestamp": 5, "data": data}).encode()


@pytest.mark.parametrize("piece", [7, 100, 4096, 65536])
def test_sound_is_read_in_pieces_of_any_size(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(base, "PIECE", piece)
    monkeypatch.setattr(sound, "PIECE", piece)
    size = 20_000 if piece < 1000 else len(SOUND)
    text = base64.b64encode(SOUND[:size]).decode()
    raw = audio(text, note='long " and \\ odd' * 10)
    assert b"".join(sound.decoded(io.BytesIO(raw))) == SOUND[:size]
    assert b"".join(sound.decoded(io.BytesIO(raw.replace(b"/", b"\\/")))) == SOUND[:size]
    skimmed = sound.skimmed(body(raw))
    assert skimmed["data"] == {"agent_id": "a", "conversation_id": "conv_1", "full_audio": ""}
    assert skimmed["note"] == 'long " and \\ odd' * 10


def test_a_large_recording_is_never_in_memory(tmp_path: Any) -> None:
    text = base64.b64encode(SOUND[: len(SOUND) // 3 * 3])
    path = tmp_path / "body"
    with path.open("wb") as target:
        target.write(b'{"data": {"full_audio": "')
        for _ in range(18):
            target.write(text)
        target.write(b'", "conversation_id": "conv_9", "agent_id": "a"}, "type": "post_call_audio"}')
    size = path.stat().st_size
    assert size > 30_000_000
    with path.open("rb") as file:
        tracemalloc.start()
        message = VENDOR.parse({}, Body(file, size))
        heard = VENDOR.recording_of(received(message, file))
        assert heard is not None
        total = sum(len(piece) for piece in heard.chunks)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (message.conversation_id, message.keep_body, message.topic) == ("conv_9", True, Topic.CALL_RECORDING)
    assert "full_audio" not in message.payload
    assert heard.content_type == "audio/mpeg"
    assert total > 22_000_000
    assert peak < 3_000_000


@pytest.mark.parametrize("raw", [b"{}", b'{"full_audio": "AAAA', b'{"full_audio": "A*AA"}', b'{"full_audio": "AAAAA"}'])
def test_damaged_sound(raw: bytes) -> None:
    with pytest.raises(ProviderInvalidAnswer):
        b"".join(sound.decoded(io.BytesIO(raw)))


def received(message: Any, file: Any = None) -> Received:
    return Received(
        vendor="elevenlabs",
        event_id=message.event_id,
        kind=message.kind,
        topic=message.topic,
        conversation_id=message.conversation_id,
        payload=message.payload,
        received_at=datetime.now(UTC),
        body=file,
    )
