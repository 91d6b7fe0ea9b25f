"""Clients that leave the test in the organisation it was in: a request ends in `public`, and these tests go on reading."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.cast import Cast
from tests.conftest import signed_in


class StayingClient(Client):
    def request(self, **request: Any) -> Any:
        tenant = connection.tenant
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(tenant)


@pytest.fixture
def ada_client(cast: Cast) -> Client:
    return signed_in(cast.ada, StayingClient())


@pytest.fixture
def bo_client(cast: Cast) -> Client:
    return signed_in(cast.bo, StayingClient())


@pytest.fixture
def cy_client(cast: Cast) -> Client:
    return signed_in(cast.cy, StayingClient())


@pytest.fixture
def gil_client(cast: Cast) -> Client:
    return signed_in(cast.gil, StayingClient())
