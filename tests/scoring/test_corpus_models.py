"""The corpus through every vendor's adapter and stand-in: what the model said arrives, and only true quotes count."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from integrations import openai_sdk
from integrations.embeddings.embedded import default_encoder
from integrations.llm.base import LanguageModel
from integrations.llm.gemini import GeminiModel
from integrations.llm.groq import GroqModel
from integrations.llm.openai import OpenAIModel
from integrations.llm.openrouter import OpenRouterModel
from scoring.aggregate import clamp
from scoring.judges.llm import LanguageModelJudge
from scoring.reproduction import canonical
from scoring.results import flags_for, result_of
from tests.corpus import HIGHEST_MARK, Sample, corpus
from tests.standins import models as standins
from tests.standins.models import KEY
from tests.standins.openai import OpenAI
from tests.standins.openai_wire import Said

# Every request is in a ledger, those that no organisation pays for, too.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_breakers"), pytest.mark.attempts(2)]

BY_NAME = {sample.id: sample for sample in corpus()}
SAMPLES = ["bakery-en-a", "dental-en-b", "freight-en-c", "insurance-es-d", "plant-es-b", "edge-code-switching"]
Answers = Callable[[dict[str, Any]], None]


@contextmanager
def groq_model() -> Iterator[tuple[LanguageModel, Answers]]:
    with standins.standing_in(standins.groq) as vendor:
        model = GroqModel(api_key=KEY, model="openai/gpt-oss-120b", base_url=vendor.base_url)
        yield model, vendor.script.append


@contextmanager
def gemini_model() -> Iterator[tuple[LanguageModel, Answers]]:
    with standins.standing_in(standins.gemini) as vendor:
        model = GeminiModel(api_key=KEY, model="gemini-3.8-flash", base_url=vendor.base_url)
        yield model, vendor.script.append


@contextmanager
def openai_model() -> Iterator[tuple[LanguageModel, Answers]]:
    with OpenAI(hear=lambda pcm, language: "", speak=lambda text, voice: iter(())).serving() as vendor:
        model = OpenAIModel(api_key=vendor.key, model="gpt-6-luna", base_url=f"{vendor.base_url}/v1")
        yield model, lambda answer: vendor.script.append(Said(json.dumps(answer)))
    openai_sdk._client.cache_clear()


@contextmanager
def openrouter_model() -> Iterator[tuple[LanguageModel, Answers]]:
    with OpenAI(hear=lambda pcm, language: "", speak=lambda text, voice: iter(())).serving() as vendor:
        model = OpenRouterModel(api_key=vendor.key, model="openai/gpt-6-luna", base_url=vendor.router_url)
        yield model, lambda answer: vendor.script.append(Said(json.dumps(answer)))
    openai_sdk._client.cache_clear()


VENDORS = {"groq": groq_model, "gemini": gemini_model, "openai": openai_model, "openrouter": openrouter_model}


@pytest.fixture(params=sorted(VENDORS))
def asked(request: pytest.FixtureRequest) -> Iterator[tuple[LanguageModelJudge, Answers]]:
    """A judge through the vendor's own client, and what its stand-in is to answer next."""
    with VENDORS[request.param]() as (model, answers):
        yield LanguageModelJudge(model, encoder=default_encoder(), seconds=20.0), answers


def verdict(sample: Sample, quote: dict[str, Any]) -> dict[str, Any]:
    """The reference marks as a model would give them, each with this quote."""
    return {
        "criteria": [
            {
                "key": key,
                "applicable": mark.mark is not None,
                "level": mark.mark or 0,
                "evidence": [quote] if mark.mark else [],
            }
            for key, mark in sample.marks.items()
        ],
        "headline": "Ask one more open question.",
    }


def true_quote(sample: Sample) -> dict[str, Any]:
    turn = max((turn for turn in sample.turns if turn.by_trainee), key=lambda turn: len(turn.content))
    return {"turn": turn.seq, "quote": " ".join(turn.content.split()[:8])}


def result_for(judge: LanguageModelJudge, sample: Sample) -> dict[str, Any]:
    case = sample.case()
    return result_of(case, judge.judge(case, track="quick"), flags=flags_for(case))


@pytest.mark.parametrize("name", SAMPLES)
def test_what_the_model_marks_is_what_is_scored_and_twice_the_same(
    name: str, asked: tuple[LanguageModelJudge, Answers]
) -> None:
    judge, answers = asked
    sample = BY_NAME[name]
    results = []
    for _time in range(2):
        answers(verdict(sample, true_quote(sample)))
        results.append(result_for(judge, sample))
    first, second = results
    assert canonical(first) == canonical(second)
    assert first["overall_score"] == clamp(sample.reference)
    for item in first["criteria"]:
        mark = sample.marks[item["key"]].mark
        assert item["applicable"] == (mark is not None)
        assert item["score"] == (mark or 0) * 100 // HIGHEST_MARK


FALSE = {
    "made up": lambda sample: "I have solved this for every one of your competitors",
    "paraphrased": lambda sample: "He asked how tomorrow's bread is decided in the shops",
    "the buyer's": lambda sample: next(turn.content for turn in sample.turns[4:] if not turn.by_trainee),
    "another call's": lambda sample: BY_NAME["school-en-a"].turns[3].content,
}


@pytest.mark.parametrize("kind", sorted(FALSE))
def test_no_vendors_false_quote_earns_anything(kind: str, asked: tuple[LanguageModelJudge, Answers]) -> None:
    judge, answers = asked
    sample = BY_NAME["bakery-en-a"]
    answers(verdict(sample, {"turn": 2, "quote": FALSE[kind](sample)}))
    result = result_for(judge, sample)
    assert result["overall_score"] == 0
    assert not any(item["verified"] for item in result["criteria"])
