"""OpenAI's wire in plain values: bodies, stream events, vectors, files. No server, no model."""

from __future__ import annotations

import io
import json
import re
import wave
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Said:
    """The next reply. `cut`: the connection is gone after the text; `broken`: an error object comes after it in the stream;
    `refusal`: it is a refusal; `seconds` pass before the first word and before each further one."""

    text: str
    finish: str = "stop"
    refusal: bool = False
    cut: bool = False
    broken: bool = False
    seconds: float = 0.0


@dataclass
class Failed:
    """The next answer is this error. `inside`: OpenRouter's way, an error in a body of 200."""

    status: int
    code: str | int = ""
    message: str = "refused"
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    inside: bool = False


USAGE = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}


def envelope(model: str, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-standin", "object": kind, "created": 1767225600, "model": model}


def completion(model: str, said: Said) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": None if said.refusal else said.text,
        "refusal": said.text if said.refusal else None,
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": said.finish}
    return {**envelope(model, "chat.completion"), "choices": [choice], "usage": USAGE}


def event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def chunk(model: str, delta: dict[str, Any], *, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return event({**envelope(model, "chat.completion.chunk"), "choices": [choice], "usage": None})


def verbose(text: str, seconds: float) -> dict[str, Any]:
    segment = {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": seconds,
        "text": f" {text}",
        "tokens": [1],
        "temperature": 0.0,
        "avg_logprob": -0.1 if text else -1.5,
        "compression_ratio": 1.0,
        "no_speech_prob": 0.01 if text else 0.95,
    }
    return {
        "task": "transcribe",
        "language": "english",
        "duration": seconds,
        "text": text,
        "segments": [segment],
        "usage": {"type": "duration", "seconds": round(seconds)},
    }


def smallest(schema: dict[str, Any]) -> Any:
    """A value that fits a schema."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: smallest(inner) for name, inner in schema["properties"].items()}
        case "array":
            return []
        case "boolean":
            return True
        case "integer" | "number":
            return schema.get("minimum", 0)
        case _:
            return "text"


def embedding(text: str, size: int) -> np.ndarray:
    """Unit length; texts that share words are near each other."""
    row = np.full(size, 1e-6, dtype=np.float32)
    for word in re.findall(r"\w+", text.lower()):
        row += np.random.default_rng(zlib.crc32(word.encode())).standard_normal(size).astype(np.float32)
    return (row / np.linalg.norm(row)).astype("<f4")


def wav(pcm: bytes, *, rate: int = 16000) -> bytes:
    """A file for tests to send."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return target.getvalue()
