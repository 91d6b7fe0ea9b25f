"""The events socket: what happens in a call, live, and what was missed. The listening socket: that, and the sound."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from orjson import dumps

from accounts.memberships import role_of
from accounts.models import User
from calls import events, observers, presence, services, tokens
from calls.errors import CallNotFound
from calls.voice.elsewhere import sound_elsewhere
from calls.voice.listening import sound_of, want_sound
from tenants.context import in_schema
from tenants.live import LiveSocket
from tenants.models import Organization
from tenants.names import call_group

logger = structlog.get_logger(__name__)
# A message can be lost with Redis; the log cannot. So look there now and then, too.
LOOK_SECONDS = 5.0
NOT_HERE = 4404


@dataclass(frozen=True, slots=True)
class Watcher:
    """Somebody at a call's socket. `observer_id`: an observer of a call that is being held; None for its trainee, and for
    whoever looks at a call that is over."""

    is_trainee: bool
    observer_id: UUID | None


def _let_in(organization: Organization, call_id: UUID, user: Any, role: str | None, token: str) -> Watcher | None:
    """Who watches, or None for nobody who may. Whoever watches a call of somebody else while it is held is its observer, and
    the trainee is told."""
    if token:
        ticket = tokens.read(tokens.EVENTS, token, schema_name=organization.schema_name, call_id=call_id)
        user = User.objects.filter(pk=ticket.user_id, is_active=True).first() if ticket else None
        role = role_of(user, organization)
    if user is None or role is None:
        return None
    try:
        call = services.get_visible(call_id, user=user, role=role)
    except CallNotFound:
        return None
    if call.trainee_id == user.pk:
        return Watcher(is_trainee=True, observer_id=None)
    if not call.is_live:
        return Watcher(is_trainee=False, observer_id=None)
    if not observers.may_listen(call, user=user, role=role, organization=organization):
        return None
    return Watcher(is_trainee=False, observer_id=observers.join(call=call, user=user).pk)


let_in = in_schema(_let_in)
missed = in_schema(events.events_after)
stay = in_schema(observers.stay)
leave = in_schema(observers.leave)
beat = in_schema(presence.beat)


class EventsConsumer(LiveSocket):
    """`/ws/calls/<call_id>/events/?after=<seq>`: subscribes, then replays, so that nothing falls between."""

    watcher: Watcher | None = None

    async def connect(self) -> None:
        self.organization = self.scope["organization"]
        self.schema: str = self.organization.schema_name
        self.call_id: UUID = self.scope["url_route"]["kwargs"]["call_id"]
        self.lock = asyncio.Lock()
        self.is_over = False
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        user = self.scope["user"] if self.scope["user"].is_authenticated else None
        self.watcher = await let_in(
            self.schema, self.organization, self.call_id, user, self.scope["role"], query.get("token", [""])[0]
        )
        if self.watcher is None or not self.wanted(self.watcher):
            await self.close(NOT_HERE)
            return
        after = query.get("after", ["0"])[0]
        self.last = min(int(after), 2**31) if after.isascii() and after.isdecimal() and len(after) < 12 else 0
        await self.join(call_group(self.schema, self.call_id))
        await self.accept()
        await self.catch_up()
        await self.be_there()
        self.go_on_with(self.look_now_and_then())

    def wanted(self, watcher: Watcher) -> bool:
        """Is this socket for them?"""
        return True

    async def left(self) -> None:
        await super().left()
        if self.watcher is not None and self.watcher.observer_id is not None:
            await leave(self.schema, observer_id=self.watcher.observer_id)

    async def call_event(self, message: dict[str, Any]) -> None:
        seq = message["event"]["seq"]
        if seq is None:  # of this moment only: it is not in the log
            await self.send(text_data=dumps(message["event"]).decode())
            return
        if seq == self.last + 1:
            async with self.lock:
                if seq == self.last + 1:
                    await self.pass_on(message["event"])
                    return
        if seq > self.last:
            await self.catch_up()

    async def catch_up(self) -> None:
        async with self.lock:
            for event in await missed(self.schema, self.call_id, self.last):
                if event["seq"] > self.last:
                    await self.pass_on(event)

    async def pass_on(self, event: dict[str, Any]) -> None:
        self.last = event["seq"]
        self.is_over = self.is_over or event["type"] == "call:ended"
        await self.send(text_data=dumps(event).decode())

    async def look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.catch_up()
                await self.be_there()
            except Exception as error:
                # The database is away: the next look may find it back. Logged, because it may be something else.
                logger.warning("events could not be read", error_type=type(error).__name__)

    async def be_there(self) -> None:
        """Say that one is still there, as the trainee or as an observer. An observer who may not any more has to go."""
        assert self.watcher is not None
        if self.is_over:
            return
        if self.watcher.is_trainee:
            await beat(self.schema, self.call_id)
        elif self.watcher.observer_id is not None and not await stay(self.schema, observer_id=self.watcher.observer_id):
            await self.catch_up()  # it may just have ended
            if not self.is_over:
                await self.close(NOT_HERE)


class ListenConsumer(EventsConsumer):
    """`/ws/calls/<call_id>/listen/?after=<seq>`, for observers: the events, and both sides' sound as binary frames.

    `calls.voice.listening` says what is in a frame.
    """

    def wanted(self, watcher: Watcher) -> bool:
        return watcher.observer_id is not None

    async def connect(self) -> None:
        await super().connect()
        if self.background:
            self.go_on_with(self.pass_sound_on())
            self.go_on_with(self.pass_sound_of_elsewhere())

    async def pass_sound_on(self) -> None:
        ready = asyncio.Event()
        asking = asyncio.create_task(self.ask_for_sound(ready))
        try:
            async for frame in sound_of(self.schema, self.call_id, ready=ready):
                await self.send(bytes_data=frame)
        finally:
            asking.cancel()

    async def pass_sound_of_elsewhere(self) -> None:
        """Of a call that goes past us: which way it goes may change while one waits for it to begin."""
        async with contextlib.aclosing(sound_elsewhere(self.schema, self.call_id)) as frames:
            async for frame in frames:
                await self.send(bytes_data=frame)

    async def ask_for_sound(self, ready: asyncio.Event) -> None:
        await ready.wait()
        while not self.is_over:
            await want_sound(self.schema, self.call_id)
            await asyncio.sleep(LOOK_SECONDS)
