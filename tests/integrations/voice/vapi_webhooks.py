"""Messages as the vendor posts them."""

from __future__ import annotations

import json
import time
from typing import Any

from django.test import Client

from tests.standins.vapi_signing import signed

SECRET = "vapi_test_secret"
WEBHOOK = "/org/acme/api/webhooks/vapi/"
TOOL = "/org/acme/api/vapi/tools/knowledge-base/"
PROMPT = "You are Dana. Hidden: the audit failed."


def message(
    kind: str, *, call_id: str = "vapi-1", variables: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    """With what the vendor repeats in each: the assistant, its instructions and its secrets, the customer's number."""
    assistant = {
        "model": {"messages": [{"role": "system", "content": PROMPT}]},
        "server": {"url": "https://x.test", "headers": {"X-Vapi-Secret": SECRET}},
        "metadata": variables or {},
    }
    call = {
        "id": call_id,
        "type": "outboundPhoneCall",
        "orgId": "org",
        "assistant": assistant,
        "customer": {"number": "+14155550142"},
    }
    customer = {"number": "+14155550142"}
    return {
        "type": kind,
        "timestamp": 1767225600000,
        "call": call,
        "assistant": assistant,
        "customer": customer,
        **more,
    }


def post(
    told: dict[str, Any],
    *,
    path: str = WEBHOOK,
    secret: str = SECRET,
    credential: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Any:
    body = json.dumps({"message": told}).encode()
    made = signed(body, secret, credential or {}) if headers is None else headers
    return Client().post(path, body, content_type="application/json", headers=made)


def report(*, call_id: str = "vapi-1", started: float | None = None, **more: Any) -> dict[str, Any]:
    """An end-of-call-report of two turns."""
    began = time.time() if started is None else started
    at = int(began * 1000)
    messages = [
        {"role": "system", "message": PROMPT, "time": at, "secondsFromStart": 0},
        {"role": "bot", "message": "Hello?", "time": at + 900, "endTime": at + 1900, "secondsFromStart": 0.9},
        {"role": "user", "message": "Hi, Ada here.", "time": at + 3000, "endTime": at + 4500, "secondsFromStart": 3.0},
    ]
    told: dict[str, Any] = {
        "endedReason": "customer-ended-call",
        "startedAt": iso(began),
        "endedAt": iso(began + 6),
        "cost": 0.21,
        "artifact": {"messages": messages, "recordingUrl": "https://storage.test/private.wav"},
        "analysis": {"summary": "They talked."},
    }
    return message("end-of-call-report", call_id=call_id, **(told | more))


def iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + ".000Z"
