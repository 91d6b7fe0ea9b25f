"""The stand-in with quick ears and a quick voice, and no breaker that remembers another test."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from integrations import openai_sdk, resilience
from integrations.llm import openai as adapter
from integrations.vendors import VendorKeys
from tests.standins.openai import OpenAI

MS_PER_CHARACTER = 40


def quick_voice(text: str, voice: str) -> Iterator[bytes]:
    samples = np.random.default_rng(len(text)).integers(-8000, 8000, 24 * MS_PER_CHARACTER * len(text))
    yield samples.astype("<i2").tobytes()


@pytest.fixture
def vendor(settings: pytest.FixtureRequest) -> Iterator[OpenAI]:
    settings.BREAKER_URL = ""
    resilience.breakers.cache_clear()
    adapter._fits.clear()
    stand_in = OpenAI(hear=lambda pcm, language: "How do you plan your routes?" if any(pcm) else "", speak=quick_voice)
    with stand_in.serving() as serving:
        yield serving
    openai_sdk._client.cache_clear()
    resilience.breakers.cache_clear()


def openai_keys(vendor: OpenAI, **changes: str) -> VendorKeys:
    told = {"api_key": vendor.key, "base_url": f"{vendor.base_url}/v1"} | changes
    return VendorKeys("openai", options={"stt_model": "gpt-transcribe", "tts_model": "gpt-4o-mini-tts"}, **told)


def router_keys(vendor: OpenAI, **changes: str) -> VendorKeys:
    return VendorKeys("openrouter", **({"api_key": vendor.key, "base_url": vendor.router_url} | changes))
