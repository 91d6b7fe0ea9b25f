"""What the ElevenLabs stand-in keeps of a conversation, as its API tells it."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
import soxr

MP3_RATE = 16000


@dataclass
class Kept:
    """Audio is 16-bit mono PCM as it was heard and said; `sounds` are (second of the call, rate, audio)."""

    id: str
    agent_id: str
    began: bool = False
    started: float = field(default_factory=time.time)
    ended: float | None = None
    status: str = "initiated"
    user_id: str | None = None
    language: str = "en"
    text_only: bool = False
    initiation: dict[str, Any] = field(default_factory=dict)
    transcript: list[dict[str, Any]] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)
    sounds: list[tuple[float, int, bytes]] = field(default_factory=list)
    termination: str = ""
    error: dict[str, Any] | None = None
    pongs: list[int] = field(default_factory=list)
    activity: int = 0

    @property
    def seconds(self) -> float:
        return (self.ended or time.time()) - self.started

    @property
    def has_audio(self) -> bool:
        return bool(self.sounds)

    def say(self, role: str, message: str | None, **more: Any) -> dict[str, Any]:
        """`role`: "user" or "agent"."""
        line = {"role": role, "message": message, "time_in_call_secs": int(self.seconds), **more}
        self.transcript.append(line)
        return line

    def summary(self) -> dict[str, Any]:
        return {
            "agent_id": self.agent_id,
            "agent_name": "Demo",
            "conversation_id": self.id,
            "start_time_unix_secs": int(self.started),
            "call_duration_secs": int(self.seconds),
            "message_count": len(self.transcript),
            "status": self.status,
            "call_successful": "success" if self.status == "done" else "unknown",
        }

    def to_json(self) -> dict[str, Any]:
        over = self.status in {"done", "failed"}
        return {
            "agent_id": self.agent_id,
            "agent_name": "Demo",
            "conversation_id": self.id,
            "status": self.status,
            "user_id": self.user_id,
            "has_audio": self.has_audio,
            "has_user_audio": self.has_audio,
            "has_response_audio": self.has_audio,
            "transcript": self.transcript,
            "metadata": {
                "start_time_unix_secs": int(self.started),
                "accepted_time_unix_secs": int(self.started),
                "call_duration_secs": int(self.seconds),
                "cost": int(self.seconds * 10),
                "cost_fiat": round(self.seconds * 0.0013, 4),
                "termination_reason": self.termination,
                "error": self.error,
                "main_language": self.language,
                "authorization_method": "signed_url",
                "text_only": self.text_only,
            },
            "analysis": {
                "call_successful": "success",
                "transcript_summary": "The trainee spoke with a buyer.",
                "evaluation_criteria_results": {},
                "data_collection_results": {},
            }
            if over
            else None,
            "conversation_initiation_client_data": self.initiation,
        }


def mp3(kept: Kept) -> bytes:
    """Both sides in one channel."""
    end = max((at + len(pcm) / 2 / rate for at, rate, pcm in kept.sounds), default=0.0)
    mixed = np.zeros(int(end * MP3_RATE) + 1, dtype=np.float32)
    for at, rate, pcm in kept.sounds:
        heard = np.frombuffer(pcm, "<i2").astype(np.float32)
        piece = heard if rate == MP3_RATE else soxr.resample(heard, rate, MP3_RATE)
        start = int(at * MP3_RATE)
        room = mixed[start : start + len(piece)]
        room += piece[: len(room)]
    samples = np.clip(mixed, -32768, 32767).astype(np.int16).reshape(1, -1)
    target = io.BytesIO()
    with av.open(target, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=MP3_RATE)
        stream.layout = "mono"  # type: ignore[union-attr]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = MP3_RATE
        container.mux(stream.encode(frame))  # type: ignore[union-attr]
        container.mux(stream.encode(None))
    return target.getvalue()
