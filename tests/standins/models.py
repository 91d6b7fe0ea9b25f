"""Stand-in language-model vendors on loopback: they speak the wire, check what a vendor would, and can be told to fail.

`Vendor.script` holds what the next requests get: a `Fault`, or a text that is given as the model's answer. When it is empty
an honest answer is made from the request: every criterion at `level`, quoted from the trainee's turns in the prompt.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

KEY = "test-key"


@dataclass
class Fault:
    """An answer of the vendor that is not a completion. `delay` seconds pass first."""

    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass
class Vendor:
    """One vendor's server. `requests`: the parsed bodies, as they came."""

    base_url: str = ""
    script: list[Fault | str | dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    level: int = 3

    def next(self) -> Fault | str | dict[str, Any] | None:
        return self.script.pop(0) if self.script else None


class Refused(Exception):
    """The request is not one the vendor would take."""

    def __init__(self, status: int, body: Any) -> None:
        self.status = status
        self.body = body


def honest_answer(prompt: str, keys: list[str], *, deep: bool, level: int) -> dict[str, Any]:
    """What a careful model would say: quotes that are really there."""
    lines = [json.loads(line) for line in prompt.splitlines() if line.startswith('{"turn"')]
    said = [line for line in lines if line["speaker"] == "trainee" and len(line["text"].split()) >= 4]
    quote = {"turn": said[0]["turn"], "quote": " ".join(said[0]["text"].split()[:8])}
    criteria: list[dict[str, Any]] = [
        {
            "key": key,
            "applicable": True,
            "level": level,
            "evidence": [quote],
            **({"rationale": "Shown."} if deep else {}),
        }
        for key in keys
    ]
    if not deep:
        return {"criteria": criteria, "headline": "Ask one more open question."}
    return {
        "criteria": criteria,
        "strengths": [{"point": f"Point {n}", **quote} for n in range(3)],
        "improvements": [
            {"point": f"Gap {n}", "suggestion": "Ask: “How so?”", "turn": quote["turn"]} for n in range(3)
        ],
        "key_moments": [{"type": "strength", "description": "The opening.", **quote}],
        "summary": "A solid call.",
        "headline": "Ask one more open question.",
    }


def keys_in(schema: dict[str, Any]) -> list[str]:
    found = schema["properties"]["criteria"]["items"]["properties"]["key"]["enum"]
    return [str(key) for key in found]


GROQ_FIELDS = {
    "model",
    "messages",
    "temperature",
    "max_completion_tokens",
    "response_format",
    "reasoning_effort",
    "seed",
    "n",
}


def groq(vendor: Vendor, path: str, query: str, headers: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """`POST /openai/v1/chat/completions`"""

    def refuse(status: int, code: str, message: str) -> Refused:
        return Refused(status, {"error": {"message": message, "type": "invalid_request_error", "code": code}})

    if path != "/openai/v1/chat/completions":
        raise refuse(404, "unknown_url", "Unknown request URL")
    if headers.get("authorization") != f"Bearer {KEY}":
        raise refuse(401, "invalid_api_key", "Invalid API Key")
    if unknown := set(body) - GROQ_FIELDS:
        raise refuse(400, "unknown_field", f"property {sorted(unknown)[0]} is unsupported")
    if body.get("n", 1) != 1:
        raise refuse(400, "invalid_n", "n must be 1")
    form = body["response_format"]
    if form["type"] == "json_schema":
        _strict(form["json_schema"]["schema"], refuse)
    prompt = body["messages"][-1]["content"]
    answer = vendor.next()
    if not isinstance(answer, str | dict):
        schema = form["json_schema"]["schema"] if form["type"] == "json_schema" else None
        keys = keys_in(schema) if schema else re.findall(r"^- ([a-z_]+):", prompt, re.MULTILINE)
        answer = honest_answer(prompt, keys, deep="key_moments" in prompt, level=vendor.level)
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1767225600,
        "model": body["model"],
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 300, "total_tokens": 1200},
        "x_groq": {"id": "req_1"},
    }


def _strict(schema: dict[str, Any], refuse: Any) -> None:
    """Strict mode: every property required, nothing else allowed, at every depth."""
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False or sorted(schema["required"]) != sorted(
            schema["properties"]
        ):
            raise refuse(400, "invalid_json_schema", "strict schemas require all properties")
        for inner in schema["properties"].values():
            _strict(inner, refuse)
    elif schema.get("type") == "array":
        _strict(schema["items"], refuse)


RETIRED = {"gemini-2.0-flash"}
GENERATION_FIELDS = {
    "temperature",
    "maxOutputTokens",
    "responseMimeType",
    "responseJsonSchema",
    "responseSchema",
    "thinkingConfig",
    "candidateCount",
    "seed",
}


def gemini(vendor: Vendor, path: str, query: str, headers: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """`POST /v1beta/models/{model}:generateContent`, and the same below `/v1`."""

    def refuse(status: int, name: str, message: str) -> Refused:
        return Refused(status, {"error": {"code": status, "message": message, "status": name}})

    match = re.fullmatch(r"/(v1|v1beta)/models/([^:/]+):generateContent", path)
    if match is None or match[2] in RETIRED:
        raise refuse(404, "NOT_FOUND", "model is not found for this API version")
    if "key=" in query or headers.get("x-goog-api-key") != KEY:
        raise refuse(403, "PERMISSION_DENIED", "API key not valid")
    config = body.get("generationConfig", {})
    if unknown := set(config) - GENERATION_FIELDS:
        raise refuse(400, "INVALID_ARGUMENT", f"Unknown name {sorted(unknown)[0]}: Cannot find field.")
    if "responseJsonSchema" in config and "responseSchema" in config:
        raise refuse(400, "INVALID_ARGUMENT", "only one schema may be set")
    thinking = {key.replace("_", "").lower(): value for key, value in config.get("thinkingConfig", {}).items()}
    if "thinkingbudget" in thinking and "thinkinglevel" in thinking:
        raise refuse(400, "INVALID_ARGUMENT", "thinkingBudget and thinkingLevel")
    if thinking.get("thinkinglevel", "").upper() == "MINIMAL" and match[2] == "gemini-3.8-flash":
        raise refuse(400, "INVALID_ARGUMENT", "thinking level MINIMAL")
    if match[2].startswith("gemini-3") and "temperature" in config:
        raise refuse(400, "INVALID_ARGUMENT", "temperature is not supported")
    prompt = body["contents"][0]["parts"][0]["text"]
    answer = vendor.next()
    reason = "STOP"
    if not isinstance(answer, str | dict):
        answer = honest_answer(
            prompt, keys_in(config["responseJsonSchema"]), deep="key_moments" in prompt, level=vendor.level
        )
    if isinstance(answer, dict) and "promptFeedback" in answer:
        return answer
    if isinstance(answer, dict) and "finishReason" in answer:
        return {"candidates": [{"content": {"role": "model"}, "finishReason": answer["finishReason"], "index": 0}]}
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return {
        "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": reason, "index": 0}],
        "usageMetadata": {"promptTokenCount": 900, "candidatesTokenCount": 300, "thoughtsTokenCount": 50},
        "modelVersion": match[2],
    }


@contextmanager
def standing_in(wire: Any) -> Iterator[Vendor]:
    """Serve one vendor's wire (`groq` or `gemini`) on a loopback port."""
    vendor = Vendor()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raw = b""
        while True:
            message = await receive()
            raw += message.get("body", b"")
            if not message.get("more_body"):
                break
        body = json.loads(raw or b"{}")
        vendor.requests.append(body)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        extra: dict[str, str] = {}
        fault = vendor.script[0] if vendor.script and isinstance(vendor.script[0], Fault) else None
        if isinstance(fault, Fault):
            vendor.script.pop(0)
            await asyncio.sleep(fault.delay)
            status, answer, extra = fault.status, fault.body, fault.headers
        else:
            try:
                status, answer = 200, wire(vendor, scope["path"], scope["query_string"].decode(), headers, body)
            except Refused as refusal:
                status, answer = refusal.status, refusal.body
        is_text = isinstance(answer, str)
        payload = answer.encode() if isinstance(answer, str) else json.dumps(answer or {}).encode()
        kind = b"text/html" if is_text else b"application/json"
        sent = [(b"content-type", kind), *[(name.encode(), value.encode()) for name, value in extra.items()]]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": payload})

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the stand-in did not start"
        time.sleep(0.01)
    vendor.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield vendor
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
