"""Answers by schema and streamed replies, and what is done when a vendor does not give them."""

from __future__ import annotations

import pytest

from integrations.errors import (
    AnswerCutOff,
    ModelRetired,
    ProviderError,
    ProviderInvalidAnswer,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
)
from integrations.llm.base import Ask, Usage
from integrations.llm.chat import ChatMessage, ChatRoute, Patience
from integrations.llm.openai import OpenAIChat, OpenAIModel
from integrations.llm.openrouter import OpenRouterModel
from integrations.llm.prices import most_tokens
from integrations.llm.registry import chat_route
from tests.integrations.openai.conftest import openai_keys, router_keys
from tests.standins.openai import OpenAI
from tests.standins.openai_wire import USAGE, Failed, Said

HELLO = (ChatMessage("system", "You are Marta."), ChatMessage("user", "Hello"))
QUICK = Patience(first=1.0, between=0.5)
QUESTION = Ask(
    system="Check.",
    prompt="Ready?",
    schema={
        "type": "object",
        "properties": {"ready": {"type": "boolean"}},
        "required": ["ready"],
        "additionalProperties": False,
    },
    name="ready",
    temperature=0.0,
    max_output_tokens=50,
)


def model(vendor: OpenAI, name: str = "gpt-6-luna", key: str = "") -> OpenAIModel:
    return OpenAIModel(api_key=key or vendor.key, model=name, base_url=f"{vendor.base_url}/v1")


def router_model(vendor: OpenAI) -> OpenRouterModel:
    return OpenRouterModel(api_key=vendor.key, model="openai/gpt-6-luna", base_url=vendor.router_url)


async def reply(route: ChatRoute | OpenAIChat, *, into: list[str] | None = None) -> str:
    words = [] if into is None else into
    try:
        async for word in route.stream(HELLO, max_output_tokens=80, patience=QUICK):
            words.append(word)
    finally:
        await route.close()
    return "".join(words)


@pytest.mark.parametrize("name", ["gpt-6-luna", "gpt-4o-mini"])
def test_answers_by_schema(vendor: OpenAI, name: str) -> None:
    answer = model(vendor, name).answer(QUESTION, timeout=30)
    assert answer.data == {"ready": True}
    assert (answer.usage.input_tokens, answer.model) == (120, name)
    assert ("temperature" in vendor.seen[-1].body) == (name == "gpt-4o-mini")


def test_the_router_answers_by_schema(vendor: OpenAI) -> None:
    assert router_model(vendor).answer(QUESTION, timeout=30).data == {"ready": True}
    seen = vendor.seen[-1]
    assert seen.headers["x-openrouter-title"] == "Parley"
    assert seen.body["provider"] == {"require_parameters": True}


def test_what_a_model_does_not_take_is_left_out_and_remembered(vendor: OpenAI) -> None:
    vendor.script.append(Failed(400, "unsupported_parameter", param="max_completion_tokens"))
    vendor.script.append(Said('{"ready": true}'))
    asked = model(vendor, "gpt-4o-mini")
    assert asked.answer(QUESTION, timeout=30).data == {"ready": True}
    asked.answer(QUESTION, timeout=30)
    sent = [("max_completion_tokens" in seen.body, "max_tokens" in seen.body) for seen in vendor.seen]
    assert sent == [(True, False), (False, True), (False, True)]


@pytest.mark.parametrize(
    ("failed", "error"),
    [
        (Failed(401, "invalid_api_key"), ProviderRefused),
        (Failed(404, "model_not_found"), ModelRetired),
        (Failed(429, "rate_limit_exceeded", headers={"retry-after": "2"}), ProviderRateLimited),
        (Failed(429, "insufficient_quota"), QuotaExhausted),
        (Failed(500, "server_error"), ProviderUnavailable),
        (Failed(400, "content_policy_violation"), ProviderRefused),
        (Said("No.", refusal=True), ProviderRefused),
        (Said('{"ready"', finish="length"), AnswerCutOff),
        (Said("not JSON"), ProviderInvalidAnswer),
    ],
)
def test_errors_in_our_words(vendor: OpenAI, failed: Failed | Said, error: type[ProviderError]) -> None:
    vendor.script.append(failed)
    with pytest.raises(error) as caught:
        model(vendor).answer(QUESTION, timeout=30)
    assert type(caught.value) is error
    assert caught.value.retryable == (error not in {ProviderRefused, ModelRetired, QuotaExhausted})
    if isinstance(caught.value, ProviderRateLimited):
        assert caught.value.retry_after == 2.0


@pytest.mark.parametrize(
    ("failed", "error"),
    [
        (Failed(402), QuotaExhausted),
        (Failed(429), ProviderRateLimited),
        (Failed(502), ProviderUnavailable),
        (Failed(502, inside=True), ProviderUnavailable),
        (Failed(402, inside=True), QuotaExhausted),
    ],
)
def test_errors_of_the_router(vendor: OpenAI, failed: Failed, error: type[ProviderError]) -> None:
    vendor.script.append(failed)
    with pytest.raises(error) as caught:
        router_model(vendor).answer(QUESTION, timeout=30)
    assert type(caught.value) is error


async def test_streams_from_the_router_first(vendor: OpenAI) -> None:
    vendor.script.append(Said("Well, we use a whiteboard."))
    route = chat_route([openai_keys(vendor), router_keys(vendor)])
    assert await reply(route) == "Well, we use a whiteboard."
    assert (route.answered, route.tried) == ("openrouter", [])
    assert [seen.path for seen in vendor.seen] == ["/api/v1/chat/completions"]
    assert vendor.seen[0].body["messages"][0] == {"role": "system", "content": "You are Marta."}


@pytest.mark.parametrize(
    ("failed", "code"),
    [
        (Failed(402), "quota_exhausted"),
        (Failed(429), "rate_limited"),
        (Failed(500), "unavailable"),
        (Failed(401), "refused"),
        (Said("", broken=True), "unavailable"),
        (Said("", cut=True), "unavailable"),
        (Said("late", seconds=1.5), "timeout"),
    ],
)
async def test_openai_stands_in_for_the_router(vendor: OpenAI, failed: Failed | Said, code: str) -> None:
    vendor.script += [failed, Said("We use a whiteboard.")]
    route = chat_route([openai_keys(vendor), router_keys(vendor)])
    assert await reply(route) == "We use a whiteboard."
    assert route.tried == [("openrouter", code)]
    assert route.answered == "openai"


async def test_a_refused_account_is_not_asked_again_in_this_call(vendor: OpenAI) -> None:
    vendor.script.append(Failed(402))
    route = chat_route([openai_keys(vendor), router_keys(vendor)])
    for _ in range(2):
        words = [word async for word in route.stream(HELLO, max_output_tokens=80, patience=QUICK)]
        assert "".join(words) == "I see. Tell me more."
    await route.close()
    assert [seen.path for seen in vendor.seen] == ["/api/v1/chat/completions", *["/v1/chat/completions"] * 2]


async def test_nobody_takes_over_a_reply_that_has_begun(vendor: OpenAI) -> None:
    vendor.script += [Said("We use a", cut=True), Said("Never asked.")]
    words: list[str] = []
    with pytest.raises(ProviderUnavailable):
        await reply(chat_route([openai_keys(vendor), router_keys(vendor)]), into=words)
    assert "".join(words) == "We use a"
    assert len(vendor.seen) == 1


async def test_garbage_in_a_stream(vendor: OpenAI) -> None:
    vendor.misbehave("malformed_frame")
    with pytest.raises(ProviderInvalidAnswer):
        await reply(OpenAIChat(keys=openai_keys(vendor), model="gpt-6-luna"))


async def test_a_stalled_reply_is_a_timeout(vendor: OpenAI) -> None:
    chat = OpenAIChat(keys=openai_keys(vendor), model="gpt-6-luna")
    vendor.script.append(Said("We use a", seconds=0.8))
    words: list[str] = []
    with pytest.raises(ProviderTimeout):
        await reply(chat, into=words)
    assert words == ["We "]


async def test_no_key_and_the_last_error(vendor: OpenAI) -> None:
    with pytest.raises(ProviderError, match="no language model"):
        await reply(chat_route([]))
    vendor.script += [Failed(402), Failed(429, "insufficient_quota")]
    with pytest.raises(QuotaExhausted):
        await reply(chat_route([openai_keys(vendor), router_keys(vendor)]))


async def test_a_router_that_keeps_failing_is_not_asked_for_a_while(vendor: OpenAI) -> None:
    for _ in range(6):
        vendor.misbehave("broken_500", path="/api/v1")
    keys = [openai_keys(vendor), router_keys(vendor)]
    tried = []
    for _ in range(7):
        route = chat_route(keys)
        await reply(route)
        tried.append(route.tried[0][1])
    assert tried == ["unavailable"] * 5 + ["resting"] * 2


async def test_effort_is_lowered_to_what_the_model_knows(vendor: OpenAI) -> None:
    vendor.refused_efforts = {"none", "minimal"}
    for _ in range(2):
        await reply(OpenAIChat(keys=openai_keys(vendor), model="gpt-6-luna"))
    assert [seen.body["reasoning_effort"] for seen in vendor.seen] == ["none", "minimal", "low", "low"]


async def test_a_reply_says_what_it_used_up(vendor: OpenAI) -> None:
    vendor.script.append(Said("Well, we use a whiteboard."))
    route = chat_route([openai_keys(vendor)])
    await reply(route)
    await route.close()
    (told,) = route.replies
    assert (told.vendor, told.model, told.outcome) == ("openai", "gpt-6-luna", "ok")
    assert (told.usage.input_tokens, told.usage.output_tokens) == (USAGE["prompt_tokens"], USAGE["completion_tokens"])


async def test_a_reply_that_nobody_listens_to_counts_at_the_most(vendor: OpenAI) -> None:
    vendor.script.append(Said("Well, we use a whiteboard. And it is always full."))
    route = chat_route([openai_keys(vendor)])
    words = route.stream([ChatMessage("user", "How do you plan?")], max_output_tokens=50, patience=Patience())
    first = await anext(words)
    await words.aclose()
    await route.close()
    (told,) = route.replies
    assert told.outcome == "stopped"
    assert told.usage == Usage(most_tokens(len("How do you plan?")), most_tokens(len(first)))


async def test_a_request_that_is_refused_used_up_nothing(vendor: OpenAI) -> None:
    vendor.script.append(Failed(401, "invalid_api_key"))
    route = chat_route([openai_keys(vendor)])
    with pytest.raises(ProviderRefused):
        await reply(route)
    await route.close()
    assert [(told.outcome, told.usage) for told in route.replies] == [("refused", Usage())]
