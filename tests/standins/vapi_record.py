"""What the Vapi stand-in keeps of a call, as its API and its report tell it."""

from __future__ import annotations

import io
import time
import wave
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import soxr

RATE = 16000


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Kept:
    """`sounds` are (side, second of the call, rate, 16-bit PCM); `side` 0 is the customer, 1 the assistant."""

    id: str
    type: str
    request: dict[str, Any]
    monitor: dict[str, str]
    transport: dict[str, Any] | None = None
    created: float = field(default_factory=time.time)
    started: float | None = None
    ended: float | None = None
    status: str = "queued"
    ended_reason: str = ""
    reported: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)
    sounds: list[tuple[int, float, int, bytes]] = field(default_factory=list)

    @property
    def assistant(self) -> dict[str, Any]:
        """As it speaks in this call: what was given, and what differs."""
        return {**(self.request.get("assistant") or {}), **(self.request.get("assistantOverrides") or {})}

    @property
    def prompt(self) -> str:
        said = (self.assistant.get("model") or {}).get("messages") or []
        return next((line["content"] for line in said if line["role"] == "system"), "")

    @property
    def seconds(self) -> float:
        return max(0.0, (self.ended or time.time()) - (self.started or time.time()))

    def begin(self) -> None:
        self.started, self.status = time.time(), "in-progress"
        system = {"role": "system", "message": self.prompt, "time": int(self.started * 1000), "secondsFromStart": 0}
        self.messages.append(system)

    def say(self, role: str, text: str, *, seconds: float = 0.5) -> dict[str, Any]:
        """`role`: "user" or "bot", the vendor's word for its assistant."""
        start = max(0.0, self.seconds - seconds)
        at = int(((self.started or time.time()) + start) * 1000)
        line = {
            "role": role,
            "message": text,
            "time": at,
            "endTime": at + int(seconds * 1000),
            "secondsFromStart": round(start, 3),
            "duration": seconds * 1000,
        }
        self.messages.append(line)
        return line

    def used(self, tool_id: str, name: str, arguments: str, result: str, *, failed: bool) -> None:
        now = int(time.time() * 1000)
        call = {"id": tool_id, "type": "function", "function": {"name": name, "arguments": arguments}}
        first = {"role": "tool_calls", "toolCalls": [call], "message": "", "time": now}
        answer = {"role": "tool_call_result", "toolCallId": tool_id, "name": name, "result": result, "time": now}
        if failed:
            answer["error"] = result
        for line in (first, answer):
            self.messages.append({**line, "secondsFromStart": round(self.seconds, 3)})

    @property
    def recorded(self) -> bool:
        plan = self.assistant.get("artifactPlan") or {}
        return bool(self.sounds) and plan.get("recordingEnabled", True) is not False

    def artifact(self, base_url: str) -> dict[str, Any]:
        names = {"user": "User", "bot": "AI"}
        spoken = [line for line in self.messages if line["role"] in names]
        made: dict[str, Any] = {
            "messages": self.messages,
            "messagesOpenAIFormatted": [
                {
                    "role": {"bot": "assistant"}.get(line["role"], line["role"]),
                    "content": line["message"],
                }
                for line in self.messages
                if line["role"] in ("system", "user", "bot")
            ],
            "transcript": "".join(f"{names[line['role']]}: {line['message']}\n" for line in spoken),
            "variableValues": (self.request.get("assistantOverrides") or {}).get("variableValues") or {},
        }
        if self.recorded:
            # Private: nobody may read these without being sent there.
            url = f"{base_url}/private-bucket/{self.id}"
            made |= {
                "recordingUrl": f"{url}-mono.wav",
                "stereoRecordingUrl": f"{url}-stereo.wav",
                "recording": {"stereoUrl": f"{url}-stereo.wav", "mono": {"combinedUrl": f"{url}-mono.wav"}},
            }
        return made

    def to_json(self, base_url: str) -> dict[str, Any]:
        """`GET /call/{id}`"""
        made = {
            **{key: value for key, value in self.request.items() if key != "customers"},
            "id": self.id,
            "orgId": "org_standin",
            "type": self.type,
            "status": self.status,
            "cost": 0 if self.ended is None else round(self.seconds * 0.0015, 4),
            "createdAt": iso(self.created),
            "updatedAt": iso(self.ended or time.time()),
            "monitor": self.monitor,
        }
        if self.transport is not None:
            made["transport"] = self.transport
        if self.started is not None:
            made["startedAt"] = iso(self.started)
        if self.ended is not None:
            made |= {"endedAt": iso(self.ended), "endedReason": self.ended_reason}
        if self.reported:
            made |= {"artifact": self.artifact(base_url), "analysis": {"summary": "They talked."}}
        return made

    def wav(self, *, stereo: bool) -> bytes:
        """Both sides as they were heard."""
        length = int(self.seconds * RATE) + RATE // 2
        sides = np.zeros((length, 2), dtype=np.int32)
        for side, second, rate, pcm in self.sounds:
            samples = np.frombuffer(pcm, "<i2")
            if rate != RATE:
                samples = soxr.resample(samples, rate, RATE)
            at = int(second * RATE)
            samples = samples[: max(0, length - at)]
            sides[at : at + len(samples), side] += samples
        mixed = sides if stereo else sides.sum(axis=1, keepdims=True)
        target = io.BytesIO()
        with wave.open(target, "wb") as file:
            file.setnchannels(2 if stereo else 1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(np.clip(mixed, -32768, 32767).astype("<i2").tobytes())
        return target.getvalue()
