"""Retries and breakers, the shared ones in a real Redis: what one process learns, the others know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.test import override_settings

from integrations import resilience
from integrations.errors import ProviderRateLimited, ProviderRefused, ProviderUnavailable
from integrations.resilience import (
    BREAKER_THRESHOLD,
    ProviderResting,
    RetryPolicy,
    acall_provider,
    breaker_state,
    call_provider,
    count_failure,
)


@pytest.fixture(params=["shared", "alone"])
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A vendor of its own for each test, without retries."""
    url = settings.REDIS_URL if request.param == "shared" else ""
    with override_settings(BREAKER_URL=url):
        resilience.breakers.cache_clear()
        yield f"vendor-{uuid4().hex[:8]}"
        resilience.breakers.cache_clear()
    if url:
        client = redis.Redis.from_url(url)
        for key in client.scan_iter("parley:breaker:*vendor-*"):
            client.delete(key)
        client.close()


def another_process() -> None:
    """Nothing of the breakers is remembered here but what the store knows."""
    if settings.BREAKER_URL:
        resilience.breakers.cache_clear()


def fails(vendor: str) -> None:
    def attempt(left: float | None) -> None:
        raise ProviderUnavailable("away", provider=vendor, status=503)

    with pytest.raises(ProviderUnavailable):
        call_provider(vendor, attempt)


def test_five_failures_open_it_everywhere_and_a_probe_closes_it(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert breaker_state(vendor).state == "working"
    for _time in range(BREAKER_THRESHOLD):
        another_process()
        fails(vendor)
    another_process()
    state = breaker_state(vendor)
    assert state.state == "resting"
    assert 0 < state.seconds_left <= resilience.BREAKER_SECONDS
    asked: list[float | None] = []
    with pytest.raises(ProviderResting):
        call_provider(vendor, asked.append)
    assert asked == []
    later = time.time() + resilience.BREAKER_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert breaker_state(vendor).state == "probing"
    assert call_provider(vendor, lambda left: "there") == "there"
    another_process()
    assert breaker_state(vendor) == resilience.BreakerState("working")


def test_a_probe_that_fails_keeps_it_shut(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _time in range(BREAKER_THRESHOLD):
        fails(vendor)
    later = time.time() + resilience.BREAKER_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    fails(vendor)
    another_process()
    assert breaker_state(vendor).state == "resting"


def test_a_refused_key_opens_nothing(vendor: str) -> None:
    def attempt(left: float | None) -> None:
        raise ProviderRefused("the key was refused", provider=vendor, status=401)

    for _time in range(BREAKER_THRESHOLD + 1):
        with pytest.raises(ProviderRefused):
            call_provider(vendor, attempt)
    assert breaker_state(vendor).state == "working"


def test_one_accounts_trouble_is_not_everybodys(vendor: str) -> None:
    for _time in range(BREAKER_THRESHOLD):
        count_failure(vendor, ProviderRateLimited("too many", provider=vendor), account="org_acme")
    assert breaker_state(vendor, account="org_acme").state == "resting"
    assert breaker_state(vendor, account="org_globex").state == "working"
    assert breaker_state(vendor).state == "working"


async def test_async_work_goes_the_same_way(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(resilience.POLICIES, vendor, RetryPolicy((0.001, 0.001)))
    attempts: list[float | None] = []

    async def third_time_lucky(left: float | None) -> str:
        attempts.append(left)
        if len(attempts) < 3:
            raise ProviderUnavailable("away", provider=vendor)
        return "there"

    assert await acall_provider(vendor, third_time_lucky, seconds=5.0) == "there"
    assert len(attempts) == 3
    assert all(left is not None and left <= 5.0 for left in attempts)

    async def refuses(left: float | None) -> str:
        attempts.append(left)
        raise ProviderRefused("no", provider=vendor)

    with pytest.raises(ProviderRefused):
        await acall_provider(vendor, refuses)
    assert len(attempts) == 4

    async def away(left: float | None) -> str:
        raise ProviderUnavailable("away", provider=vendor)

    for _time in range(2):
        with pytest.raises(ProviderUnavailable):
            await acall_provider(vendor, away)
    with pytest.raises(ProviderResting):
        await acall_provider(vendor, third_time_lucky)


async def test_a_cancelled_attempt_says_nothing_about_the_vendor(vendor: str) -> None:
    async def hangs(left: float | None) -> None:
        await asyncio.sleep(60)

    for _time in range(BREAKER_THRESHOLD):
        task = asyncio.create_task(acall_provider(vendor, hangs))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert breaker_state(vendor).state == "working"


def test_a_store_that_is_away_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with override_settings(BREAKER_URL="redis://127.0.0.1:1/0"):
        resilience.breakers.cache_clear()
        assert call_provider("somebody", lambda left: "there") == "there"
        assert breaker_state("somebody").state == "working"
        resilience.breakers.cache_clear()


@pytest.mark.parametrize(
    ("vendor_name", "waits"),
    [
        ("elevenlabs", (1.0, 2.0)),
        ("gemini", (1.0, 2.0, 4.0)),
        ("groq", (0.5, 1.0)),
        ("database", (0.1, 0.5, 1.0)),
    ],
)
def test_the_pauses_are_those_that_are_promised(vendor_name: str, waits: tuple[float, ...]) -> None:
    assert resilience.POLICIES[vendor_name].waits == waits
