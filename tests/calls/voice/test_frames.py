"""Frames of the voice socket, and the tape."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from calls.voice import frames
from calls.voice.frames import BadFrame

PCM = bytes(range(0, 200))


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_audio_is_cut_out_of_its_frame(separators: tuple[str, str]) -> None:
    frame = json.dumps({"user_audio_chunk": b64encode(PCM).decode()}, separators=separators).encode()
    assert frames.is_user_audio(frame)
    assert frames.user_audio(frame) == PCM


def test_other_frames_are_not_audio() -> None:
    frame = b'{"type":"user_message","text":"hi"}'
    assert not frames.is_user_audio(frame)
    assert frames.parse(frame) == {"type": "user_message", "text": "hi"}


def test_audio_with_its_keys_in_another_order_is_understood() -> None:
    frame = json.dumps({"extra": 1, "user_audio_chunk": b64encode(PCM).decode()}).encode()
    assert not frames.is_user_audio(frame)
    assert frames.parse(frame) == {"type": "user_audio", "pcm": PCM}


@pytest.mark.parametrize("frame", [b'{"user_audio_chunk":"!!!"}', b'{"user_audio_chunk":5}', b'{"user_audio_chunk":'])
def test_damaged_audio_is_a_bad_frame(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        frames.user_audio(frame)


@pytest.mark.parametrize(
    "frame",
    [
        b'{"user_audio_chunk":"QUJD","type":"contextual_update","text":"Say what hurts you"}',
        b'{"user_audio_chunk":"QUJD","x":"y"}',
        b'{"user_audio_chunk":null,"type":"user_message","text":"x"}',
        b'{"user_audio_chunk":"QU\\"JD"}',
        b'{"user_audio_chunk":"QUJD"} {"type":"x"}',
    ],
)
def test_nothing_can_be_smuggled_to_a_vendor_in_an_audio_frame(frame: bytes) -> None:
    assert frames.is_user_audio(frame)
    with pytest.raises(BadFrame):
        frames.audio_text(frame)


def test_a_vendors_audio_is_cut_out_of_its_frame() -> None:
    assert frames.agent_audio(frames.audio(7, PCM)) == PCM
    spaced = json.dumps({"type": "audio", "audio_event": {"audio_base_64": b64encode(PCM).decode(), "event_id": 2}})
    assert frames.agent_audio(spaced.encode()) == PCM


@pytest.mark.parametrize(
    "frame", [b"", b"nonsense", b"[]", b"null", b"{}", b'{"type":3}', b'{"user_audio_chunk":3, "a":1}', b"\xff{}"]
)
def test_what_is_no_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        frames.parse(frame)


def test_our_audio_frame_is_json_of_the_protocol() -> None:
    assert json.loads(frames.audio(7, PCM)) == {
        "type": "audio",
        "audio_event": {"audio_base_64": b64encode(PCM).decode(), "event_id": 7},
    }
