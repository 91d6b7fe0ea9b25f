"""The vendor's frames, one by one: what is told apart, what is damaged, what is sent."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from elevenlabs.core.api_error import ApiError
from hypothesis import given
from hypothesis import strategies as st

from integrations.errors import ProviderError, ProviderInvalidAnswer, ProviderRateLimited, ProviderRefused
from integrations.voice.base import SaidBefore, VoiceBrief
from integrations.voice.elevenlabs import api, wire
from integrations.voice.elevenlabs.formats import Format, format_of

TEXT = b64encode(bytes(range(200)) * 3).decode()


def test_every_error_type_of_the_contract_has_a_meaning() -> None:
    contract = Path(settings.BASE_DIR) / "node_modules/@elevenlabs/types/generated/types/asyncapi-types.ts"
    union = contract.read_text().split("export type ErrorEventErrorType =")[1].split(";")[0]
    assert set(re.findall(r'"(\w+)"', union)) == set(wire.ERRORS)
    assert wire.meaning_of("something new") == wire.ERRORS["unknown"]
    assert all(meaning.message.endswith(".") for meaning in wire.ERRORS.values())


def cut(raw: bytes) -> wire.Audio | None:
    """As the first frame of a conversation."""
    return wire.AudioCutter().cut(raw)


@pytest.mark.parametrize(
    ("frame", "plain"),
    [
        ({"type": "audio", "audio_event": {"audio_base_64": TEXT, "event_id": 7}}, True),
        ({"audio_event": {"event_id": 7, "audio_base_64": TEXT}, "type": "audio"}, True),
        ({"type": "audio", "audio_event": {"audio_base_64": TEXT, "event_id": "7"}}, False),
        (
            {"type": "audio", "audio_event": {"audio_base_64": TEXT, "event_id": 7, "alignment": {"chars": ["a"]}}},
            False,
        ),
        ({"type": "audio", "secret": "x", "audio_event": {"audio_base_64": TEXT, "event_id": 7}}, False),
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_audio_is_known_by_its_ends(frame: dict[str, Any], plain: bool, separators: tuple[str, str]) -> None:
    raw = json.dumps(frame, separators=separators).encode()
    assert wire.is_audio(raw)
    audio = cut(raw)
    assert audio is not None
    assert (audio.event_id, audio.text.decode(), audio.plain, audio.size) == (7, TEXT, plain, 600)
    assert json.loads(wire.audio_frame(9, audio.text)) == {
        "type": "audio",
        "audio_event": {"audio_base_64": TEXT, "event_id": 9},
    }


@pytest.mark.parametrize("text", ["AAA", "A*AA", "A=AA", "AA=A", "====", 'AAAA","event_id":1,"x":"AAAA'])
def test_damaged_audio_is_no_audio(text: str) -> None:
    raw = '{"type":"audio","audio_event":{"audio_base_64":"' + text + '","event_id":2}}'
    audio = cut(raw.encode())
    if audio is not None:
        assert not audio.plain
        b64decode(audio.text, validate=True)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"type":"audio"}',
        b'{"type":"audio","audio_event":{"audio_base_64":"AAAA"}}',
        b'{"type":"audio","audio_event":{"audio_base_64":"AAAA","event_id":2}',
        b'{"type":"audio","audio_event":{"audio_base_64":"AAAA","event_id":x}}',
        b'{"type": "audio", "audio_event": {"audio_base_64": "AAA',
    ],
)
def test_half_a_frame_is_damaged(raw: bytes) -> None:
    audio = cut(raw)
    assert audio is None or not audio.plain


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "agent_response", "agent_response_event": {"agent_response": "type: audio", "event_id": 1}},
        {"type": "user_transcript", "user_transcription_event": {"user_transcript": '"type":"audio"', "event_id": 1}},
        {"type": "ping", "ping_event": {"event_id": 1}},
    ],
)
def test_words_about_audio_are_no_audio(frame: dict[str, Any]) -> None:
    raw = json.dumps(frame).encode()
    assert not wire.is_audio(raw)
    event = wire.event_of(raw)
    assert event is not None
    assert event[0] == frame["type"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'{"type":5}',
        b'{"type":"agent_response"}',
        b'{"type":"agent_response","agent_response_event":{"agent_response":"x"}}',
        b'{"type":"ping","ping_event":{"event_id":"1"}}',
        b'{"type":"interruption","interruption_event":null}',
    ],
)
def test_what_is_no_event(raw: bytes) -> None:
    assert wire.event_of(raw) is None


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: f'{{"type":"audio"{text}'.encode())))
def test_nothing_they_send_is_too_odd(raw: bytes) -> None:
    if wire.is_audio(raw):
        cut(raw)
    else:
        wire.event_of(raw)


ODD = st.sampled_from(["", "x", '"', "}", '","event_id":1,"x":"', ',"secret":"y"', "=", " ", "5"])


@given(
    st.tuples(
        st.sampled_from(["AAAA", "AA==", "AAA=", "AAA", ""]), ODD, ODD, ODD, st.sampled_from(["7", "8", "77", "x"])
    ),
)
def test_what_it_remembers_of_a_frame_never_changes_what_it_says_of_the_next(parts: tuple[str, ...]) -> None:
    text, before, inside, after, number = parts
    raw = f'{{"type":"audio",{before}"audio_event":{{"audio_base_64":"{text}{inside}","event_id":{number}}}{after}}}'
    warm = wire.AudioCutter()
    assert warm.cut(wire.audio_frame(7, TEXT.encode())) is not None
    size = warm.size_of_same(raw.encode())
    anew = cut(raw.encode())
    if size is not None:
        assert anew is not None
        assert (size, 7, True) == (anew.size, anew.event_id, anew.plain)
    assert warm.cut(raw.encode()) == anew


def test_a_frame_like_the_one_before_is_known_by_what_stands_around_its_sound() -> None:
    warm = wire.AudioCutter()
    frame = wire.audio_frame(7, TEXT.encode())
    assert warm.size_of_same(frame) is None
    first = warm.cut(frame)
    assert first is not None
    assert warm.size_of_same(frame) == first.size
    assert warm.size_of_same(wire.audio_frame(8, TEXT.encode())) is None
    assert warm.size_of_same(frame.replace(b"A", b"!", 1)) is None


@given(st.binary(min_size=1, max_size=3000).map(b64encode))
def test_audio_goes_in_and_out(text: bytes) -> None:
    audio = cut(wire.audio_frame(3, text))
    assert audio is not None
    assert (audio.text, audio.plain, audio.size) == (text, True, len(b64decode(text)))


def test_the_first_frame() -> None:
    brief = VoiceBrief(
        "c1", "Be {{mean}}.", "Hi {{x}}", "es", "ada", variables={"parley_call_id": "c1"}, text_only=True
    )
    told = json.loads(wire.initiation(brief, voice_id="v", history=(), opens=True))
    override = told["conversation_config_override"]
    assert override["agent"] == {"prompt": {"prompt": "Be { {mean}}."}, "first_message": "Hi { {x}}", "language": "es"}
    assert (override["tts"], override["conversation"]) == ({"voice_id": "v"}, {"text_only": True})
    history = (SaidBefore("assistant", "Hola"), SaidBefore("user", "Buenas {{tardes}}"))
    told = json.loads(wire.initiation(brief, voice_id="", history=history, opens=False))
    agent = told["conversation_config_override"]["agent"]
    assert agent["first_message"] == ""
    assert agent["prompt"]["prompt"].endswith("Tú: Hola\nQuien llama: Buenas { {tardes}}")
    assert "tts" not in told["conversation_config_override"]


def test_of_a_long_history_the_end_is_told() -> None:
    history = tuple(SaidBefore("user", f"{number} " + "word " * 100) for number in range(60))
    told = wire.so_far(history, "en")
    assert len(told) < wire.MOST_HISTORY_CHARACTERS + 500
    assert "Caller: 59 " in told
    assert "Caller: 0 " not in told


def test_formats() -> None:
    assert format_of("pcm_44100") == Format(44100, True)
    assert format_of("ulaw_8000").duration_ms(80) == 10
    assert format_of("pcm_16000").duration_ms(640) == 20
    for name in ("opus_48000", "pcm", "", "mp3_44100_128"):
        with pytest.raises(ProviderInvalidAnswer):
            format_of(name)


def test_ulaw_is_near_enough() -> None:
    ulaw = format_of("ulaw_8000")
    samples = (np.sin(np.arange(8000) / 20) * 20000).astype("<i2")
    back = np.frombuffer(ulaw.decode(ulaw.encode(samples.tobytes())), "<i2")
    assert np.abs(back.astype(int) - samples).max() < 800
    loud = np.array([-32768, 32767, 0], "<i2")
    back = np.frombuffer(ulaw.decode(ulaw.encode(loud.tobytes())), "<i2").astype(int)
    assert np.abs(back - loud).max() < 1000


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (401, {"detail": {"status": "quota_exceeded", "message": "x"}}, ProviderRefused, "quota"),
        (401, {"detail": {"status": "invalid_api_key", "message": "x"}}, ProviderRefused, "key"),
        (400, {"detail": {"status": "voice_not_found"}}, ProviderRefused, "voice"),
        (429, {"detail": {"status": "system_busy"}}, ProviderRateLimited, "busy"),
        (404, {"detail": {"status": "agent_not_found"}}, api.NotFound, "agent"),
        (404, "gone", api.NotFound, "no such"),
        (422, {"detail": [{"loc": ["query"]}]}, ProviderRefused, "422"),
        (503, None, ProviderError, "503"),
    ],
)
def test_refusals_in_our_words(status: int, body: Any, kind: type[ProviderError], message: str) -> None:
    error = api.translated(ApiError(status_code=status, headers={"Retry-After": "7"}, body=body))
    assert isinstance(error, kind)
    assert message in error.message
    if isinstance(error, ProviderRateLimited):
        assert error.retry_after == 7.0
