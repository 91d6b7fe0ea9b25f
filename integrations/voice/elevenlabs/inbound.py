"""Post-call webhooks. Of a transcription only what Parley needs is kept: the buyer's instructions are in there too. Sound is
megabytes of text inside JSON, so it is neither parsed nor held in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from integrations.inbound.base import (
    Body,
    InboundInvalid,
    InboundMessage,
    InboundRefused,
    InboundVendor,
    Received,
    Topic,
)
from integrations.inbound.signatures import any_equal, fresh, hmac_digests, secrets_of
from integrations.vendors import VendorKeys
from integrations.voice.elevenlabs import records
from integrations.voice.elevenlabs.provider import RECORDING_TYPE
from integrations.voice.elevenlabs.sound import decoded, skimmed
from integrations.voice.records import RecordedAudio, VoiceRecord, moment

HEADER = "elevenlabs-signature"
TOLERANCE_SECONDS = 30 * 60
TRANSCRIPTION = "post_call_transcription"
AUDIO = "post_call_audio"
INITIATION_FAILURE = "call_initiation_failure"
TOPICS = {TRANSCRIPTION: Topic.CALL_RECORD, AUDIO: Topic.CALL_RECORDING, INITIATION_FAILURE: Topic.CALL_FAILED}
SMALL = 1024 * 1024  # what is parsed as a whole, whatever it is
MOST_PARSED = 16 * 1024 * 1024
LINE = (
    "role",
    "message",
    "time_in_call_secs",
    "interrupted",
    "original_message",
)
CALLED = ("request_id", "tool_name", "params_as_json")
RESULT = ("request_id", "result_value", "is_error", "tool_latency_secs")
METADATA = (
    "start_time_unix_secs",
    "call_duration_secs",
    "cost",
    "cost_fiat",
    "termination_reason",
    "error",
    "main_language",
)


class ElevenLabsInbound(InboundVendor):
    name = "elevenlabs"
    # Half an hour of MP3 in base64, and as much again.
    max_bytes: ClassVar[int] = 128 * 1024 * 1024

    def verify(self, headers: Mapping[str, str], body: Body, keys: VendorKeys) -> None:
        secrets = secrets_of(keys.webhook_secrets)
        header = next((value for name, value in headers.items() if name.lower() == HEADER), "")
        parts = [part.strip().partition("=") for part in header.split(",")]
        stamps = [value for name, _, value in parts if name == "t"]
        signatures = [value for name, _, value in parts if name == "v0"]
        if len(stamps) != 1 or not signatures:
            raise InboundRefused("no_header")
        seconds = fresh(stamps[0], tolerance=TOLERANCE_SECONDS)
        # The stamp as it stands in the header: the vendor signed those very digits.
        digests = hmac_digests(body, secrets, prefix=f"{stamps[0]}.".encode())
        if not any_equal((digest.hex() for digest in digests), signatures) or seconds < 0:
            raise InboundRefused("mismatch")

    def parse(self, headers: Mapping[str, str], body: Body) -> InboundMessage:
        envelope = body.json() if body.size <= SMALL else skimmed(body)
        kind, data = envelope.get("type"), envelope.get("data")
        if not isinstance(kind, str) or not isinstance(data, dict):
            raise InboundInvalid("There is no type with data in it.")
        if kind != AUDIO and body.size > SMALL:
            if body.size > MOST_PARSED:
                raise InboundInvalid("The body is too large.")
            data = body.json()["data"]
        conversation_id = data.get("conversation_id")
        if not isinstance(conversation_id, str) or not conversation_id:
            raise InboundInvalid("There is no conversation id.")
        variables = records.variables_of(data)
        return InboundMessage(
            event_id=f"{kind}:{conversation_id}"[:200],
            kind=kind[:60],
            payload=_kept(kind, data, variables),
            topic=TOPICS.get(kind, Topic.OTHER),
            conversation_id=conversation_id,
            occurred_at=moment(envelope.get("event_timestamp")),
            keep_body=kind == AUDIO,
            organization=variables.get("parley_organization", ""),
        )

    def record_of(self, received: Received) -> VoiceRecord | None:
        return records.record_of(received.payload) if received.kind == TRANSCRIPTION else None

    def recording_of(self, received: Received) -> RecordedAudio | None:
        if received.kind != AUDIO or received.body is None:
            return None
        return RecordedAudio(RECORDING_TYPE, decoded(received.body))


def _kept(kind: str, data: Mapping[str, Any], variables: dict[str, str]) -> dict[str, Any]:
    """What goes into the ledger, in the shape in which `records` reads it."""
    kept: dict[str, Any] = {name: data.get(name) for name in ("agent_id", "conversation_id", "status", "has_audio")}
    # Where every vendor's handlers look, and where `records` does.
    kept["variables"] = variables
    kept["conversation_initiation_client_data"] = {"dynamic_variables": variables}
    if kind == TRANSCRIPTION:
        kept["metadata"] = _named(data.get("metadata"), METADATA)
        kept["transcript"] = [
            _named(line, LINE)
            | {
                "tool_calls": [_named(call, CALLED) for call in _list(line.get("tool_calls"))],
                "tool_results": [_named(result, RESULT) for result in _list(line.get("tool_results"))],
            }
            for line in _list(data.get("transcript"))
        ]
    elif kind == INITIATION_FAILURE:
        # "no-answer", "busy" or "unknown", in the words of our own endings.
        kept["reason"] = str(data.get("failure_reason") or "unknown").replace("-", "_")[:60]
    return kept


def _named(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value[name] for name in names if name in value} if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


VENDOR = ElevenLabsInbound()
