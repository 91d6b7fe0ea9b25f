"""ElevenLabs' REST through its own client. Blocking. Retries are ours (`integrations.resilience`): the client makes none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx
from elevenlabs import ElevenLabs
from elevenlabs.core.api_error import ApiError
from elevenlabs.core.parse_error import ParsingError
from elevenlabs.core.request_options import RequestOptions
from elevenlabs.environment import ElevenLabsEnvironment

from integrations.errors import (
    ProviderError,
    ProviderInvalidAnswer,
    ProviderNotConfigured,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    from_status,
)
from integrations.resilience import call_provider
from integrations.vendors import VendorKeys

T = TypeVar("T")
VENDOR = "elevenlabs"
REQUEST_SECONDS = 10.0
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Signed:
    """A socket address that is good for one conversation, and the conversation's id where the vendor tells it already."""

    url: str
    conversation_id: str = ""


def signed_url(keys: VendorKeys, agent_id: str, *, timeout: float) -> Signed:
    """Asked anew for every call, never kept. One attempt: opening a conversation is tried again as a whole.

    Raises a `ProviderError`.
    """
    client = _client(keys)

    def ask(options: RequestOptions) -> Any:
        return client.conversational_ai.conversations.get_signed_url(
            agent_id=agent_id, include_conversation_id=True, request_options=options
        )

    answer = _once(ask, timeout)
    url = answer.signed_url
    if not isinstance(url, str) or not url.startswith(("ws://", "wss://")):
        raise ProviderInvalidAnswer("no socket address", provider=VENDOR)
    # Undocumented where: beside the address, or in it.
    told = getattr(answer, "conversation_id", None) or parse_qs(urlsplit(url).query).get("conversation_id", [""])[0]
    return Signed(url, told if isinstance(told, str) else "")


def conversation(keys: VendorKeys, conversation_id: str) -> dict[str, Any] | None:
    """What is kept of a conversation, as the webhook has it; None for one that is not known. Raises a `ProviderError`."""
    client = _client(keys)

    def ask(options: RequestOptions) -> dict[str, Any]:
        found = client.conversational_ai.conversations.get(conversation_id, request_options=options)
        return found.model_dump(mode="json")

    return _unless_missing(lambda: _asked(keys, ask))


def recording(keys: VendorKeys, conversation_id: str) -> Iterator[bytes] | None:
    """The sound of a conversation (MP3), in pieces; None where there is none. Raises a `ProviderError`, also when read."""
    client = _client(keys)

    def ask(options: RequestOptions) -> tuple[bytes, Iterator[bytes]]:
        pieces = client.conversational_ai.conversations.audio.get(conversation_id, request_options=options)
        return next(pieces, b""), pieces

    found = _unless_missing(lambda: _asked(keys, ask, chunk_size=PIECE))
    if found is None or not found[0]:
        return None

    def chunks(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
        yield first
        try:
            yield from rest
        except httpx.HTTPError:
            raise ProviderUnavailable("the recording broke off", provider=VENDOR) from None

    return chunks(*found)


def create_agent(keys: VendorKeys, *, name: str, conversation_config: Any, platform_settings: Any) -> str:
    """Make an agent; returns its id. Raises a `ProviderError`."""
    client = _client(keys)

    def ask(options: RequestOptions) -> str:
        return client.conversational_ai.agents.create(
            name=name,
            conversation_config=conversation_config,
            platform_settings=platform_settings,
            tags=["parley"],
            request_options=options,
        ).agent_id

    return _asked(keys, ask)


def agent(keys: VendorKeys, agent_id: str) -> dict[str, Any] | None:
    """An agent and its settings; None for one that is not known. Raises a `ProviderError`."""
    client = _client(keys)

    def ask(options: RequestOptions) -> dict[str, Any]:
        return client.conversational_ai.agents.get(agent_id, request_options=options).model_dump(mode="json")

    return _unless_missing(lambda: _asked(keys, ask))


def origin(keys: VendorKeys) -> str:
    """`wss://host` of the sockets."""
    address = urlsplit(keys.base_url or ElevenLabsEnvironment.PRODUCTION.value)
    return f"{'ws' if address.scheme == 'http' else 'wss'}://{address.netloc}"


def load() -> None:
    """The client's modules take three seconds the first time: have them ready before somebody waits."""
    _client_of("none", "http://127.0.0.1:1").conversational_ai.conversations  # noqa: B018  (loads on first use)


def _client(keys: VendorKeys) -> ElevenLabs:
    if not keys.api_key:
        raise ProviderNotConfigured("no key is set", provider=VENDOR)
    return _client_of(keys.api_key, keys.base_url)


@lru_cache(maxsize=64)
def _client_of(api_key: str, base_url: str) -> ElevenLabs:
    return ElevenLabs(api_key=api_key, base_url=base_url or None, timeout=REQUEST_SECONDS)


def _asked(keys: VendorKeys, ask: Callable[[RequestOptions], T], **more: Any) -> T:
    return call_provider(VENDOR, lambda _left: _once(ask, REQUEST_SECONDS, **more), account=keys.account)


def _once(ask: Callable[[RequestOptions], T], timeout: float, **more: Any) -> T:
    options: Any = {"max_retries": 0, "timeout_in_seconds": timeout, **more}
    try:
        return ask(options)
    except httpx.TimeoutException:
        raise ProviderTimeout("no answer in time", provider=VENDOR) from None
    except httpx.HTTPError:
        raise ProviderUnavailable("not reachable", provider=VENDOR) from None
    except ApiError as error:
        raise translated(error) from None
    except (ParsingError, ValueError, AttributeError):
        raise ProviderInvalidAnswer("the response could not be read", provider=VENDOR) from None


class NotFound(ProviderRefused):
    code = "not_found"


def _unless_missing(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except NotFound:
        return None


# The vendor's own words, where its status alone would be misread: 401 is also an empty account.
BY_WORD: Mapping[str, tuple[type[ProviderError], str]] = {
    "invalid_api_key": (ProviderRefused, "the key was refused"),
    "quota_exceeded": (ProviderRefused, "the account's quota is used up"),
    "voice_not_found": (ProviderRefused, "the voice is not known"),
    "agent_not_found": (NotFound, "the agent is not known"),
    "max_character_limit_exceeded": (ProviderRefused, "the text is too long"),
    "too_many_concurrent_requests": (ProviderRateLimited, "too many calls at once for the account"),
    "system_busy": (ProviderRateLimited, "the service is busy"),
}


def translated(error: ApiError) -> ProviderError:
    """The vendor's refusal as ours. Its text is not repeated: it may quote what was sent."""
    status = error.status_code or 500
    body = error.body if isinstance(error.body, Mapping) else {}
    detail = body.get("detail")
    word = str(detail.get("status", "")) if isinstance(detail, Mapping) else ""
    if word in BY_WORD:
        kind, message = BY_WORD[word]
        if kind is ProviderRateLimited:
            return ProviderRateLimited(message, provider=VENDOR, status=status, retry_after=_retry_after(error))
        return kind(message, provider=VENDOR, status=status)
    if status == 404:
        return NotFound("there is no such thing", provider=VENDOR, status=status)
    return from_status(status, provider=VENDOR, reason=word, retry_after=_retry_after(error))


def _retry_after(error: ApiError) -> float | None:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    try:
        return float(headers["retry-after"])
    except (KeyError, ValueError):
        return None
