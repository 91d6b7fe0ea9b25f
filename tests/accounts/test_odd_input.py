"""Whatever is sent, the answer is a 4xx with a field or an ordinary success, never a 500."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from accounts.people.models import Team
from tests.accounts.conftest import Api
from tests.accounts.test_people_api import membership_of
from tests.cast import Cast

HALF = "\ud83d"  # half of a character: the body as a whole is refused
ODD: list[Any] = [
    None,
    "",
    " ",
    "x" * 5000,
    "ñ🙂",
    0,
    -1,
    1.5,
    True,
    [],
    ["x"],
    {},
    {"a": 1},
    "null",
    HALF,
    "x\u202ey",
]
FIELDS = {
    "auth/token/": ("email", "password", "code", "name", "scopes"),
    "auth/tokens/": ("name", "scopes"),
    "user/onboarding/": ("experience", "goal", "job_title", "full_name", "language", "timezone", "avatar_url"),
    "user/consents/": ("kind", "granted", "text"),
    "user/delete/": ("confirm",),
    "invitations/": ("email", "role", "team_id"),
    "teams/": ("name",),
    "teams/{team}/members/": ("user_id", "is_manager"),
}
PATCHED = {
    "user/profile/": ("full_name", "language", "timezone", "avatar_url", "nonsense"),
    "members/{member}/": ("role", "is_active"),
    "teams/{team}/": ("name",),
}
GOOD = {
    "email": "odd@cast.test",
    "password": "x",
    "name": "x",
    "kind": "recording",
    "granted": True,
    "text": "x",
    "role": "trainee",
}


@pytest.fixture
def places(cast: Cast) -> dict[str, str]:
    with schema_context("org_acme"):
        team = str(Team.objects.get(name="North").pk)
    return {"team": team, "member": str(membership_of(cast.ada).pk)}


@pytest.mark.parametrize("verb", ["post", "patch"])
def test_odd_values_are_refused_politely(cy: Api, places: dict[str, str], verb: str) -> None:
    cy.client.raise_request_exception = False
    for path, fields in (FIELDS if verb == "post" else PATCHED).items():
        for field in fields:
            for value in ODD:
                body = {**{name: GOOD[name] for name in fields if name in GOOD}, field: value}
                response = getattr(cy, verb)(path.format(**places), body)
                assert response.status_code < 500, (path, field, value, response.content)
                if response.status_code == 400 and value != HALF:
                    assert response.json()["error"]["details"].get("field"), (path, field, value)


@pytest.mark.parametrize("path", ["members/", "teams/", "invitations/", "auth/tokens/"])
@pytest.mark.parametrize("query", ["cursor=x", "cursor=", "page_size=x", "page_size=-1", "page_size=99999", "%00=1"])
def test_odd_queries(cy: Api, path: str, query: str) -> None:
    cy.client.raise_request_exception = False
    assert cy.get(f"{path}?{query}").status_code in {200, 400}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("[]", "application/json", 400),
        ("{", "application/json", 400),
        ("", "application/json", 400),
        ("a=1", "application/x-www-form-urlencoded", 415),
        ('{"name": "x", "name": "y"}', "application/json", 400),
    ],
)
def test_odd_bodies(cy_client: Client, body: str, content_type: str, status: int) -> None:
    response = cy_client.post("/org/acme/api/v1/teams/", body, content_type=content_type)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"code", "message", "details", "request_id"}


def test_odd_pages(cy_client: Client, places: dict[str, str]) -> None:
    cy_client.raise_request_exception = False
    root = "/org/acme/people/"
    for path, field in (
        ("invite/", "email"),
        ("invite/", "role"),
        ("invite/", "team"),
        (f"{places['member']}/", "role"),
        ("teams/", "name"),
        (f"teams/{places['team']}/seats/", "user_id"),
        (f"invitations/{uuid.uuid4()}/", "do"),
    ):
        for value in ("", "x" * 5000, "\x00", "🙂", "null", "-1", str(uuid.uuid4())):
            body = {"email": "odd@cast.test", "role": "trainee", "name": "x", "do": "role", field: value}
            assert cy_client.post(root + path, body).status_code < 500, (path, field, value)
    for query in ("?page=x", "?page=-1", "?page=999", "?q=%00", "?q=" + "x" * 3000):
        assert cy_client.get(root + query).status_code < 500, query
