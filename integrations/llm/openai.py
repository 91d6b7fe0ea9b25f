"""OpenAI through its own SDK: answers by schema, and streamed replies.

Which parameters a model takes differs by family and changes over time. So what a model refuses is left out, and that is
remembered for the process (`Fit`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import openai
import structlog

from integrations import openai_sdk
from integrations.errors import (
    AnswerCutOff,
    ProviderError,
    ProviderInvalidAnswer,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from integrations.openai_sdk import SDK_ERRORS, from_body, translated, unsupported_parameter
from integrations.vendors import VendorKeys

from .base import ANSWERED, Answer, Ask, LanguageModel, Usage, billed, parse_answer
from .chat import STOPPED, ChatMessage, ChatModel, Patience, Reply
from .families import family_of
from .prices import most_tokens

EFFORTS = ("none", "minimal", "low")  # a buyer's words need no reasoning, and a trainee waits for them
COUNT_SECONDS = 1.0  # for the vendor to say what a reply used up, once it is over
logger = structlog.get_logger(__name__)


@dataclass
class Fit:
    """What one model was found not to take."""

    refused: set[str] = field(default_factory=set)
    effort: int = 0  # index into EFFORTS

    def learn(self, parameter: str) -> bool:
        """A request was refused for this parameter. False: leaving it out has not helped."""
        if parameter == "reasoning_effort" and self.effort + 1 < len(EFFORTS):
            self.effort += 1
            return True
        if not parameter or parameter in self.refused:
            return False
        self.refused.add(parameter)
        return True

    def request(self, wanted: dict[str, Any]) -> dict[str, Any]:
        request = {name: value for name, value in wanted.items() if name not in self.refused}
        if "max_completion_tokens" in self.refused and "max_completion_tokens" in wanted:
            request["max_tokens"] = wanted["max_completion_tokens"]
        if request.get("reasoning_effort") in EFFORTS:
            request["reasoning_effort"] = EFFORTS[max(self.effort, EFFORTS.index(request["reasoning_effort"]))]
        return request


_fits: dict[tuple[str, str], Fit] = {}


def fit_of(vendor: str, model: str) -> Fit:
    return _fits.setdefault((vendor, model), Fit())


class OpenAIModel(LanguageModel):
    slug: ClassVar[str] = "openai"

    def __init__(self, *, api_key: str, model: str, base_url: str = "") -> None:
        self.model = model
        self._client = openai_sdk.client(VendorKeys(self.slug, api_key=api_key, base_url=base_url))
        self._fit = fit_of(self.slug, model)

    def answer(self, ask: Ask, *, timeout: float) -> Answer:
        while True:
            try:
                completion = self._client.chat.completions.create(
                    **self._fit.request(self.request(ask)), timeout=timeout
                )
                break
            except SDK_ERRORS as error:
                if not self._fit.learn(unsupported_parameter(error)):
                    raise translated(error, provider=self.slug) from None
        return self._read(completion, ask)

    def request(self, ask: Ask) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "developer", "content": ask.system}, {"role": "user", "content": ask.prompt}],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": ask.name, "strict": True, "schema": ask.schema},
            },
            "max_completion_tokens": ask.max_output_tokens,
        }
        if ask.seed is not None:
            request["seed"] = ask.seed
        family = family_of(self.slug, self.model)
        if family.temperature:
            request["temperature"] = ask.temperature
        if family.effort:
            request["reasoning_effort"] = family.effort
        return request

    def _read(self, completion: Any, ask: Ask) -> Answer:
        if isinstance(completion, str):
            raise ProviderInvalidAnswer("an answer that is no JSON", provider=self.slug)
        if failure := (completion.model_extra or {}).get("error"):  # OpenRouter: an error in an answer of 200
            raise from_body(failure, provider=self.slug, status=502)
        choice = completion.choices[0] if completion.choices else None
        if choice is None:
            raise ProviderInvalidAnswer("an answer without choices", provider=self.slug)
        counted = completion.usage
        usage = Usage(counted.prompt_tokens, counted.completion_tokens) if counted else Usage()
        with billed(usage):
            if choice.message.refusal or choice.finish_reason == "content_filter":
                raise ProviderRefused("the model would not answer", provider=self.slug)
            if choice.finish_reason == "length":
                raise AnswerCutOff("the answer was cut off", provider=self.slug)
            data = parse_answer(choice.message.content, ask.schema, provider=self.slug)
        return Answer(data=data, model=completion.model or self.model, usage=usage)


class OpenAIChat(ChatModel):
    """Made for one call, in its event loop; `close` it."""

    slug: ClassVar[str] = "openai"
    system_role: ClassVar[str] = "developer"

    def __init__(self, *, keys: VendorKeys, model: str) -> None:
        self.model = model
        self.account = keys.account
        self.replies: list[Reply] = []
        self._counting: set[asyncio.Task[None]] = set()
        self._client = openai_sdk.async_client(keys)
        self._fit = fit_of(self.slug, model)

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_output_tokens: int, patience: Patience
    ) -> AsyncGenerator[str]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        first_by = began + patience.first
        stream = None
        written, finished, outcome = 0, False, STOPPED
        try:
            async with asyncio.timeout_at(first_by):
                stream = await self._open(self.request(messages, max_output_tokens))
            chunks = aiter(stream)
            while not finished:
                async with asyncio.timeout_at(loop.time() + patience.between if written else first_by):
                    text, finished = await _next_text(chunks, self.slug)
                if text:
                    written += len(text)
                    yield text
            outcome = ANSWERED
        except TimeoutError:
            outcome = ProviderTimeout.code
            raise ProviderTimeout("no words in time", provider=self.slug) from None
        except SDK_ERRORS as error:
            failure = translated(error, provider=self.slug)
            outcome = failure.code
            raise failure from None
        except ProviderError as error:
            outcome = error.code
            raise
        finally:
            sent = sum(len(message.text) for message in messages) if written else 0
            usage = Usage(most_tokens(sent), most_tokens(written))
            ms = round((loop.time() - began) * 1000)
            reply = Reply(self.slug, self.model, outcome, ms, usage, own_account=bool(self.account))
            if finished and stream is not None:
                self._count_later(stream, chunks, reply)
            else:
                self.replies.append(reply)
                if stream is not None:
                    await stream.close()

    def _count_later(self, stream: Any, chunks: AsyncIterator[Any], reply: Reply) -> None:
        """What a reply used up is told after its last word, which nobody waits for."""
        task = asyncio.get_running_loop().create_task(self._count(stream, chunks, reply))
        self._counting.add(task)
        task.add_done_callback(self._counting.discard)

    async def _count(self, stream: Any, chunks: AsyncIterator[Any], reply: Reply) -> None:
        usage = reply.usage
        try:
            async with asyncio.timeout(COUNT_SECONDS):
                async for chunk in chunks:
                    if chunk.usage is not None:
                        usage = Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        except (TimeoutError, *SDK_ERRORS) as error:
            logger.info("a vendor did not tell what a reply used up", vendor=self.slug, error=type(error).__name__)
        finally:
            self.replies.append(replace(reply, usage=usage))
            await stream.close()

    async def _open(self, wanted: dict[str, Any]) -> Any:
        while True:
            try:
                return await self._client.chat.completions.create(**self._fit.request(wanted), stream=True)
            except openai.BadRequestError as error:
                if not self._fit.learn(unsupported_parameter(error)):
                    raise

    def request(self, messages: Sequence[ChatMessage], max_output_tokens: int) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [
                {"role": self.system_role if message.role == "system" else message.role, "content": message.text}
                for message in messages
            ],
            "max_completion_tokens": max_output_tokens,
            "stream_options": {"include_usage": True},
        }
        if family_of(self.slug, self.model).effort:
            request["reasoning_effort"] = EFFORTS[0]
        return request

    async def close(self) -> None:
        if self._counting:
            await asyncio.wait(self._counting, timeout=COUNT_SECONDS)
        await self._client.close()


async def _next_text(chunks: AsyncIterator[Any], slug: str) -> tuple[str, bool]:
    """The next chunk's text, and whether the reply is finished. Chunks without choices tell the usage."""
    try:
        chunk = await anext(chunks)
    except StopAsyncIteration:
        raise ProviderUnavailable("the reply broke off", provider=slug) from None
    if not chunk.choices:
        return "", False
    choice = chunk.choices[0]
    if choice.delta.refusal or choice.finish_reason == "content_filter":
        raise ProviderRefused("the model would not answer", provider=slug)
    return choice.delta.content or "", choice.finish_reason is not None
