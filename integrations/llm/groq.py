"""Groq through its own SDK. Retries are ours (`integrations.resilience`), so the SDK makes none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import groq

from integrations.errors import (
    AnswerCutOff,
    ProviderError,
    ProviderInvalidAnswer,
    ProviderTimeout,
    ProviderUnavailable,
    from_status,
)

from .base import Answer, Ask, LanguageModel, Usage, billed, parse_answer
from .families import family_of

# Addresses and models that were found to take no JSON schema.
_without_schemas: set[tuple[str, str]] = set()


class GroqModel(LanguageModel):
    slug: ClassVar[str] = "groq"

    def __init__(self, *, api_key: str, model: str, base_url: str = "") -> None:
        self.model = model
        self._client = groq.Groq(api_key=api_key, base_url=base_url or None, max_retries=0)
        self._place = (base_url, model)

    def answer(self, ask: Ask, *, timeout: float) -> Answer:
        try:
            return self._answer(ask, timeout)
        except ProviderError as error:
            if self._place in _without_schemas or not isinstance(error, SchemaNotSupported):
                raise
            # Remembered for as long as the process lives: a model does not learn it in between.
            _without_schemas.add(self._place)
            return self._answer(ask, timeout)

    def _answer(self, ask: Ask, timeout: float) -> Answer:
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "system", "content": ask.system}, {"role": "user", "content": ask.prompt}],
            "max_completion_tokens": ask.max_output_tokens,
            "response_format": self._format(ask),
        }
        if ask.seed is not None:
            request["seed"] = ask.seed
        family = family_of(self.slug, self.model)
        if family.temperature:
            request["temperature"] = ask.temperature
        if family.effort:
            request["reasoning_effort"] = family.effort
        try:
            completion = self._client.chat.completions.create(**request, timeout=timeout)
        except groq.APITimeoutError:
            raise ProviderTimeout("no answer in time", provider=self.slug) from None
        except groq.APIConnectionError:
            raise ProviderUnavailable("not reachable", provider=self.slug) from None
        except groq.APIStatusError as error:
            raise _translated(error) from None
        except groq.APIError:
            raise ProviderInvalidAnswer("the response could not be read", provider=self.slug) from None
        choice = completion.choices[0] if completion.choices else None
        if choice is None:
            raise ProviderInvalidAnswer("an answer without choices", provider=self.slug)
        counted = completion.usage
        usage = Usage(counted.prompt_tokens, counted.completion_tokens) if counted else Usage()
        with billed(usage):
            if choice.finish_reason == "length":
                raise AnswerCutOff("the answer was cut off", provider=self.slug)
            data = parse_answer(choice.message.content, ask.schema, provider=self.slug)
        return Answer(data=data, model=completion.model or self.model, usage=usage)

    def _format(self, ask: Ask) -> dict[str, Any]:
        if self._place in _without_schemas:
            return {"type": "json_object"}
        return {"type": "json_schema", "json_schema": {"name": ask.name, "strict": True, "schema": ask.schema}}


class SchemaNotSupported(ProviderInvalidAnswer):
    """The model takes no JSON schema; it can still be asked for JSON."""

    retryable = False


def _translated(error: groq.APIStatusError) -> ProviderError:
    body = error.body if isinstance(error.body, Mapping) else {}
    inner = body.get("error", body)
    detail: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    code, message = str(detail.get("code") or ""), str(detail.get("message") or "")
    if error.status_code == 400 and "response format" in message and "json_schema" in message:
        return SchemaNotSupported("no JSON schemas for this model", provider="groq", status=400)
    if error.status_code == 400 and code == "json_validate_failed":
        return ProviderInvalidAnswer("the model's JSON did not fit", provider="groq", status=400)
    return from_status(
        error.status_code,
        provider="groq",
        reason=f"{code} {message}",
        retry_after=_seconds(error.response.headers.get("retry-after")),
    )


def _seconds(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None
