"""Limits per person and class of request, told in `X-RateLimit-*` on every answer.

Rates are written `20/min` or `5/10min`. The window slides in the shared cache, whose keys carry the organisation.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, ClassVar

import structlog
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:  # rest_framework.views loads this module by name while it is itself being loaded
    from rest_framework.views import APIView

logger = structlog.get_logger(__name__)
UNITS = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}
RATE = re.compile(r"\A(\d+)/(\d*)([a-z]+)\Z")


def parse_rate(rate: str) -> tuple[int, int]:
    """`5/10min` → (5 requests, 600 seconds). Raises `ValueError`."""
    match = RATE.match(rate.strip())
    if not match or match[3] not in UNITS:
        raise ValueError(f"{rate!r} is not a rate; write 20/min or 5/10min")
    return int(match[1]), int(match[2] or 1) * UNITS[match[3]]


class PerUserThrottle(BaseThrottle):
    """Counts by signed-in user, else by address; the view's `throttle_class_name` picks the rate."""

    default_class: ClassVar[str] = "default"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """A limiter that cannot count lets everybody through: a call must not fail because Redis restarts."""
        try:
            return self._count(request, view)
        except (RedisError, OSError) as error:
            logger.warning("requests are not limited", error_type=type(error).__name__)
            return True

    def _count(self, request: Request, view: APIView) -> bool:
        name = getattr(view, "throttle_class_name", self.default_class)
        limit, window = parse_rate(settings.THROTTLE_RATES[name])
        user = request.user
        who = f"user-{user.pk}" if user and user.is_authenticated else f"addr-{self.get_ident(request)}"
        now = time.time()
        slot = int(now // window)
        key = f"throttle:{name}:{who}:{slot}"
        # A sliding window from two fixed ones: the last window's count fades as this one fills. Two integers per user
        # and class, and an increment that is atomic in Redis.
        cache.add(key, 0, timeout=window * 2)
        previous = cache.get(f"throttle:{name}:{who}:{slot - 1}", 0)
        try:
            count = cache.incr(key)
        except ValueError:  # expired between the two calls
            count = 1
        fade = 1 - (now % window) / window
        used = count + previous * fade
        self.reset = int((slot + 1) * window)
        self.wait_seconds = max(1, int(self.reset - now))
        request._request.rate_limit = (limit, max(0, int(limit - used)), self.reset)  # type: ignore[attr-defined]
        return used <= limit

    def wait(self) -> float:
        return float(self.wait_seconds)


def add_rate_headers(request: Any, response: Any) -> None:
    """Write `X-RateLimit-Limit|Remaining|Reset` where a throttle counted this request."""
    numbers = getattr(request, "rate_limit", None)
    if numbers:
        for name, value in zip(("Limit", "Remaining", "Reset"), numbers, strict=True):
            response[f"X-RateLimit-{name}"] = str(value)
