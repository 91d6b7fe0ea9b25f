"""Clients of the REST API, and addresses that count as verified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.cast import Cast

API = "/org/acme/api/v1/"


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    """Rate limits of one test must not reach into the next."""
    cache.clear()
    yield
    cache.clear()


class Api:
    """JSON in, response out, below `/org/<slug>/api/v1/`."""

    def __init__(self, client: Client, *, token: str = "", slug: str = "acme") -> None:
        self.client = client
        self.headers = {"authorization": f"Bearer {token}"} if token else {}
        self.root = f"/org/{slug}/api/v1/"

    def __getattr__(self, verb: str) -> Any:
        def call(path: str, body: Any = None, **headers: str) -> Any:
            send = getattr(self.client, verb)
            known = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
            if verb == "get":
                return send(self.root + path, headers=known)
            return send(self.root + path, body, content_type="application/json", headers=known)

        return call


@pytest.fixture
def anyone(cast: Cast) -> Api:
    return Api(Client())


@pytest.fixture
def ada(ada_client: Client) -> Api:
    return Api(ada_client)


@pytest.fixture
def bo(bo_client: Client) -> Api:
    return Api(bo_client)


@pytest.fixture
def cy(cy_client: Client) -> Api:
    return Api(cy_client)


@pytest.fixture
def gil(gil_client: Client) -> Api:
    return Api(gil_client)
