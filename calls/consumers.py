"""The events socket: what happens in a call, live, and what was missed."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from orjson import dumps

from accounts.memberships import role_of
from accounts.models import User
from calls import events, services, tokens
from calls.errors import CallNotFound
from tenants.context import in_schema
from tenants.models import Organization
from tenants.names import call_group

logger = structlog.get_logger(__name__)
# A message can be lost with Redis; the log cannot. So look there now and then, too.
LOOK_SECONDS = 5.0


def _may_watch(organization: Organization, call_id: UUID, user: Any, role: str | None, token: str) -> bool:
    if token:
        ticket = tokens.read(tokens.EVENTS, token, schema_name=organization.schema_name, call_id=call_id)
        user = User.objects.filter(pk=ticket.user_id, is_active=True).first() if ticket else None
        role = role_of(user, organization)
    if user is None or role is None:
        return False
    try:
        services.get_visible(call_id, user=user, role=role)
    except CallNotFound:
        return False
    return True


may_watch = in_schema(_may_watch)
missed = in_schema(events.events_after)


class EventsConsumer(AsyncWebsocketConsumer):
    """`/ws/calls/<call_id>/events/?after=<seq>`: subscribes, then replays, so that nothing falls between."""

    groups: Any = ()

    async def connect(self) -> None:
        self.organization = self.scope["organization"]
        self.call_id: UUID = self.scope["url_route"]["kwargs"]["call_id"]
        self.watch: asyncio.Task[None] | None = None
        self.lock = asyncio.Lock()
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        schema = self.organization.schema_name
        user = self.scope["user"] if self.scope["user"].is_authenticated else None
        if not await may_watch(
            schema, self.organization, self.call_id, user, self.scope["role"], query.get("token", [""])[0]
        ):
            await self.close(4404)
            return
        after = query.get("after", ["0"])[0]
        self.last = min(int(after), 2**31) if after.isascii() and after.isdecimal() and len(after) < 12 else 0
        self.group = call_group(schema, self.call_id)
        with contextlib.suppress(*events.REDIS_AWAY):
            await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.catch_up()
        self.watch = asyncio.create_task(self.look_now_and_then())

    async def disconnect(self, code: int) -> None:
        if self.watch is not None:
            self.watch.cancel()
        if hasattr(self, "group"):
            with contextlib.suppress(*events.REDIS_AWAY):
                await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Watchers only listen."""

    async def call_event(self, message: dict[str, Any]) -> None:
        seq = message["event"]["seq"]
        if seq == self.last + 1:
            async with self.lock:
                if seq == self.last + 1:
                    await self.pass_on(message["event"])
                    return
        if seq > self.last:
            await self.catch_up()

    async def catch_up(self) -> None:
        async with self.lock:
            for event in await missed(self.organization.schema_name, self.call_id, self.last):
                if event["seq"] > self.last:
                    await self.pass_on(event)

    async def pass_on(self, event: dict[str, Any]) -> None:
        self.last = event["seq"]
        await self.send(text_data=dumps(event).decode())

    async def look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.catch_up()
            except Exception as error:
                # The database is away: the next look may find it back. Logged, because it may be something else.
                logger.warning("events could not be read", error_type=type(error).__name__)
