"""The stand-in speaks the wire as the vendor's own client understands it."""

from __future__ import annotations

import io

import httpx2
import openai
import pytest

from tests.standins.openai import OpenAI
from tests.standins.openai_wire import Failed, Said, wav


@pytest.fixture
def sdk(vendor: OpenAI) -> openai.OpenAI:
    return openai.OpenAI(api_key=vendor.key, base_url=f"{vendor.base_url}/v1", max_retries=0)


@pytest.fixture
def router(vendor: OpenAI) -> openai.OpenAI:
    return openai.OpenAI(api_key=vendor.key, base_url=vendor.router_url, max_retries=0)


def ask(sdk: openai.OpenAI, **more: object) -> object:
    return sdk.chat.completions.create(model="gpt-6-luna", messages=[{"role": "user", "content": "Hello"}], **more)


def test_streams_with_a_usage_chunk_at_the_end(sdk: openai.OpenAI) -> None:
    chunks = list(ask(sdk, stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == (
        "I see. Tell me more."
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 150


def test_refusals_and_lengths(sdk: openai.OpenAI, vendor: OpenAI) -> None:
    vendor.script += [Said("No.", refusal=True), Said("Well, the", finish="length")]
    refused = ask(sdk).choices[0].message
    assert (refused.content, refused.refusal) == (None, "No.")
    assert ask(sdk).choices[0].finish_reason == "length"


def test_parameters_are_checked_by_family(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(sdk, temperature=0.2)
    assert caught.value.code == "unsupported_parameter"
    assert caught.value.param == "temperature"
    with pytest.raises(openai.NotFoundError):
        sdk.chat.completions.create(model="gpt-4", messages=[{"role": "user", "content": "Hello"}])


def test_errors_of_both_kinds(sdk: openai.OpenAI, router: openai.OpenAI, vendor: OpenAI) -> None:
    vendor.script += [Failed(429, "insufficient_quota"), Failed(402, message="Insufficient credits")]
    with pytest.raises(openai.RateLimitError) as quota:
        ask(sdk)
    assert quota.value.code == "insufficient_quota"
    with pytest.raises(openai.APIStatusError) as credits:
        ask(router)
    assert credits.value.body["code"] == 402
    vendor.script.append(Failed(502, inside=True))
    assert ask(router).model_extra["error"]["code"] == 502


def test_an_error_in_the_stream_and_a_cut_one(sdk: openai.OpenAI, vendor: OpenAI) -> None:
    vendor.script += [Said("Well, we", broken=True), Said("Well, we", cut=True)]
    with pytest.raises(openai.APIError, match="upstream failed"):
        list(ask(sdk, stream=True))
    with pytest.raises((openai.APIConnectionError, httpx2.HTTPError)):
        list(ask(sdk, stream=True))


def test_transcription_speech_embeddings_models(sdk: openai.OpenAI, vendor: OpenAI) -> None:
    file = ("turn.wav", io.BytesIO(wav(b"\x10\x00" * 16000)), "audio/wav")
    heard = sdk.audio.transcriptions.create(model="gpt-transcribe", file=file, language="en")
    assert heard.text == "How do you plan your routes?"
    words = sdk.audio.transcriptions.create(
        model="whisper-1", file=file, response_format="verbose_json", timestamp_granularities=["segment"]
    )
    assert words.segments[0].no_speech_prob == 0.01
    with sdk.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="coral", input="Hello there.", response_format="pcm"
    ) as spoken:
        assert len(b"".join(spoken.iter_bytes())) == 24 * 40 * 12 * 2
    row = sdk.embeddings.create(model="text-embedding-3-small", input="Hello").data[0].embedding
    assert len(row) == 1536
    assert sum(value * value for value in row) == pytest.approx(1.0, abs=1e-4)
    listed = sdk.embeddings.create(model="text-embedding-3-small", input="Hello", encoding_format="float")
    assert listed.data[0].embedding == pytest.approx(row, abs=1e-6)
    gone = {model.id: model.shutdown_date for model in sdk.models.list()}
    assert gone["gpt-6-luna"] is None
    assert gone["gpt-4o-mini-tts"] == "2027-01-06"


def test_faults(sdk: openai.OpenAI, vendor: OpenAI) -> None:
    for fault, error in (
        ("refuse_401", openai.AuthenticationError),
        ("limit_429", openai.RateLimitError),
        ("broken_500", openai.InternalServerError),
    ):
        vendor.misbehave(fault)
        with pytest.raises(error):
            ask(sdk)
    vendor.misbehave("slow", seconds=1.0)
    with pytest.raises(openai.APITimeoutError):
        ask(sdk, timeout=0.2)
