"""Organisations by path and by custom domain, and what a stranger gets."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from tenants.context import org_path, org_url
from tenants.models import Domain
from tests.cast import Cast


def test_org_path_is_complete_from_anywhere(cast: Cast) -> None:
    assert org_path(cast.acme, "schema") == "/org/acme/api/v1/schema/"
    assert org_url(cast.globex, "schema") == "http://localhost:8000/org/globex/api/v1/schema/"


def test_member_reads_the_schema_by_path(cast: Cast, ada_client: Client) -> None:
    assert ada_client.get("/org/acme/api/v1/schema/").status_code == 200


def test_stranger_and_unknown_organisation_look_the_same(cast: Cast, gil_client: Client) -> None:
    strange = gil_client.get("/org/acme/api/v1/schema/")
    unknown = gil_client.get("/org/nowhere/api/v1/schema/")
    assert strange.status_code == unknown.status_code == 404
    assert strange.json()["error"]["message"] == unknown.json()["error"]["message"]


def test_verified_domain_serves_without_the_prefix(cast: Cast, ada_client: Client) -> None:
    domain = Domain.objects.create(domain="training.acme.example", tenant=cast.acme)
    assert ada_client.get("/api/v1/schema/", headers={"host": "training.acme.example"}).status_code == 404
    domain.verified_at = timezone.now()
    domain.save()
    assert ada_client.get("/api/v1/schema/", headers={"host": "training.acme.example"}).status_code == 200


def test_api_answers_anonymous_with_the_envelope(cast: Cast) -> None:
    response = Client().get("/org/acme/api/v1/schema/")
    assert response.status_code == 401
    error = response.json()["error"]
    assert set(error) == {"code", "message", "details", "request_id"}
    assert response["X-Request-ID"] == error["request_id"]
