"""The vendor's webhooks. Of each message only what Parley needs is kept: the buyer's instructions, a caller's number and the
account's secrets are in there too, and they are not for the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from integrations.inbound.base import Body, InboundInvalid, InboundMessage, InboundVendor, Received, Topic
from integrations.vendors import VendorKeys
from integrations.voice.records import LiveNews, VoiceRecord
from integrations.voice.vapi import endings, live, records, tools, verifying

REPORT = "end-of-call-report"
STATUS = "status-update"
TOOL_CALLS = "tool-calls"
ASSISTANT_REQUEST = "assistant-request"

# The vendor's words for where a call stands, in ours.
STATES = {
    "scheduled": "waiting",
    "queued": "waiting",
    "ringing": "ringing",
    "in-progress": "started",
    "forwarding": "started",
    "ended": "ended",
}
NO_INBOUND_CALLS = "Calls to this number are not taken. Please start your practice call in Parley. Goodbye."
SPOKEN = {*records.ROLES, *records.TOOL_CALLS, *records.TOOL_RESULTS}
RECORDED = ("recordingUrl", "stereoRecordingUrl", "recording", "presignedMonoUrl", "presignedStereoUrl")


class VapiInbound(InboundVendor):
    name = "vapi"
    # A report repeats the whole assistant with its instructions several times over.
    max_bytes = 8 * 1024 * 1024
    synchronous: ClassVar[frozenset[str]] = frozenset(
        {TOOL_CALLS, ASSISTANT_REQUEST, "transfer-destination-request", "handoff-destination-request"}
    )
    passing = live.KINDS

    def verify(self, headers: Mapping[str, str], body: Body, keys: VendorKeys) -> None:
        verifying.verify(headers, body, keys)

    def parse(self, headers: Mapping[str, str], body: Body) -> InboundMessage:
        message = body.json().get("message")
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise InboundInvalid("There is no message with a type in it.")
        kind = message["type"].partition("[")[0][:60]
        call = message.get("call")
        call = call if isinstance(call, dict) else {}
        call_id = str(call.get("id") or "")
        payload = _kept(kind, message, call)
        variables = payload["variables"]
        return InboundMessage(
            event_id=_event_id(kind, call_id, message, body),
            kind=kind,
            payload=payload,
            topic=_topic(kind, payload),
            conversation_id=call_id,
            occurred_at=live.time_of(message.get("timestamp")),
            organization=variables.get("parley_organization", ""),
        )

    def answer_without_handler(self, message: InboundMessage) -> dict[str, Any]:
        if message.kind == ASSISTANT_REQUEST:
            return {"error": NO_INBOUND_CALLS}
        if message.kind == TOOL_CALLS:
            return tools.reply(tools.not_at_hand(tools.kept(message.payload)))
        return {}

    def record_of(self, received: Received) -> VoiceRecord | None:
        if received.kind != REPORT:
            return None
        return records.of_report(received.payload)

    def live_of(self, received: Received) -> LiveNews | None:
        return live.news(received.payload) if received.kind in live.KINDS else None


def _kept(kind: str, message: Mapping[str, Any], call: Mapping[str, Any]) -> dict[str, Any]:
    """What goes into the ledger."""
    variables = records.variables_of(call, message)
    kept: dict[str, Any] = {
        "type": kind,
        "timestamp": message.get("timestamp"),
        "variables": variables,
        "call": {"id": call.get("id"), "type": call.get("type"), "metadata": variables},
    }
    if kind == STATUS:
        status, reason = str(message.get("status", "")), str(message.get("endedReason") or "")
        kept |= {"state": STATES.get(status, status), "endedReason": reason}
        ending = endings.ending(reason) if reason else None
        kept |= {"by": ending.by if ending else "", "reason": ending.reason if ending else ""}
    elif kind == REPORT:
        artifact = message.get("artifact")
        artifact = artifact if isinstance(artifact, Mapping) else {}
        said = artifact.get("messages") or message.get("messages") or []
        has_audio = any(artifact.get(name) or message.get(name) for name in RECORDED)
        kept |= {name: message.get(name) for name in ("endedReason", "startedAt", "endedAt", "cost")}
        kept["call"] |= {name: call.get(name) for name in ("startedAt", "endedAt")}
        # The links are not kept: they are read with our key when the sound is fetched.
        kept["artifact"] = {"messages": [_said(entry) for entry in said if _is_spoken(entry)], "recording": has_audio}
    elif kind == TOOL_CALLS:
        kept["tools"] = [{"id": t.id, "name": t.name, "arguments": t.arguments} for t in tools.asked(message)]
    elif kind in live.KINDS:
        kept |= live.kept(kind, message)
    return kept


def _is_spoken(entry: Any) -> bool:
    """Never the system's messages: they are the buyer's instructions."""
    return isinstance(entry, Mapping) and entry.get("role") in SPOKEN


def _said(entry: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "role",
        "message",
        "content",
        "time",
        "endTime",
        "secondsFromStart",
        "toolCallId",
        "name",
        "result",
        "error",
    )
    kept = {name: entry[name] for name in names if name in entry}
    if entry.get("role") in records.TOOL_CALLS:
        kept["toolCalls"] = [{"id": t.id, "name": t.name, "arguments": t.arguments} for t in tools.asked(entry)]
    return kept


def _topic(kind: str, payload: Mapping[str, Any]) -> Topic:
    if kind == REPORT:
        return Topic.CALL_RECORD
    if kind == STATUS:
        reason = str(payload.get("endedReason") or "")
        return Topic.CALL_FAILED if reason and not endings.ending(reason).started else Topic.CALL_STATUS
    if kind in live.KINDS:
        return Topic.CALL_LIVE
    return Topic.OTHER


def _event_id(kind: str, call_id: str, message: Mapping[str, Any], body: Body) -> str:
    """One report and one of each status for a call; anything else is told apart by its bytes, which a repetition repeats."""
    if kind == REPORT and call_id:
        return f"{kind}:{call_id}"
    if kind == STATUS and call_id:
        return f"{kind}:{call_id}:{str(message.get('status', ''))[:30]}"
    digest = hashlib.sha256()
    for piece in body.pieces():
        digest.update(piece)
    return f"{kind}:{call_id}:{digest.hexdigest()[:32]}"


VENDOR = VapiInbound()
