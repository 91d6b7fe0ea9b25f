"""Frames of the ElevenLabs Agents WebSocket protocol, browser side. All are JSON text; audio is base64 inside.

Source: the vendor's published AsyncAPI contract (`@elevenlabs/types`). Most frames by far are audio, and those are cut
apart by position instead of being parsed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Any

import orjson

AUDIO_START = '{"user_audio_chunk":'
MOST_FRAME_CHARACTERS = 1_000_000


class BadFrame(ValueError):
    """Not a frame of this protocol."""


def user_audio(frame: str) -> bytes | None:
    """The PCM of an audio frame; None when this is another frame. Raises `BadFrame` for damaged audio."""
    # `{"user_audio_chunk":"…"}` or, as Python's json writes it, `{"user_audio_chunk": "…"}`.
    if not frame.startswith(AUDIO_START):
        return None
    start = frame.find('"', len(AUDIO_START))
    end = frame.rfind('"')
    if start < 0 or end <= start:
        raise BadFrame("audio without content")
    try:
        pcm = b64decode(frame[start + 1 : end], validate=True)
    except (Base64Error, ValueError):
        raise BadFrame("audio that is not base64") from None
    return pcm if len(pcm) % 2 == 0 else pcm[:-1]


def parse(frame: str) -> dict[str, Any]:
    """Any other frame. Raises `BadFrame`."""
    if len(frame) > MOST_FRAME_CHARACTERS:
        raise BadFrame("too long")
    try:
        data = orjson.loads(frame)
    except orjson.JSONDecodeError:
        raise BadFrame("not JSON") from None
    if not isinstance(data, dict):
        raise BadFrame("not an object")
    if "type" not in data and "user_audio_chunk" in data:
        # An audio frame with its keys in another order.
        audio = data["user_audio_chunk"]
        if not isinstance(audio, str):
            raise BadFrame("audio that is not base64")
        try:
            return {"type": "user_audio", "pcm": b64decode(audio, validate=True)}
        except (Base64Error, ValueError):
            raise BadFrame("audio that is not base64") from None
    if not isinstance(data.get("type"), str):
        raise BadFrame("no type")
    return data


def _frame(type: str, key: str, event: dict[str, Any]) -> str:
    return orjson.dumps({"type": type, key: event}).decode()


def metadata(conversation_id: str, *, input_rate: int, output_rate: int) -> str:
    return _frame(
        "conversation_initiation_metadata",
        "conversation_initiation_metadata_event",
        {
            "conversation_id": conversation_id,
            "agent_output_audio_format": f"pcm_{output_rate}",
            "user_input_audio_format": f"pcm_{input_rate}",
        },
    )


def audio(event_id: int, pcm: bytes) -> str:
    # By hand: base64 needs no escaping, and this is the one frame that is sent fifty times a second.
    return (
        '{"type":"audio","audio_event":{"audio_base_64":"'
        + b64encode(pcm).decode("ascii")
        + f'","event_id":{event_id}}}}}'
    )


def user_transcript(event_id: int, text: str) -> str:
    return _frame("user_transcript", "user_transcription_event", {"user_transcript": text, "event_id": event_id})


def tentative(event_id: int, text: str) -> str:
    return _frame(
        "tentative_user_transcript",
        "tentative_user_transcription_event",
        {"tentative_user_transcript": text, "user_transcript": text, "event_id": event_id},
    )


def agent_response(event_id: int, text: str) -> str:
    return _frame("agent_response", "agent_response_event", {"agent_response": text, "event_id": event_id})


def agent_correction(event_id: int, original: str, corrected: str) -> str:
    return _frame(
        "agent_response_correction",
        "agent_response_correction_event",
        {"original_agent_response": original, "corrected_agent_response": corrected, "event_id": event_id},
    )


def interruption(event_id: int) -> str:
    return _frame("interruption", "interruption_event", {"event_id": event_id})


def vad_score(score: float) -> str:
    return _frame("vad_score", "vad_score_event", {"vad_score": round(score, 3)})


def ping(event_id: int, latency_ms: int | None) -> str:
    return _frame("ping", "ping_event", {"event_id": event_id, "ping_ms": latency_ms})


def error(code: int, error_type: str, message: str) -> str:
    """`code`: 1000, 1002, 1008 or 1011."""
    return _frame("error", "error_event", {"code": code, "error_type": error_type, "message": message})
