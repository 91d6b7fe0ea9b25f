"""`GET /health`: public, honest, and without secrets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client
from kombu.exceptions import OperationalError

from config import health


@pytest.fixture(autouse=True)
def fresh_probes() -> Iterator[None]:
    health._cached = (0.0, {})
    yield
    health._cached = (0.0, {})


def broken() -> None:
    raise ConnectionError(settings.REDIS_URL)


@pytest.mark.django_db
def test_everything_up_is_200() -> None:
    response = Client().get("/health")
    report = response.json()
    assert response.status_code == 200, report
    assert report["status"] == "healthy"
    for service in report["services"].values():
        assert set(service) == {"status", "latency_ms", "critical"}


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "status", "overall"), [("redis", 503, "unhealthy"), ("storage", 200, "degraded")])
def test_a_service_down(monkeypatch: Any, name: str, status: int, overall: str) -> None:
    monkeypatch.setitem(health.PROBES, name, (broken, health.PROBES[name][1]))
    response = Client().get("/health")
    assert response.status_code == status
    assert response.json()["status"] == overall
    assert response.json()["services"][name]["status"] == "unhealthy"
    assert "redis://" not in response.content.decode()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["redis", "queue"])
def test_one_that_takes_connections_and_never_answers_is_down(settings: Any, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = settings.CELERY_BROKER_URL = f"redis://:secret@127.0.0.1:{silent.getsockname()[1]}/0"
        probe, _critical = health.PROBES[name]
        with pytest.raises((redis.TimeoutError, OperationalError)):
            probe()


@pytest.mark.django_db
def test_probes_are_cached(monkeypatch: Any) -> None:
    Client().get("/health")
    monkeypatch.setitem(health.PROBES, "redis", (broken, True))
    assert Client().get("/health").status_code == 200
