"""Signing in while Redis is away: it works, and guessing is still held by the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from config.settings import base
from tests.accounts.conftest import Api
from tests.cast import PASSWORD, Cast
from tests.conftest import signed_in

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _away(settings: Any, _fresh_limits: None) -> Any:
    """The real cache, at an address where nothing listens."""
    settings.CACHES = {"default": {**base.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    yield
    settings.CACHES = base.CACHES


def test_the_page_signs_in(cast: Cast) -> None:
    client = Client()
    assert client.get(LOGIN).status_code == 200
    answer = client.post(LOGIN, {"login": "ada@cast.test", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/org/acme/")
    assert client.get("/org/acme/").status_code == 200


def test_the_api_signs_in_and_answers(cast: Cast) -> None:
    body = {"email": "ada@cast.test", "password": PASSWORD}
    assert Api(Client()).post("auth/token/", body).status_code == 200
    assert Api(signed_in(cast.ada)).get("user/profile/").status_code == 200


def test_guessing_is_locked_all_the_same(cast: Cast) -> None:
    client = Client()
    answers = [client.post(LOGIN, {"login": "ada@cast.test", "password": f"no-{n}"}).status_code for n in range(9)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert client.post(LOGIN, {"login": "ada@cast.test", "password": PASSWORD}).status_code == 429


def test_an_absent_cache_is_an_empty_one() -> None:
    cache = caches["default"]
    assert cache.add("a", 1)
    cache.set("a", 1)
    assert cache.get("a", "nothing") == "nothing"
    assert cache.get_many(["a"]) == {}
    assert not cache.touch("a")
    assert not cache.delete("a")
    assert "a" not in cache
    assert cache.set_many({"a": 1}) == []
    cache.delete_many(["a"])
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
