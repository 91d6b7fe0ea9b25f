"""Second attempts, as data; and a breaker that stops asking a vendor that is down.

`RetryPolicy.waits` are the pauses before the second, third… attempt, with a little jitter on top. Only what may be sent
again is (`ProviderError.retryable`), a vendor's own `retry_after` is honoured when it is short, and nothing is tried past the
deadline. The breaker counts failures of all processes in Redis: after five in a row a vendor rests for half a minute, then
one request probes it. An organisation's own account has a breaker of its own: its limits say nothing about the others.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar

import redis
import stamina
import structlog
from django.conf import settings
from purgatory import SyncCircuitBreakerFactory, SyncInMemoryUnitOfWork
from purgatory.domain.model import OpenedState
from purgatory.service._sync.repository import SyncRedisRepository
from purgatory.service._sync.unit_of_work import SyncAbstractUnitOfWork

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
STORE_SECONDS = 0.5  # what asking the breaker's store may take


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Pauses in seconds before each further attempt; `len(waits)` is the number of retries."""

    waits: tuple[float, ...]

    @property
    def attempts(self) -> int:
        return len(self.waits) + 1


POLICIES: dict[str, RetryPolicy] = {
    "elevenlabs": RetryPolicy((1.0, 2.0)),
    "vapi": RetryPolicy((1.0, 2.0)),
    "gemini": RetryPolicy((1.0, 2.0, 4.0)),
    "groq": RetryPolicy((0.5, 1.0)),
    "openai": RetryPolicy((0.5, 1.0)),
    # One quick second try: the next route is waiting.
    "openrouter": RetryPolicy((0.5,)),
    "whisper": RetryPolicy((1.0, 2.0)),
    "highlevel": RetryPolicy((1.0, 2.0)),
    "database": RetryPolicy((0.1, 0.5, 1.0)),
}
NO_RETRY = RetryPolicy(())


class ProviderResting(ProviderUnavailable):
    """The breaker is open: the vendor failed too often just now."""

    code = "resting"
    retryable = False


class _Course:
    """One task's way through its attempts: what to wait, and what time is left."""

    def __init__(self, provider: str, seconds: float | None) -> None:
        self.provider = provider
        self._until = None if seconds is None else time.monotonic() + seconds
        policy = POLICIES.get(provider, NO_RETRY)
        self.attempts = policy.attempts
        self._pauses = list(policy.waits)

    def pause(self, error: Exception) -> bool | float:
        """Seconds until the next attempt; False: there is none."""
        if not isinstance(error, ProviderError) or not error.retryable or not self._pauses:
            return False
        wait = self._pauses.pop(0)
        if isinstance(error, ProviderRateLimited) and error.retry_after is not None:
            wait = max(wait, error.retry_after)
        wait *= 1 + JITTER * random.random()  # noqa: S311  # spreads load, guards nothing
        if self._until is not None and time.monotonic() + wait >= self._until:
            return False
        return wait

    def left(self) -> float | None:
        """Raises `ProviderUnavailable` when the time is up."""
        if self._until is None:
            return None
        left = self._until - time.monotonic()
        if left <= 0:
            raise ProviderUnavailable("no time left", provider=self.provider)
        return left


def call_provider(
    provider: str, attempt: Callable[[float | None], T], *, seconds: float | None = None, account: str = ""
) -> T:
    """Run `attempt` under the provider's retry policy and breaker.

    `seconds` is the budget for everything together; `attempt` is given what is left of it (None: no limit). `account`: whose
    breaker counts (`VendorKeys.account`). Raises the last `ProviderError`.
    """
    course = _Course(provider, seconds)
    for trial in stamina.retry_context(on=course.pause, attempts=course.attempts, timeout=None):
        with trial:
            left = course.left()
            with guarded(provider, account=account):
                return attempt(left)
    raise AssertionError("unreachable: the retry context runs at least once")


async def acall_provider(
    provider: str, attempt: Callable[[float | None], Awaitable[T]], *, seconds: float | None = None, account: str = ""
) -> T:
    """The same for async code."""
    course = _Course(provider, seconds)
    async for trial in stamina.retry_context(on=course.pause, attempts=course.attempts, timeout=None):
        with trial:
            left = course.left()
            async with aguarded(provider, account=account):
                return await attempt(left)
    raise AssertionError("unreachable: the retry context runs at least once")


def breaker_name(provider: str, account: str = "") -> str:
    return f"parley:{account}:{provider}" if account else f"parley:{provider}"


def guarded(provider: str, *, account: str = "") -> AbstractContextManager[object]:
    """The provider's breaker around one attempt. Raises `ProviderResting` while it is open.

    Only being unavailable opens it: a refused key or a malformed answer is no sign that the next request would fail too.
    """
    try:
        return _Guard(provider, breakers().get_breaker(breaker_name(provider, account)))
    except redis.RedisError:
        logger.warning("the breaker's store is away; going without it", provider=provider)
        return nullcontext()


@asynccontextmanager
async def aguarded(provider: str, *, account: str = "") -> AsyncIterator[None]:
    """The same for async code. The breaker's store is asked in a thread: the event loop carries other people's calls."""
    guard = await asyncio.to_thread(guarded, provider, account=account)
    await asyncio.to_thread(guard.__enter__)
    try:
        yield
    except BaseException as error:
        await asyncio.to_thread(guard.__exit__, type(error), error, None)
        raise
    await asyncio.to_thread(guard.__exit__, None, None, None)


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
        if error is not None and not isinstance(error, Exception):
            return  # cancelled: that says nothing about the vendor
        try:
            self._breaker.__exit__(kind, error, trace)  # type: ignore[arg-type]  # a traceback, passed through
        except redis.RedisError:
            logger.warning("the breaker's store is away; a result was not counted", provider=self._provider)


@dataclass(frozen=True, slots=True)
class BreakerState:
    """`resting`: not asked at all for another `seconds_left`. `probing`: the next request decides. `failures`: in a row,
    while it works."""

    state: Literal["working", "resting", "probing"]
    failures: int = 0
    seconds_left: float = 0.0

    @property
    def whole_seconds(self) -> int:
        """What is left, for people; never 0 while it rests."""
        return max(round(self.seconds_left), 1)


def breaker_state(provider: str, *, account: str = "") -> BreakerState:
    """How a vendor is doing, as all processes together saw it. Where the store is away: as if it worked."""
    try:
        context = breakers().get_breaker(breaker_name(provider, account)).context
    except redis.RedisError:
        return BreakerState("working")
    failures = context.failure_count or 0
    if context.opened_at is None or context.state == "closed":
        return BreakerState("working", failures)
    left = context.opened_at + context.ttl - time.time()
    return BreakerState("resting", seconds_left=left) if left > 0 else BreakerState("probing")


def count_failure(provider: str, error: Exception, *, account: str = "") -> None:
    """For what fails outside of `call_provider`, such as a socket that breaks: it counts like a failed request."""
    guard = guarded(provider, account=account)
    try:
        guard.__enter__()
    except ProviderResting:
        return
    guard.__exit__(type(error), error, None)


class _SharedContexts(SyncRedisRepository):
    """Breakers' state in Redis. The library's own constructor makes an asyncio client, which its methods cannot use."""

    def __init__(self, url: str) -> None:
        self.redis = redis.Redis.from_url(url, socket_timeout=STORE_SECONDS, socket_connect_timeout=STORE_SECONDS)
        self.messages = []
        self.prefix = "parley:breaker:"

    def initialize(self) -> None:
        """Redis connects when it is first asked."""


class _SharedStore(SyncAbstractUnitOfWork):
    def __init__(self, url: str) -> None:
        self.contexts = _SharedContexts(url)

    def commit(self) -> None:
        """Every command counts at once."""

    def rollback(self) -> None:
        """Nothing is held back."""


@lru_cache
def breakers() -> SyncCircuitBreakerFactory:
    """The breakers of this process; their state is shared through `BREAKER_URL` when that names a Redis."""
    store = _SharedStore(settings.BREAKER_URL) if settings.BREAKER_URL else SyncInMemoryUnitOfWork()
    factory = SyncCircuitBreakerFactory(
        default_threshold=BREAKER_THRESHOLD,
        default_ttl=BREAKER_SECONDS,
        exclude=[ProviderRefused, ProviderInvalidAnswer, ProviderNotConfigured],
        uow=store,
    )
    factory.initialize()
    return factory
