"""Frames of the ElevenLabs Agents socket, and what they mean to us. Pure.

Source: the vendor's published contract (`@elevenlabs/types`). Audio is told from events by its first bytes and is not parsed.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from integrations.errors import ProviderError, ProviderRefused, ProviderUnavailable
from integrations.voice.base import SaidBefore, VoiceBrief

_AUDIO = re.compile(rb'\{\s*"type"\s*:\s*"audio"')
_AUDIO_ELSEWHERE = re.compile(rb'"type"\s*:\s*"audio"\s*[,}]')
_EVENT_ID = re.compile(rb'"event_id"\s*:\s*"?(\d+)"?')
_TEXT_KEY = b'"audio_base_64"'
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BASE64 = _LETTERS + b"="
# What stands around the text of a frame that is passed on as it came: nothing but its type and its number. A frame with more
# in it (such as `alignment`, which says what letter sounds when) is built anew.
_BEFORE = re.compile(
    rb'\{\s*(?:"type"\s*:\s*"audio"\s*,\s*)?"audio_event"\s*:\s*\{\s*(?:"event_id"\s*:\s*(\d+)\s*,\s*)?"audio_base_64"\s*:\s*"'
)
_AFTER = re.compile(rb'"\s*(?:,\s*"event_id"\s*:\s*(\d+)\s*)?\}\s*(?:,\s*"type"\s*:\s*"audio"\s*)?\}')

HISTORY = {
    "en": (
        "The call was interrupted and goes on now. So far this was said; do not greet again, do not repeat yourself:",
        {"user": "Caller", "assistant": "You"},
    ),
    "es": (
        "La llamada se cortó y continúa ahora. Hasta aquí se dijo esto; no vuelvas a saludar ni te repitas:",
        {"user": "Quien llama", "assistant": "Tú"},
    ),
}
MOST_HISTORY_CHARACTERS = 12_000
VENDOR = "elevenlabs"
REFUSED = (1002, 1003, 1007, 1008)  # close codes that the next conversation would get, too


class Cure(StrEnum):
    """What can be done about an error of the vendor."""

    CARRY_ON = "carry_on"  # the conversation lives
    NEW_SESSION = "new_session"  # it is over, another one may go on where it stopped
    GIVE_UP = "give_up"  # the next one would fail in the same way
    END = "end"  # nothing is wrong: the call is over


@dataclass(frozen=True, slots=True)
class Meaning:
    """An `error_type` of the vendor: what to do, and a sentence for the trainee."""

    cure: Cure
    message: str


_AGAIN = "The voice service had a problem; the call goes on."
_SETTINGS = "The voice service refused this call's settings. Tell an administrator."
ERRORS: Mapping[str, Meaning] = {
    "unknown": Meaning(Cure.NEW_SESSION, _AGAIN),
    "invalid_message": Meaning(Cure.GIVE_UP, "The voice service did not understand us."),
    "telephony_agent_error": Meaning(Cure.GIVE_UP, "The telephone line failed."),
    "mcp_tool_error": Meaning(Cure.CARRY_ON, "A tool of the buyer failed."),
    "mcp_https_error": Meaning(Cure.CARRY_ON, "A tool of the buyer could not be reached."),
    "value_error": Meaning(Cure.GIVE_UP, _SETTINGS),
    "missing_fields": Meaning(Cure.GIVE_UP, _SETTINGS),
    "override_error": Meaning(Cure.GIVE_UP, _SETTINGS),
    "missing_dynamic_variable_transfer": Meaning(Cure.GIVE_UP, _SETTINGS),
    "missing_dynamic_variable": Meaning(Cure.GIVE_UP, _SETTINGS),
    "websocket_disconnect": Meaning(Cure.NEW_SESSION, "The line to the voice service was lost; the call goes on."),
    "safety_violation": Meaning(Cure.GIVE_UP, "The voice service ended the call for a breach of its safety rules."),
    "llm_timeout": Meaning(Cure.NEW_SESSION, "The buyer took too long to think; the call goes on."),
    "transport_receive_timeout": Meaning(Cure.NEW_SESSION, "The voice service fell silent; the call goes on."),
    "asyncio_timeout": Meaning(Cure.NEW_SESSION, _AGAIN),
    "http_exception": Meaning(Cure.NEW_SESSION, _AGAIN),
    "max_duration_exceeded": Meaning(Cure.END, "The time of this call is over."),
    "llm_error": Meaning(Cure.NEW_SESSION, "The buyer lost the thread; the call goes on."),
    "custom_llm_error": Meaning(Cure.NEW_SESSION, "The buyer lost the thread; the call goes on."),
    "cascade_brain_error": Meaning(Cure.NEW_SESSION, "The buyer lost the thread; the call goes on."),
    "asr_transcription_error": Meaning(Cure.NEW_SESSION, "Your last words could not be recognised."),
    "vad_error": Meaning(Cure.NEW_SESSION, "Your last words could not be recognised."),
    "turn_probability_error": Meaning(Cure.NEW_SESSION, _AGAIN),
    "tts_cascade_error": Meaning(Cure.NEW_SESSION, "The buyer lost its voice; the call goes on."),
    "redis_timeout_error": Meaning(Cure.NEW_SESSION, _AGAIN),
    "unknown_websocket_crash": Meaning(Cure.NEW_SESSION, "The line to the voice service was lost; the call goes on."),
}


def meaning_of(error_type: str) -> Meaning:
    return ERRORS.get(error_type, ERRORS["unknown"])


def refusal(error_type: str, code: int) -> ProviderError:
    """The conversation was closed with `code` before it began; `error_type` as the vendor told it, or ""."""
    cure = meaning_of(error_type).cure if error_type else None
    if cure is Cure.GIVE_UP or (cure is None and code in REFUSED):
        return ProviderRefused(f"the conversation was refused ({error_type or f'code {code}'})", provider=VENDOR)
    return ProviderUnavailable("the conversation did not begin", provider=VENDOR)


# -- from the vendor ---------------------------------------------------------------------------------------------------
def is_audio(frame: bytes) -> bool:
    """Told by its first bytes; `{"audio_event":…,"type":"audio"}` by its last ones."""
    return _AUDIO.match(frame, 0, 40) is not None or _AUDIO_ELSEWHERE.search(frame, len(frame) - 24) is not None


@dataclass(slots=True)
class Audio:
    """`text`: the base64 inside, of `size` bytes of audio. `plain`: nothing but audio and its number is in the frame, so it
    may go on as it is."""

    event_id: int
    text: bytes
    size: int
    plain: bool


class AudioCutter:
    """Cuts audio frames apart by position, so nothing is parsed. Fifty times a second and call: what stands around the text
    of a plain frame is looked through once by `cut`; as long as it stays the same, to the byte, `size_of_same` compares
    it."""

    def __init__(self) -> None:
        self._before = self._after = self._end = self._around = b""
        self._length, self._size = -1, 0
        self.event_id = 0

    def size_of_same(self, frame: bytes) -> int | None:
        """How many bytes of audio a plain frame with the newest one's number (`event_id`) holds; None for any other frame."""
        # As long as the one before, with the same ends, and nothing but base64 between them: so it holds as much.
        if (
            len(frame) == self._length
            and frame.startswith(self._before)
            and frame.endswith(self._end)
            and frame.translate(None, _LETTERS) == self._around
        ):
            return self._size
        before, after = self._before, self._after
        if not before or not frame.startswith(before) or not frame.endswith(after):
            return None
        text = frame[len(before) : -len(after)]
        size = size_of(text)
        if size is not None:
            self._length, self._size = len(frame), size
            self._end = b"=" * text.count(b"=") + after
            self._around = frame.translate(None, _LETTERS)
        return size

    def cut(self, frame: bytes) -> Audio | None:
        """None when it is damaged."""
        key = frame.find(_TEXT_KEY)
        start = frame.find(b'"', key + len(_TEXT_KEY)) + 1
        end = frame.find(b'"', start)
        if key < 0 or start < 1 or end < 0:
            return None
        text = frame[start:end]
        size = size_of(text)
        if size is None:
            return None
        before, after = _BEFORE.fullmatch(frame, 0, start), _AFTER.fullmatch(frame, end)
        if before is not None and after is not None and (before[1] is None) != (after[1] is None):
            self._before, self._after, self.event_id = before[0], after[0], int(before[1] or after[1])
            self._length = -1
            return Audio(self.event_id, text, size, True)
        event_id = _EVENT_ID.search(frame, end) or _EVENT_ID.search(frame, 0, key)
        return None if event_id is None else Audio(int(event_id[1]), text, size, False)


def size_of(text: bytes) -> int | None:
    """How many bytes this base64 text stands for; None when it is none."""
    if len(text) % 4 or text.translate(None, _BASE64):
        return None
    padding = text.find(b"=")
    if padding < 0:
        return len(text) * 3 // 4
    return len(text) * 3 // 4 - (len(text) - padding) if text[padding:] in (b"=", b"==") else None


def audio_frame(event_id: int, text: bytes) -> bytes:
    return b'{"type":"audio","audio_event":{"audio_base_64":"%b","event_id":%d}}' % (text, event_id)


def interruption(event_id: int) -> str:
    """As the browser gets it."""
    return f'{{"type":"interruption","interruption_event":{{"event_id":{event_id}}}}}'


def event_of(frame: bytes) -> tuple[str, dict[str, Any]] | None:
    """Type and inner fields of any other frame; None when it is not one of the protocol."""
    try:
        data = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        return None
    kind = data["type"]
    key = INNER.get(kind)
    if key is None:
        return kind, {}
    inner = data.get(key)
    return (kind, inner) if isinstance(inner, dict) and _whole(kind, inner) else None


INNER = {
    "conversation_initiation_metadata": "conversation_initiation_metadata_event",
    "user_transcript": "user_transcription_event",
    "tentative_user_transcript": "tentative_user_transcription_event",
    "agent_response": "agent_response_event",
    "agent_response_correction": "agent_response_correction_event",
    "interruption": "interruption_event",
    "ping": "ping_event",
    "vad_score": "vad_score_event",
    "client_tool_call": "client_tool_call",
    "error": "error_event",
}
_NEEDED: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "conversation_initiation_metadata": {
        "conversation_id": str,
        "agent_output_audio_format": str,
        "user_input_audio_format": str,
    },
    "user_transcript": {"user_transcript": str, "event_id": int},
    "tentative_user_transcript": {"user_transcript": str},
    "agent_response": {"agent_response": str, "event_id": int},
    "agent_response_correction": {"corrected_agent_response": str, "event_id": int},
    "interruption": {"event_id": int},
    "ping": {"event_id": int},
    "vad_score": {"vad_score": (int, float)},
    "client_tool_call": {"tool_name": str, "tool_call_id": str},
}


def _whole(kind: str, inner: Mapping[str, Any]) -> bool:
    return all(isinstance(inner.get(name), wanted) for name, wanted in _NEEDED.get(kind, {}).items())


# -- to the vendor -----------------------------------------------------------------------------------------------------
def initiation(brief: VoiceBrief, *, voice_id: str, history: tuple[SaidBefore, ...], opens: bool) -> bytes:
    """The first frame. `opens`: the buyer speaks first; else it waits, and knows what was said before."""
    prompt = literal(brief.prompt)
    if history:
        prompt = f"{prompt}\n\n{literal(so_far(history, brief.language))}"
    override: dict[str, Any] = {
        "agent": {
            "prompt": {"prompt": prompt},
            "first_message": literal(brief.first_message) if opens else "",
            "language": brief.language,
        }
    }
    if voice_id:
        override["tts"] = {"voice_id": voice_id}
    if brief.text_only:
        override["conversation"] = {"text_only": True}
    return orjson.dumps(
        {
            "type": "conversation_initiation_client_data",
            "conversation_config_override": override,
            "dynamic_variables": dict(brief.variables),
            "user_id": brief.call_id,
        }
    )


def so_far(history: tuple[SaidBefore, ...], language: str) -> str:
    """What was said, newest last, the oldest left out where it is too much."""
    heading, names = HISTORY.get(language, HISTORY["en"])
    lines: list[str] = []
    room = MOST_HISTORY_CHARACTERS
    for said in reversed(history):
        line = f"{names.get(said.role, said.role)}: {said.text}"
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    return "\n".join([heading, *reversed(lines)])


def literal(text: str) -> str:
    """`{{…}}` would be filled in by the vendor; authors and trainees write no templates."""
    return text.replace("{{", "{ {")


def pong(event_id: int) -> bytes:
    return b'{"type":"pong","event_id":%d}' % event_id


def user_audio(pcm: bytes) -> bytes:
    return b'{"user_audio_chunk":"%b"}' % b64encode(pcm)


def user_message(text: str) -> bytes:
    return orjson.dumps({"type": "user_message", "text": text})


def contextual_update(text: str) -> bytes:
    """What the agent is to know from now on; it interrupts nothing and is answered by nobody."""
    return orjson.dumps({"type": "contextual_update", "text": text})


USER_ACTIVITY = b'{"type":"user_activity"}'


def tool_result(tool_call_id: str, result: str, *, is_error: bool) -> bytes:
    return orjson.dumps(
        {"type": "client_tool_result", "tool_call_id": tool_call_id, "result": result, "is_error": is_error}
    )
