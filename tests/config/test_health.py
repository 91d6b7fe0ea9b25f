"""`GET /health`: public, honest, and without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

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


@pytest.mark.django_db
def test_probes_are_cached(monkeypatch: Any) -> None:
    Client().get("/health")
    monkeypatch.setitem(health.PROBES, "redis", (broken, True))
    assert Client().get("/health").status_code == 200
