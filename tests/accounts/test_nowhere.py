"""Nobody can find out which organisations exist: strange and missing ones answer alike, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from tests.cast import PASSWORD, Cast
from tests.conftest import signed_in

PATHS = [
    ("get", ""),
    ("get", "/"),
    ("get", "/practice/"),
    ("get", "/practice"),
    ("get", "/profile/"),
    ("get", "/people/"),
    ("get", "/no/such/page/"),
    ("get", "/admin/"),
    ("get", "/admin"),
    ("get", "/admin/login/"),
    ("get", "/join/guess/"),
    ("post", "/join/guess/"),
    ("post", "/profile/"),
    ("get", "/api/v1/calls/"),
    ("get", "/api/v1/calls"),
    ("post", "/api/v1/calls/"),
    ("delete", "/api/v1/user/profile/"),
    ("get", "/api/v1/user/profile/"),
    ("get", "/api/v1/schema/"),
    ("get", "/api/v1/nothing/"),
    ("get", "/api/v1/auth/token/"),
    ("post", "/api/v1/auth/token/"),
    ("options", "/api/v1/calls/"),
]


def told(response: Any, slug: str) -> tuple[Any, ...]:
    """Everything about an answer that could differ, with the slug, ids and CSRF tokens taken out."""
    body = response.content.decode().replace(f"/org/{slug}", "/org/SLUG")
    body = re.sub(r"req_[\w-]+", "req", body)
    body = re.sub(r'(csrf[-_\w]*" (?:value|content)=")[^"]*', r"\1", body)
    headers = {name: value.replace(f"/org/{slug}", "/org/SLUG") for name, value in response.headers.items()}
    headers.pop("X-Request-ID")
    headers.pop("X-RateLimit-Reset", None)
    headers.pop("X-RateLimit-Remaining", None)
    return response.status_code, headers, sorted(response.cookies), body


@pytest.mark.parametrize(("verb", "path"), PATHS)
@pytest.mark.parametrize("who", ["anonymous", "stranger", "bad token"])
def test_strange_and_missing_organisations_answer_alike(cast: Cast, verb: str, path: str, who: str) -> None:
    answers = []
    for slug in ("globex", "nowhere"):  # Globex speaks Spanish: its language must not give it away either
        client = Client(enforce_csrf_checks=True)
        if who == "stranger":
            client.cookies = signed_in(cast.ada).cookies
        headers = {"authorization": "Bearer parley_guess"} if who == "bad token" else {}
        answers.append(told(getattr(client, verb)(f"/org/{slug}{path}", headers=headers), slug))
    assert answers[0] == answers[1]
    assert answers[0][0] in ({301, 403, 404} if who == "stranger" else {301, 302, 401, 403, 404, 415})


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_signing_in_to_the_api_of_either(cast: Cast, password: str) -> None:
    body = {"email": "ada@cast.test", "password": password}
    strange, missing = (
        Client().post(f"/org/{slug}/api/v1/auth/token/", body, content_type="application/json")
        for slug in ("globex", "nowhere")
    )
    assert strange.status_code == missing.status_code == 401
    assert told(strange, "globex") == told(missing, "nowhere")


def test_no_view_runs_in_public_for_an_organisation_that_is_not_there(cast: Cast) -> None:
    operator = cast.dee
    operator.is_staff = operator.is_superuser = True
    operator.save()
    client = signed_in(operator)
    for _verb, path in PATHS:
        assert client.get(f"/org/nowhere{path}").status_code in {301, 404}, path


VALUES = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1", "str": "x", "slug": "x", "path": "x"}


def addresses(patterns: Any, prefix: str = "") -> Iterator[str]:
    """Every address of a URL conf, with something in place of each argument."""
    for pattern in patterns:
        if isinstance(pattern.pattern, RegexPattern):
            continue  # only the catch-alls at the end
        route = re.sub(r"<(?:(\w+):)?\w+>", lambda match: VALUES.get(match[1] or "str", "x"), str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + route)
        else:
            yield prefix + route


def open_to_everybody(urlconf: str, prefix: str) -> set[str]:
    client = Client(raise_request_exception=False)
    paths = {prefix + address for address in addresses(get_resolver(urlconf).url_patterns)}
    assert len(paths) > 20
    return {path for path in paths if client.get(path).status_code not in {301, 302, 401, 403, 404, 405}}


def test_only_these_pages_of_the_platform_are_open_to_everybody(cast: Cast) -> None:
    found = open_to_everybody(settings.ROOT_URLCONF, "/")
    assert {path for path in found if not path.startswith("/accounts/")} == {"/", "/health", "/api/health", "/offline/"}
    assert {path for path in found if path.startswith("/accounts/")} == {
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/confirm-email/",
        "/accounts/inactive/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/done/",
        "/accounts/3rdparty/login/cancelled/",
    }


def test_no_page_of_an_organisation_is_open_to_everybody(cast: Cast) -> None:
    assert open_to_everybody(settings.ORG_URLCONF, "/org/acme/") == set()
