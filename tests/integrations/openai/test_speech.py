"""Files and single lines: requests that models take, answers that mean nothing, and retries."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from integrations import resilience
from integrations.errors import ProviderInvalidAnswer, ProviderRefused, ProviderUnavailable
from integrations.resilience import RetryPolicy
from integrations.speech import openai_stt
from integrations.speech.openai_speech import unsaid
from integrations.speech.openai_stt import (
    MOST_FILE_BYTES,
    UNSTATED,
    OpenAISpeechToText,
    read_transcription,
    transcription_request,
)
from integrations.speech.openai_tts import OpenAITextToSpeech
from tests.integrations.openai.conftest import MS_PER_CHARACTER, openai_keys
from tests.standins.openai import OpenAI

SPEECH = b"\x10\x20" * 16000


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(resilience.POLICIES, "whisper", RetryPolicy((0.01, 0.01)))
    monkeypatch.setattr(openai_stt, "contains_speech", any)


def ears(vendor: OpenAI, model: str = "gpt-transcribe") -> OpenAISpeechToText:
    return OpenAISpeechToText(replace(openai_keys(vendor), options={"stt_model": model}))


@pytest.mark.parametrize("model", ["gpt-transcribe", "gpt-4o-transcribe", "whisper-1"])
def test_each_family_is_asked_its_way(vendor: OpenAI, model: str) -> None:
    heard = ears(vendor, model).transcribe(SPEECH, rate=16000, language="en")
    assert heard.text == "How do you plan your routes?"
    assert heard.confidence == (0.905 if model == "whisper-1" else UNSTATED)
    form = vendor.seen[-1].body
    assert ("verbose_json" in form) == (model == "whisper-1")
    assert ("logprobs" in form) == (model == "gpt-4o-transcribe")


def test_silence_is_not_sent(vendor: OpenAI) -> None:
    assert ears(vendor).transcribe(bytes(32000), rate=16000, language="en").text == ""
    assert vendor.seen == []


def test_what_is_invented_in_silence_is_dropped() -> None:
    segment = SimpleNamespace(text=" Thank you for watching", avg_logprob=-1.2, no_speech_prob=0.9)
    answer = SimpleNamespace(text="Thank you for watching", segments=[segment])
    assert read_transcription(answer, began=0.0).text == ""
    assert read_transcription(SimpleNamespace(text=" … "), began=0.0).text == ""
    with pytest.raises(ProviderInvalidAnswer):
        read_transcription("<html>", began=0.0)


def test_confidence_by_log_probabilities() -> None:
    tokens = [SimpleNamespace(logprob=-0.1), SimpleNamespace(logprob=-0.3), SimpleNamespace(logprob=None)]
    assert read_transcription(SimpleNamespace(text="Yes", logprobs=tokens), began=0.0).confidence == 0.819


def test_more_than_the_vendor_takes() -> None:
    with pytest.raises(ProviderRefused) as caught:
        transcription_request("gpt-transcribe", bytes(MOST_FILE_BYTES), rate=16000, language="en")
    assert caught.value.status == 413


def test_tried_three_times(vendor: OpenAI) -> None:
    vendor.misbehave("broken_500", times=2)
    assert ears(vendor).transcribe(SPEECH, rate=16000, language="en").text
    assert len(vendor.seen) == 3
    vendor.misbehave("broken_500", times=3)
    with pytest.raises(ProviderUnavailable):
        ears(vendor).transcribe(SPEECH, rate=16000, language="en")


def test_a_refused_key_is_not_tried_again(vendor: OpenAI) -> None:
    vendor.misbehave("refuse_401")
    with pytest.raises(ProviderRefused):
        ears(vendor).transcribe(SPEECH, rate=16000, language="en")
    assert len(vendor.seen) == 1


def test_a_line_is_spoken_sentence_by_sentence(vendor: OpenAI) -> None:
    voice = OpenAITextToSpeech(openai_keys(vendor))
    pcm = b"".join(voice.stream("Hola. ¿Qué tal?", voice_id="marcos", language="es"))
    assert [seen.body["input"] for seen in vendor.seen] == ["Hola.", "¿Qué tal?"]
    assert {seen.body["voice"] for seen in vendor.seen} == {"cedar"}
    assert len(pcm) > 48 * MS_PER_CHARACTER * len("Hola.¿Qué tal?")
    assert len(pcm) % 2 == 0


@pytest.mark.parametrize("fault", ["malformed_frame", "drop_mid_word", "limit_429"])
def test_a_voice_that_fails(vendor: OpenAI, fault: str) -> None:
    vendor.misbehave(fault)
    with pytest.raises((ProviderInvalidAnswer, ProviderUnavailable)):
        list(OpenAITextToSpeech(openai_keys(vendor)).stream("Hello there.", voice_id="", language="en"))


@pytest.mark.parametrize(
    ("said", "rest"),
    [(0, "We open at nine."), (3120 * 5, "at nine."), (3120 * 2, "open at nine."), (3120 * 99, "")],
)
def test_what_is_left_when_a_voice_breaks_off(said: int, rest: Any) -> None:
    assert unsaid("We open at nine.", said) == rest
