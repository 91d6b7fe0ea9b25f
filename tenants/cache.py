"""The shared cache; while it is away, an empty one. A page, or a sign-in, must not fail because Redis restarts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache. While Redis does not answer it holds nothing and keeps nothing.

    What counts on the cache has to be right with an empty one: limits of requests let everybody through then, and wrong
    passwords are still counted in the database (django-axes).
    """

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._or(default, super().get, key, default, version)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._or(True, super().add, *args, **kwargs))

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._or(None, super().set, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._or(False, super().touch, *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._or(False, super().delete, *args, **kwargs))

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._or(False, super().has_key, *args, **kwargs))

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return dict(self._or({}, super().get_many, *args, **kwargs))

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return list(self._or([], super().set_many, *args, **kwargs))

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._or(None, super().delete_many, *args, **kwargs)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Raises `ValueError` for a key that is not there, which is every key while Redis is away."""
        try:
            return int(super().incr(key, delta, version))
        except (RedisError, OSError):
            raise ValueError(f"Key {key!r} not found") from None

    def _or(self, empty: Any, ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return ask(*args, **kwargs)
        except (RedisError, OSError) as error:
            logger.warning("the cache does not answer", error_type=type(error).__name__)
            return empty
