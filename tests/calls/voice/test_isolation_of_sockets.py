"""Every socket refuses another organisation's people, links and ids, like an address that is none."""

from __future__ import annotations

import asyncio

import pytest
from django.conf import settings
from django.db import connection
from django_tenants.utils import schema_context
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from calls import tokens
from calls.models import Call
from tests.calls.voice.conftest import Live
from tests.cast import Cast
from tests.conftest import signed_in

pytestmark = pytest.mark.slow
SOCKETS = {"voice": ("ws/voice/{}/", tokens.VOICE), "events": ("ws/calls/{}/events/", tokens.EVENTS)}


def refused(url: str, cookie: str = "") -> bool:
    async def ask() -> bool:
        try:
            async with connect(url, additional_headers={"Cookie": cookie} if cookie else {}):
                return False
        except InvalidStatus as error:
            return error.response.status_code == 403

    return asyncio.run(ask())


def address(live: Live, name: str, slug: str, token: str = "") -> str:
    path, _purpose = SOCKETS[name]
    return f"ws://{live.address}/org/{slug}/" + path.format(live.call.pk) + (f"?token={token}" if token else "")


def cookie_of(live: Live, person: str) -> str:
    connection.set_schema_to_public()
    client = signed_in(getattr(Cast.load(), person))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.mark.parametrize("name", SOCKETS)
def test_a_link_of_one_organisation_opens_nothing_in_another(live: Live, name: str) -> None:
    token = live.token(SOCKETS[name][1])
    assert refused(address(live, name, "globex", token))
    assert not refused(address(live, name, "acme", token))


@pytest.mark.parametrize("name", SOCKETS)
def test_a_link_signed_for_another_schema_or_somebody_else_is_refused(live: Live, name: str) -> None:
    purpose = SOCKETS[name][1]
    cast = live.cast
    for schema_name, user in (
        (cast.globex.schema_name, cast.ada),
        (cast.acme.schema_name, cast.gil),  # not a member
        (cast.acme.schema_name, cast.val),  # a member, but not this call's trainee
    ):
        token = tokens.sign(purpose, schema_name=schema_name, call_id=live.call.pk, user_id=user.pk)
        assert refused(address(live, name, "acme", token))


@pytest.mark.parametrize("name", SOCKETS)
@pytest.mark.parametrize("person", ["gil", "val"])
def test_a_session_opens_no_socket_of_anybody_else(live: Live, name: str, person: str) -> None:
    assert refused(address(live, name, "acme"), cookie_of(live, person))


def test_the_trainee_watches_by_their_session_and_managers_when_the_call_is_over(live: Live) -> None:
    assert not refused(address(live, "events", "acme"), cookie_of(live, "ada"))
    with schema_context(live.cast.acme.schema_name):
        Call.objects.filter(pk=live.call.pk).update(status="completed")
    for person in ("ada", "bo", "cy"):
        assert not refused(address(live, "events", "acme"), cookie_of(live, person))


@pytest.mark.parametrize("person", ["gil", "val", "ada", "bo", "cy"])
def test_nobody_listens_in_where_the_organisation_does_not_allow_it(live: Live, person: str) -> None:
    path = f"ws://{live.address}/org/acme/ws/calls/{live.call.pk}/listen/"
    assert refused(path, cookie_of(live, person))
    assert refused(path.replace("/acme/", "/globex/"), cookie_of(live, person))
    assert refused(f"{path}?token={live.token(tokens.EVENTS)}")


@pytest.mark.parametrize("path", ["ws/", "ws/voice/", "ws/other/", "ws/voice/not-an-id/"])
def test_an_address_that_is_none_is_refused_the_same_way(live: Live, path: str) -> None:
    assert refused(f"ws://{live.address}/org/acme/{path}")
    assert refused(f"ws://{live.address}/org/nobody/{path}")
