"""Clients that leave the test in the organisation it was in: a request ends in `public`, and these tests go on reading."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.cast import Cast


class StayingClient(Client):
    def request(self, **request: Any) -> Any:
        tenant = connection.tenant
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(tenant)


def signed_in(user: Any) -> StayingClient:
    client = StayingClient()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def ada_client(cast: Cast) -> StayingClient:
    return signed_in(cast.ada)


@pytest.fixture
def bo_client(cast: Cast) -> StayingClient:
    return signed_in(cast.bo)


@pytest.fixture
def cy_client(cast: Cast) -> StayingClient:
    return signed_in(cast.cy)


@pytest.fixture
def gil_client(cast: Cast) -> StayingClient:
    return signed_in(cast.gil)
