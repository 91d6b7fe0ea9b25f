"""Pages under their Spanish names answer in Spanish, with their parts; and Spanish pages link to them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from tenants.models import Domain, Organization
from tests.cast import Cast
from tests.conftest import signed_in
from tests.factories import make_call, make_scored_call

ORG = "/org/acme"


@pytest.fixture
def open_to_all(in_acme: Cast) -> Cast:
    Organization.objects.filter(slug="acme").update(own_scenarios_allowed=True)
    return in_acme


@pytest.mark.parametrize("slash", ["", "/"])
def test_they_answer_in_spanish_whoever_asks(open_to_all: Cast, ada_client: Client, slash: str) -> None:
    waiting = make_call(trainee=open_to_all.ada, status="pending")
    ended = make_scored_call(trainee=open_to_all.ada, turns=True)
    for path in (f"configuracion{slash}", f"simulacion/{waiting.pk}{slash}", f"resultado/{ended.pk}{slash}"):
        answer = ada_client.get(f"{ORG}/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["Content-Language"] == "es"
        assert '<html lang="es"' in answer.content.decode()
    assert ada_client.get(f"{ORG}/practice/").headers["Content-Language"] == "en"


def test_a_part_of_such_a_page_is_in_its_language(open_to_all: Cast, ada_client: Client) -> None:
    ended = make_scored_call(trainee=open_to_all.ada, turns=True)
    body = f"{ORG}/calls/{ended.pk}/debrief/body/"
    page = f"http://testserver{ORG}/resultado/{ended.pk}"
    part = ada_client.get(body, headers={"hx-request": "true", "hx-current-url": page})
    assert part.headers["Content-Language"] == "es"
    assert ada_client.get(body, headers={"hx-current-url": page}).headers["Content-Language"] == "en"


def test_they_hold_on_a_domain_of_ones_own(open_to_all: Cast, settings: object) -> None:
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]
    Domain.objects.create(tenant=open_to_all.acme, domain="training.acme.test", verified_at=timezone.now())
    client = signed_in(open_to_all.ada)
    answer = client.get("/configuracion", headers={"host": "training.acme.test"})
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == "es"


def test_what_is_not_there_is_said_in_spanish_and_strangers_find_nothing(
    open_to_all: Cast, ada_client: Client, gil_client: Client
) -> None:
    call = make_call(trainee=open_to_all.val, status="pending")
    answer = ada_client.get(f"{ORG}/simulacion/{call.pk}")
    assert answer.status_code == 404
    assert answer.headers["Content-Language"] == "es"
    for path in ("configuracion", f"simulacion/{call.pk}", f"resultado/{call.pk}"):
        assert gil_client.get(f"{ORG}/{path}").status_code == 404


def test_spanish_pages_link_to_them(open_to_all: Cast, ada_client: Client) -> None:
    ended = make_scored_call(trainee=open_to_all.ada)
    assert f"{ORG}/calls/{ended.pk}/debrief/" in ada_client.get(f"{ORG}/history/").content.decode()
    open_to_all.ada.language = "es"
    open_to_all.ada.save()
    history = ada_client.get(f"{ORG}/history/").content.decode()
    assert f'href="{ORG}/resultado/{ended.pk}"' in history
    assert f'href="{ORG}/configuracion"' in ada_client.get(f"{ORG}/practice/").content.decode()


def test_a_word_inside_another_address_is_no_language(open_to_all: Cast, ada_client: Client) -> None:
    with schema_context("org_acme"):
        make_call(trainee=open_to_all.ada)
    answer = ada_client.get(f"{ORG}/history/?scenario=/resultado/")
    assert answer.headers["Content-Language"] == "en"
