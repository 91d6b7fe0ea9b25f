"""The bell's socket: how many notices are unread, at once and whenever it changes."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from django.utils import timezone, translation
from orjson import dumps

from accounts.memberships import role_of
from accounts.models import User
from tenants.context import in_schema
from tenants.live import LiveSocket
from tenants.models import Organization
from tenants.names import person_group

from . import services
from .models import Notice
from .wording import words_of

logger = structlog.get_logger(__name__)
# A message can be lost with Redis, and somebody may leave the organisation: look now and then.
LOOK_SECONDS = 60.0
NOT_HERE = 4404


def _look(organization: Organization, user_id: UUID, *, seen: str = "", notice_id: str = "") -> dict[str, Any] | None:
    """`{unread, notice}` as this person sees it now; None for who may not any more. `seen`: the page that is open, which
    needs no notice that leads to it."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if role_of(user, organization) is None:
        return None
    assert user is not None
    if seen:
        services.mark_read(user=user, path=seen)
    fresh = Notice.objects.shown_to(user).unread().filter(pk=notice_id).first() if notice_id else None
    with translation.override(user.language or organization.language):
        told = fresh and {"id": str(fresh.pk), "kind": fresh.kind, "title": words_of(fresh).title}
    return {"unread": services.unread_count(user), "notice": told or None}


look = in_schema(_look)


class NoticesConsumer(LiveSocket):
    """`/ws/notices/?seen=<path>`: `{type, call_id, seq, at, data}` as on the events socket; no call, and nothing to
    replay: each message says all there is."""

    async def connect(self) -> None:
        self.organization: Organization = self.scope["organization"]
        user = self.scope["user"]
        if not user.is_authenticated or self.scope["role"] is None:
            await self.close(NOT_HERE)
            return
        self.user_id: UUID = user.pk
        await self.join(person_group(self.organization.schema_name, self.user_id))
        await self.accept()
        seen = parse_qs(self.scope["query_string"].decode("latin-1")).get("seen", [""])[0]
        await self.tell(seen=self.within(seen)[:300])
        self.go_on_with(self.look_now_and_then())

    def within(self, path: str) -> str:
        """A page's path without the organisation's part."""
        return path.removeprefix(self.scope["org_prefix"])

    async def bell(self, message: dict[str, Any]) -> None:
        await self.tell(notice_id=message["notice_id"])

    async def tell(self, *, seen: str = "", notice_id: str = "") -> None:
        data = await look(
            self.organization.schema_name, self.organization, self.user_id, seen=seen, notice_id=notice_id
        )
        if data is None:
            await self.close(NOT_HERE)
            return
        kind = "notice:added" if data["notice"] else "notice:count"
        at = timezone.now().isoformat().replace("+00:00", "Z")
        event = {"type": kind, "call_id": None, "seq": None, "at": at, "data": data}
        await self.send(text_data=dumps(event).decode())

    async def look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.tell()
            except Exception as error:
                # The database is away: the next look may find it back. Logged, because it may be something else.
                logger.warning("notices could not be counted", error_type=type(error).__name__)
