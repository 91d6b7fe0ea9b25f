"""Names outside SQL that must carry the schema: primary keys repeat in each schema, so these may not.

Cache keys, channel groups, Redis keys, locks and file paths are built here and nowhere else.
"""

from __future__ import annotations

from uuid import UUID

from .schemas import current_schema


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """Cache `KEY_FUNCTION`: `<schema>:<prefix>:<version>:<key>`."""
    return f"{current_schema()}:{key_prefix}:{version}:{key}"


def plain_cache_key(key: str) -> str:
    """Cache `REVERSE_KEY_FUNCTION`."""
    return key.split(":", 3)[3]


def call_group(schema_name: str, call_id: UUID | str) -> str:
    """The channel group in which one call's events are told."""
    return f"{schema_name}.call.{call_id}"


def person_group(schema_name: str, user_id: UUID | str) -> str:
    """The channel group of one person's open windows in one organisation."""
    return f"{schema_name}.person.{user_id}"


def redis_key(schema_name: str, *parts: object) -> str:
    """A plain Redis key of one organisation: `parley:<schema>:<part>:…`."""
    return ":".join(["parley", schema_name, *[str(part) for part in parts]])
