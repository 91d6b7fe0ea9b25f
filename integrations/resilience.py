"""Second attempts, as data; and a breaker that stops asking a vendor that is down.

`RetryPolicy.waits` are the pauses before the second, third… attempt, with a little jitter on top. Only what may be sent
again is (`ProviderError.retryable`), a vendor's own `retry_after` is honoured when it is short, and nothing is tried past the
deadline. The breaker counts failures of all processes in Redis: after five in a row a vendor rests for half a minute, then
one request probes it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import redis
import stamina
import structlog
from django.conf import settings
from purgatory import SyncCircuitBreakerFactory, SyncInMemoryUnitOfWork, SyncRedisUnitOfWork
from purgatory.domain.model import OpenedState

from integrations.errors import (
    ProviderError,
    ProviderInvalidAnswer,
    ProviderNotConfigured,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnavailable,
)

logger = structlog.get_logger(__name__)
T = TypeVar("T")

JITTER = 0.1  # of the pause
BREAKER_THRESHOLD = 5
BREAKER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Pauses in seconds before each further attempt; `len(waits)` is the number of retries."""

    waits: tuple[float, ...]

    @property
    def attempts(self) -> int:
        return len(self.waits) + 1


POLICIES: dict[str, RetryPolicy] = {
    "elevenlabs": RetryPolicy((1.0, 2.0)),
    "gemini": RetryPolicy((1.0, 2.0, 4.0)),
    "groq": RetryPolicy((0.5, 1.0)),
    "whisper": RetryPolicy((1.0, 2.0)),
    "database": RetryPolicy((0.1, 0.5, 1.0)),
}
NO_RETRY = RetryPolicy(())


class ProviderResting(ProviderUnavailable):
    """The breaker is open: the vendor failed too often just now."""

    code = "resting"
    retryable = False


def call_provider(provider: str, attempt: Callable[[float | None], T], *, seconds: float | None = None) -> T:
    """Run `attempt` under the provider's retry policy and breaker.

    `seconds` is the budget for everything together; `attempt` is given what is left of it (None: no limit). Raises the last
    `ProviderError`.
    """
    until = None if seconds is None else time.monotonic() + seconds
    policy = POLICIES.get(provider, NO_RETRY)
    pauses = list(policy.waits)

    def pause(error: Exception) -> bool | float:
        if not isinstance(error, ProviderError) or not error.retryable or not pauses:
            return False
        wait = pauses.pop(0)
        if isinstance(error, ProviderRateLimited) and error.retry_after is not None:
            wait = max(wait, error.retry_after)
        wait *= 1 + JITTER * random.random()  # noqa: S311  # spreads load, guards nothing
        if until is not None and time.monotonic() + wait >= until:
            return False
        return wait

    for trial in stamina.retry_context(on=pause, attempts=policy.attempts, timeout=None):
        with trial:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                raise ProviderUnavailable("no time left", provider=provider)
            with guarded(provider):
                return attempt(left)
    raise AssertionError("unreachable: the retry context runs at least once")


def guarded(provider: str) -> AbstractContextManager[object]:
    """The provider's breaker around one attempt. Raises `ProviderResting` while it is open.

    Only being unavailable opens it: a refused key or a malformed answer is no sign that the next request would fail too.
    """
    try:
        return _Guard(provider, breakers().get_breaker(f"parley:{provider}"))
    except redis.RedisError:
        logger.warning("the breaker's store is away; going without it", provider=provider)
        return nullcontext()


class _Guard:
    def __init__(self, provider: str, breaker: AbstractContextManager[object]) -> None:
        self._provider = provider
        self._breaker = breaker

    def __enter__(self) -> None:
        try:
            self._breaker.__enter__()
        except OpenedState:
            raise ProviderResting("failed too often just now", provider=self._provider) from None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            self._breaker.__exit__(kind, error, trace)  # type: ignore[arg-type]  # a traceback, passed through
        except redis.RedisError:
            logger.warning("the breaker's store is away; a result was not counted", provider=self._provider)


@lru_cache
def breakers() -> SyncCircuitBreakerFactory:
    """The breakers of this process; their state is shared through `BREAKER_URL` when that names a Redis."""
    store = SyncRedisUnitOfWork(settings.BREAKER_URL) if settings.BREAKER_URL else SyncInMemoryUnitOfWork()
    factory = SyncCircuitBreakerFactory(
        default_threshold=BREAKER_THRESHOLD,
        default_ttl=BREAKER_SECONDS,
        exclude=[ProviderRefused, ProviderInvalidAnswer, ProviderNotConfigured],
        uow=store,
    )
    factory.initialize()
    return factory
