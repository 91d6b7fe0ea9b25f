"""Frames of the ElevenLabs Agents WebSocket protocol, browser side. All are JSON text in UTF-8; audio is base64 inside.

Source: the vendor's published AsyncAPI contract (`@elevenlabs/types`). Most frames by far are audio, and those are cut
apart by position instead of being parsed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Any

import orjson

AUDIO_START = b'{"user_audio_chunk":'
PLAIN_START = AUDIO_START + b'"'
AUDIO_END = b'"}'
AGENT_AUDIO = b'"audio_base_64":'
MOST_FRAME_BYTES = 1_000_000


class BadFrame(ValueError):
    """Not a frame of this protocol."""


def is_user_audio(frame: bytes) -> bool:
    """Is it an audio frame, by its first bytes?"""
    return frame.startswith(AUDIO_START)


def audio_text(frame: bytes) -> bytes:
    """The base64 text of an audio frame: `{"user_audio_chunk":"…"}` or, as Python's json writes it, with a space before
    the text. Raises `BadFrame` for anything besides, since such a frame may be passed on to a vendor as it is."""
    # A second quotation mark before the last one would mean a further key.
    start = frame.find(b'"', len(AUDIO_START)) + 1
    if not start or len(frame) > MOST_FRAME_BYTES or frame.find(b'"', start) != len(frame) - len(AUDIO_END):
        raise BadFrame("audio without content")
    if not frame.endswith(AUDIO_END) or frame[len(AUDIO_START) : start - 1].strip():
        raise BadFrame("audio without content")
    return frame[start : -len(AUDIO_END)]


def user_audio(frame: bytes) -> bytes:
    """The PCM of an audio frame. Raises `BadFrame`."""
    return _pcm(audio_text(frame))


def agent_audio(frame: bytes) -> bytes:
    """The PCM of a vendor's own audio frame. Raises `BadFrame`."""
    start = frame.find(b'"', frame.find(AGENT_AUDIO) + len(AGENT_AUDIO)) + 1
    return _pcm(frame[start : frame.find(b'"', start)])


def _pcm(text: bytes | str) -> bytes:
    try:
        pcm = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise BadFrame("audio that is not base64") from None
    return pcm if len(pcm) % 2 == 0 else pcm[:-1]


def parse(frame: bytes) -> dict[str, Any]:
    """Any other frame. Raises `BadFrame`."""
    if len(frame) > MOST_FRAME_BYTES:
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
        return {"type": "user_audio", "pcm": _pcm(audio)}
    if not isinstance(data.get("type"), str):
        raise BadFrame("no type")
    return data


def _frame(type: str, key: str, event: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": type, key: event})


def metadata(conversation_id: str, *, input_rate: int, output_rate: int) -> bytes:
    return _frame(
        "conversation_initiation_metadata",
        "conversation_initiation_metadata_event",
        {
            "conversation_id": conversation_id,
            "agent_output_audio_format": f"pcm_{output_rate}",
            "user_input_audio_format": f"pcm_{input_rate}",
        },
    )


def audio(event_id: int, pcm: bytes) -> bytes:
    # By hand: base64 needs no escaping, and this is the one frame that is sent fifty times a second.
    return b'{"type":"audio","audio_event":{"audio_base_64":"' + b64encode(pcm) + b'","event_id":%d}}' % event_id


def user_transcript(event_id: int, text: str) -> bytes:
    return _frame("user_transcript", "user_transcription_event", {"user_transcript": text, "event_id": event_id})


def tentative(event_id: int, text: str) -> bytes:
    return _frame(
        "tentative_user_transcript",
        "tentative_user_transcription_event",
        {"tentative_user_transcript": text, "user_transcript": text, "event_id": event_id},
    )


def agent_response(event_id: int, text: str) -> bytes:
    return _frame("agent_response", "agent_response_event", {"agent_response": text, "event_id": event_id})


def agent_correction(event_id: int, original: str, corrected: str) -> bytes:
    return _frame(
        "agent_response_correction",
        "agent_response_correction_event",
        {"original_agent_response": original, "corrected_agent_response": corrected, "event_id": event_id},
    )


def interruption(event_id: int) -> bytes:
    return _frame("interruption", "interruption_event", {"event_id": event_id})


def vad_score(score: float) -> bytes:
    return _frame("vad_score", "vad_score_event", {"vad_score": round(score, 3)})


def ping(event_id: int, latency_ms: int | None) -> bytes:
    return _frame("ping", "ping_event", {"event_id": event_id, "ping_ms": latency_ms})


def error(code: int, error_type: str, message: str) -> bytes:
    """`code`: 1000, 1002, 1008 or 1011."""
    return _frame("error", "error_event", {"code": code, "error_type": error_type, "message": message})
