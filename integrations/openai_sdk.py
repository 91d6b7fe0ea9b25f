"""What everything that speaks OpenAI's wire shares: clients of its SDK, and its errors in our words.

OpenRouter answers the same requests at another address with errors of another shape: codes are numbers, and an error may
come inside an answer of 200 or in mid-stream. Retries are ours (`integrations.resilience`), so the SDK makes none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import httpx2
import openai
from django.conf import settings

from integrations.errors import (
    ProviderError,
    ProviderInvalidAnswer,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    from_status,
)
from integrations.vendors import VendorKeys

OPENROUTER_URL = "https://openrouter.ai/api/v1"
MOST_KEPT = 64  # clients, by account
BLOCKED = ("content_filter", "content_policy", "moderation")
# The SDK's own errors, and what it lets through: from its transport, and from bodies that are no JSON.
SDK_ERRORS = (openai.APIError, httpx2.HTTPError, httpx2.StreamError, ValueError)


@lru_cache(maxsize=MOST_KEPT)
def _client(vendor: str, api_key: str, base_url: str) -> openai.OpenAI:
    return openai.OpenAI(**_arguments(vendor, api_key, base_url))


def option(keys: VendorKeys, name: str) -> str:
    """What an account says for itself, else what the installation says ("stt_model", "tts_model")."""
    return keys.options.get(name) or settings.VENDOR_OPTIONS["openai"][name]


def client(keys: VendorKeys) -> openai.OpenAI:
    """Blocking, kept for the process and safe to use from several threads."""
    return _client(keys.vendor, keys.api_key, keys.base_url)


def async_client(keys: VendorKeys) -> openai.AsyncOpenAI:
    """For one event loop; the owner closes it."""
    return openai.AsyncOpenAI(**_arguments(keys.vendor, keys.api_key, keys.base_url))


def _arguments(vendor: str, api_key: str, base_url: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {"api_key": api_key, "base_url": base_url or None, "max_retries": 0}
    if vendor == "openrouter":
        arguments["base_url"] = base_url or OPENROUTER_URL
        arguments["default_headers"] = {"HTTP-Referer": settings.SITE_URL, "X-OpenRouter-Title": settings.SITE_NAME}
    return arguments


def goes_on(keys: VendorKeys, *, seconds: float) -> dict[str, date | None]:
    """The models that the account is served, and the day from which each is not, where one is announced.
    Raises a `ProviderError`."""
    try:
        return {model.id: _day(model.shutdown_date) for model in client(keys).models.list(timeout=seconds)}
    except SDK_ERRORS as error:
        raise translated(error, provider=keys.vendor) from None


def _day(written: object) -> date | None:
    return date.fromisoformat(str(written)) if written else None


def translated(error: Exception, *, provider: str) -> ProviderError:
    """What the SDK, or its transport, raised. Nothing of what was said to the model is in the message."""
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return ProviderTimeout("no answer in time", provider=provider)
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError | httpx2.StreamError):
        return ProviderUnavailable("not reachable", provider=provider)
    if isinstance(error, openai.APIStatusError):
        return from_body(
            error.body, provider=provider, status=error.status_code, retry_after=_retry_after(error.response.headers)
        )
    if isinstance(error, openai.APIError) and error.body:  # in the middle of a stream
        return from_body(error.body, provider=provider, status=500)
    return ProviderInvalidAnswer("the response could not be read", provider=provider)


def from_body(body: Any, *, provider: str, status: int, retry_after: float | None = None) -> ProviderError:
    """The error for a vendor's error object, with or without its envelope. `status`: of the answer, where the object does not
    name one itself."""
    inner = body.get("error", body) if isinstance(body, Mapping) else {}
    detail: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    code = detail.get("code")
    if isinstance(code, int) and 400 <= code < 600:
        status = code
    reason = f"{code or ''} {detail.get('type') or ''} {detail.get('message') or ''}"
    if any(mark in reason.lower() for mark in BLOCKED):
        return ProviderRefused("the content was refused", provider=provider, status=status)
    return from_status(status, provider=provider, reason=reason, retry_after=retry_after)


def unsupported_parameter(error: Exception) -> str:
    """The parameter that this model does not take, when that is what is wrong with a request; else empty."""
    if not isinstance(error, openai.BadRequestError) or not isinstance(error.body, Mapping):
        return ""
    detail = error.body.get("error", error.body)
    if not isinstance(detail, Mapping) or detail.get("code") not in {"unsupported_parameter", "unsupported_value"}:
        return ""
    return str(detail.get("param") or "")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return float(headers[name]) / scale
        except (KeyError, ValueError):
            continue
    return None
