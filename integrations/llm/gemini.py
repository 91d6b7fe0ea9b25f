"""Gemini through google-genai. The API version is pinned: aliases and structured output differ between v1 and v1beta."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx2
from google import genai
from google.genai import errors, types

from integrations.errors import (
    AnswerCutOff,
    ProviderError,
    ProviderInvalidAnswer,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    from_status,
)

from .base import Answer, Ask, LanguageModel, Usage, billed, parse_answer
from .families import family_of

API_VERSION = "v1beta"
BLOCKED = {"SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"}
_DELAY = re.compile(r"^(\d+(?:\.\d+)?)s$")


class GeminiModel(LanguageModel):
    slug: ClassVar[str] = "gemini"

    def __init__(self, *, api_key: str, model: str, base_url: str = "") -> None:
        self.model = model
        self._api_key = api_key
        self._base_url = base_url or None

    def answer(self, ask: Ask, *, timeout: float) -> Answer:
        client = genai.Client(
            api_key=self._api_key,
            http_options=types.HttpOptions(
                base_url=self._base_url, api_version=API_VERSION, timeout=max(int(timeout * 1000), 1)
            ),
        )
        try:
            response = client.models.generate_content(model=self.model, contents=ask.prompt, config=self._config(ask))
        except errors.APIError as error:
            raise _translated(error) from None
        except httpx2.TimeoutException:
            raise ProviderTimeout("no answer in time", provider=self.slug) from None
        except httpx2.HTTPError:
            raise ProviderUnavailable("not reachable", provider=self.slug) from None
        except ValueError:  # the SDK parses the body itself
            raise ProviderInvalidAnswer("the response could not be read", provider=self.slug) from None
        finally:
            client.close()
        return self._read(response, ask)

    def _config(self, ask: Ask) -> types.GenerateContentConfig:
        family = family_of(self.slug, self.model)
        return types.GenerateContentConfig(
            system_instruction=ask.system,
            response_mime_type="application/json",
            response_json_schema=dict(ask.schema),
            max_output_tokens=ask.max_output_tokens,
            temperature=ask.temperature if family.temperature else None,
            seed=ask.seed,
            thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel(family.effort.upper()))
            if family.effort
            else None,
        )

    def _read(self, response: types.GenerateContentResponse, ask: Ask) -> Answer:
        if not response.candidates:
            raise ProviderRefused("the prompt was blocked", provider=self.slug)
        reason = response.candidates[0].finish_reason
        name = reason.name if reason is not None else ""
        meta = response.usage_metadata
        usage = Usage()
        if meta is not None:
            usage = Usage(
                meta.prompt_token_count or 0, (meta.candidates_token_count or 0) + (meta.thoughts_token_count or 0)
            )
        with billed(usage):
            if name in BLOCKED:
                raise ProviderRefused("the answer was blocked", provider=self.slug)
            if name == "MAX_TOKENS":
                raise AnswerCutOff("the answer was cut off", provider=self.slug)
            data = parse_answer(response.text, ask.schema, provider=self.slug)
        return Answer(data=data, model=response.model_version or self.model, usage=usage)


def _translated(error: errors.APIError) -> ProviderError:
    details = error.details if isinstance(error.details, Mapping) else {}
    reason = f"{error.status or ''} {error.message or ''}"
    if error.code == 400 and "API_KEY_INVALID" in str(details):
        return ProviderRefused("the key was refused", provider="gemini", status=400)
    return from_status(int(error.code or 500), provider="gemini", reason=reason, retry_after=_retry_delay(details))


def _retry_delay(details: Mapping[str, Any]) -> float | None:
    """`RetryInfo.retryDelay` ("17s") among the error's details."""
    inner = details.get("error", details)
    rows = inner.get("details", []) if isinstance(inner, Mapping) else []
    for row in rows if isinstance(rows, list) else []:
        found = _DELAY.match(str(row.get("retryDelay", ""))) if isinstance(row, Mapping) else None
        if found:
            return float(found.group(1))
    return None
