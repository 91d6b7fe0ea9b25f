"""What the stand-in says it hears again: the embedded models behind the vendor's wire."""

from __future__ import annotations

import pytest

from integrations.speech.openai_stt import OpenAISpeechToText
from integrations.speech.openai_tts import OpenAITextToSpeech
from tests.integrations.openai.conftest import openai_keys
from tests.standins.openai import OpenAI

pytestmark = pytest.mark.slow


def test_speech_there_and_back() -> None:
    with OpenAI().serving() as vendor:
        keys = openai_keys(vendor)
        voice = OpenAITextToSpeech(keys)
        pcm = b"".join(voice.stream("How do you plan your routes today?", voice_id="carl", language="en"))
        pause = bytes(voice.rate * 2 // 5)
        heard = OpenAISpeechToText(keys).transcribe(pause + pcm + pause, rate=voice.rate, language="en")
    assert heard.text.lower().rstrip("?") == "how do you plan your routes today"
