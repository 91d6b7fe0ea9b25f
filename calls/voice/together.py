"""What the calls of one process share, so that many of them don't crowd out the next.

All database work of a process's sockets runs on one thread. A hold renewed call by call, or a hundred calls that end at once,
would keep somebody waiting who just dials; so holds are renewed in one statement per organisation, and only a few calls are
written to their end at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable
from uuid import UUID
from weakref import WeakKeyDictionary

from calls import services
from calls.voice.journal import DATABASE_AWAY
from tenants.context import in_schema

RENEW_SECONDS = 5.0
ENDINGS_AT_ONCE = 4

CallKey = tuple[str, UUID]  # schema, call
renew_holds = in_schema(services.hold)


class Together:
    """One per event loop; see `together`."""

    def __init__(self) -> None:
        self.endings = asyncio.Semaphore(ENDINGS_AT_ONCE)
        self._lost: dict[CallKey, Callable[[], None]] = {}
        self._task: asyncio.Task[None] | None = None

    def hold(self, key: CallKey, lost: Callable[[], None]) -> None:
        """Renew this call's hold until `let_go`. `lost()` when it was ended elsewhere: by another process, or swept."""
        self._lost[key] = lost
        if self._task is None:
            self._task = asyncio.create_task(self._renew())

    def let_go(self, key: CallKey) -> None:
        self._lost.pop(key, None)
        if not self._lost and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            by_schema: defaultdict[str, list[UUID]] = defaultdict(list)
            for schema_name, call_id in self._lost:
                by_schema[schema_name].append(call_id)
            for schema_name, call_ids in by_schema.items():
                with contextlib.suppress(*DATABASE_AWAY):  # a hold lasts longer than one renewal that fails
                    going_on = await renew_holds(schema_name, call_ids=call_ids)
                    for call_id in set(call_ids) - going_on:
                        if lost := self._lost.get((schema_name, call_id)):
                            lost()


_together: WeakKeyDictionary[asyncio.AbstractEventLoop, Together] = WeakKeyDictionary()


def together() -> Together:
    """What the calls of this event loop share."""
    return _together.setdefault(asyncio.get_running_loop(), Together())
