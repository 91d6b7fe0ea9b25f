"""Is everything that Parley needs at hand? Probes are cached for a few seconds so that a probe is no load."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from kombu.connection import Connection

from integrations.resilience import breaker_state
from integrations.vendor_names import AI_PROVIDERS

CACHE_SECONDS = 2.0
_cached: tuple[float, dict[str, Any]] = (0.0, {})


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        client.ping()
    finally:
        client.close()


def _queue() -> None:
    # Without a time for answers too, a broker that takes connections and says nothing would be waited for without end.
    limits = {"socket_connect_timeout": 1, "socket_timeout": 1}
    with Connection(settings.CELERY_BROKER_URL, connect_timeout=1, transport_options=limits) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0)


def _storage() -> None:
    name = default_storage.save("health/probe.txt", ContentFile(b"ok"))
    default_storage.delete(name)


PROBES: dict[str, tuple[Callable[[], None], bool]] = {
    "database": (_database, True),
    "redis": (_redis, True),
    "queue": (_queue, True),
    "storage": (_storage, False),
}


STATES = {"working": "healthy", "probing": "degraded", "resting": "unhealthy"}


def _vendors() -> dict[str, Any]:
    """The installation's vendors, as their breakers saw them lately: nobody is called for a probe, and nobody is critical,
    since another vendor or the embedded engine stands in."""
    services: dict[str, Any] = {}
    for vendor, key in settings.VENDOR_KEYS.items():
        if key and vendor in AI_PROVIDERS:
            started = time.perf_counter()
            status = STATES[breaker_state(vendor).state]
            took = round((time.perf_counter() - started) * 1000, 1)
            services[vendor] = {"status": status, "latency_ms": took, "critical": False}
    return services


def probe_all() -> dict[str, Any]:
    """`{status, services: {name: {status, latency_ms, critical}}}`; unhealthy where a critical service is down."""
    global _cached
    at, report = _cached
    if report and time.monotonic() - at < CACHE_SECONDS:
        return report
    services: dict[str, Any] = {}
    for name, (probe, critical) in PROBES.items():
        started = time.perf_counter()
        try:
            probe()
            status = "healthy"
        except Exception:
            status = "unhealthy"
        services[name] = {
            "status": status,
            "latency_ms": round((time.perf_counter() - started) * 1000, 1),
            "critical": critical,
        }
    services |= _vendors()
    down = [service for service in services.values() if service["status"] != "healthy"]
    overall = "healthy" if not down else "unhealthy" if any(service["critical"] for service in down) else "degraded"
    report = {"status": overall, "services": services}
    _cached = (time.monotonic(), report)
    return report
