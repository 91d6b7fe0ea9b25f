"""The bell's socket: a number at once, another when it changes, and nothing for strangers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connection
from django.test import Client
from django_tenants.utils import schema_context

from accounts.models import Membership
from accounts.notices import services
from accounts.notices.models import Mail, Notice
from accounts.sockets import SessionUserMiddleware
from calls.routing import socket_routes
from tenants.sockets import OrganizationSocketMiddleware
from tests.cast import Cast
from tests.conftest import signed_in

application = OrganizationSocketMiddleware(SessionUserMiddleware(socket_routes))


@pytest.fixture
def cast(transactional_cast: Cast) -> Cast:
    return transactional_cast


@pytest.fixture
def transactional_cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """Real commits: the consumer reads on another connection."""
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        yield Cast.load()
        for slug in ("acme", "globex"):
            with schema_context(f"org_{slug}"):
                Notice.objects.all().delete()
                Mail.objects.all().delete()
        connection.set_schema_to_public()
        connection.close()


class Patient(WebsocketCommunicator):
    """Waits longer than its second for a server that asks the database."""

    async def receive_output(self, timeout: float = 30) -> Any:  # noqa: ASYNC109
        return await super().receive_output(max(timeout, 30))

    async def wait(self, timeout: float = 30) -> None:  # noqa: ASYNC109
        await super().wait(max(timeout, 30))


def socket(client: Client, slug: str = "acme", seen: str = "") -> WebsocketCommunicator:
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}" if client else ""
    path = f"/org/{slug}/ws/notices/?seen={seen}"
    return Patient(application, path, headers=[(b"cookie", cookie.encode()), (b"host", b"testserver")])


def tell(cast: Cast, slug: str = "acme", **more: Any) -> None:
    with schema_context(f"org_{slug}"):
        services.notify(user=cast.val, kind="score_ready", data={"title": "Cold call"}, **more)


def test_the_number_comes_at_once_and_rings(cast: Cast) -> None:
    client = signed_in(cast.val)
    tell(cast)

    async def talk() -> None:
        bell, elsewhere = socket(client), socket(client, "globex")
        assert (await bell.connect())[0]
        assert (await elsewhere.connect())[0]
        first = await bell.receive_json_from()
        assert (first["type"], first["call_id"], first["data"]) == ("notice:count", None, {"unread": 1, "notice": None})
        assert (await elsewhere.receive_json_from())["data"]["unread"] == 0
        await sync_to_async(tell)(cast)
        news = await bell.receive_json_from()
        assert news["type"] == "notice:added"
        assert (news["data"]["unread"], news["data"]["notice"]["title"]) == (2, "“Cold call” is scored")
        assert await elsewhere.receive_nothing(timeout=0.3), "it was told in the other organisation"
        await bell.disconnect()
        await elsewhere.disconnect()

    async_to_sync(talk)()


def test_opening_the_page_that_a_notice_leads_to_is_reading_it(cast: Cast) -> None:
    client = signed_in(cast.val)
    tell(cast, url="/profile/")
    tell(cast, url="/history/")

    async def talk() -> None:
        bell = socket(client, seen="/org/acme/profile/")
        assert (await bell.connect())[0]
        assert (await bell.receive_json_from())["data"]["unread"] == 1
        await bell.disconnect()

    async_to_sync(talk)()


def test_strangers_and_nobody_are_refused(cast: Cast) -> None:
    clients = [signed_in(cast.gil), Client()]

    async def talk() -> None:
        for client in clients:
            bell = socket(client) if client.cookies else Patient(application, "/org/acme/ws/notices/")
            assert (await bell.connect())[0] is False

    async_to_sync(talk)()


def test_who_leaves_the_organisation_is_let_go_of(cast: Cast) -> None:
    client = signed_in(cast.val)
    mine = Membership.objects.filter(user=cast.val, organization=cast.acme)

    async def talk() -> None:
        bell = socket(client)
        assert (await bell.connect())[0]
        await bell.receive_json_from()
        await sync_to_async(mine.update)(is_active=False)
        await sync_to_async(tell_all_windows)(cast)
        assert (await bell.receive_output())["type"] == "websocket.close"

    try:
        async_to_sync(talk)()
    finally:
        mine.update(is_active=True)


def tell_all_windows(cast: Cast) -> None:
    from accounts.notices import live

    live.ring("org_acme", [(cast.val.pk, None)])
