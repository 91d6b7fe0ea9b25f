"""Scenarios that people make for themselves: who may, what they are practised as, and how one comes into the library."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from accounts.models import User
from accounts.portability import export_person
from accounts.signals import person_erased
from calls import private_practice
from calls.models import Call
from coaching.own_scenarios import services
from coaching.own_scenarios.models import OwnScenario
from scenarios import catalogue
from scenarios.models import Scenario, ScenarioVersion
from scenarios.publishing import publish_scenario
from tenants.errors import InvalidInput
from tenants.models import Organization
from tests.cast import Cast
from tests.factories import make_own_scenario

ADMIN = "/org/acme/admin/scenarios"
CONFIGURE = "/org/acme/configure/"
BUSINESS = {"company": "Acme Routes", "sells": "route planning software", "audience": "logistics firms"}
TYPED = {
    **BUSINESS,
    "role": "Head of Operations",
    "industry": "Logistics",
    "personality": "skeptical",
    "difficulty": "medium",
    "mode": "discovery",
    "language": "en",
    "competitors": "Routely\nMapMate",
    "objections": "That is too expensive.",
}


@pytest.fixture
def open_to_all(in_acme: Cast) -> Cast:
    Organization.objects.filter(slug="acme").update(own_scenarios_allowed=True)
    in_acme.acme.refresh_from_db()
    return in_acme


def acme() -> Any:
    """A request leaves the thread outside of the organisation."""
    return schema_context("org_acme")


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def test_where_it_is_not_allowed_there_is_no_form(in_acme: Cast, ada_client: Client, cy_client: Client) -> None:
    assert ada_client.get(CONFIGURE)["Location"] == "/org/acme/practice/"
    there = text_of(ada_client, "/org/acme/practice/")
    assert "Scenarios of my own" not in there
    assert "has no scenarios of one&#x27;s own" in there
    assert "Not switched on" in text_of(cy_client, CONFIGURE)
    with acme(), pytest.raises(services.OwnScenariosNotAllowed):
        services.make(owner=in_acme.ada, business=BUSINESS, branding={})


def test_from_the_form_to_a_private_call(open_to_all: Cast, ada_client: Client) -> None:
    assert CONFIGURE in text_of(ada_client, "/org/acme/practice/")
    made = ada_client.post(CONFIGURE, TYPED)
    with acme():
        own = OwnScenario.objects.get(owner=open_to_all.ada)
        title = str(own)
    path = f"{CONFIGURE}{own.pk}/"
    assert made["Location"] == path
    page = text_of(ada_client, path)
    assert "Nobody reviewed this scenario" in page
    assert "Head of Operations" in page
    started = ada_client.post(path, {"do": "practise", "channel": "text"})
    with acme():
        call = Call.objects.get(trainee=open_to_all.ada)
        assert started["Location"] == f"/org/acme/calls/{call.pk}/"
        assert (call.private, call.channel, call.scenario_version_id) == (True, "text", own.version_id)
        assert own.wish["business"]["competitors"] == ["Routely", "MapMate"]
    assert title in unescape(text_of(ada_client, CONFIGURE))


def test_it_is_in_no_list_of_the_library(open_to_all: Cast) -> None:
    own = services.make(owner=open_to_all.ada, business=BUSINESS, branding={}, language="en")
    assert own.version.status == "archived"
    assert Scenario.objects.get(pk=own.scenario_id).status == "draft"
    assert own.scenario_id not in {practice.id for practice in catalogue.published()}


def test_a_call_on_it_never_counts(open_to_all: Cast) -> None:
    own = make_own_scenario(owner=open_to_all.ada)
    call = services.practise(own=own, channel="text")
    Call.objects.filter(pk=call.pk).update(status="completed")
    call.refresh_from_db()
    assert not private_practice.may_submit(call)
    with pytest.raises(private_practice.UnreviewedNotSubmitted):
        private_practice.submit(call=call, actor=open_to_all.ada)


def test_what_is_missing_is_said_beside_the_field_and_the_rest_is_kept(open_to_all: Cast, ada_client: Client) -> None:
    page = ada_client.post(CONFIGURE, {**TYPED, "sells": "  "}).content.decode()
    assert 'aria-invalid="true"' in page
    assert 'value="Acme Routes"' in page
    page = ada_client.post(CONFIGURE, {**TYPED, "sells": "<b>routes</b>"}).content.decode()
    assert "Take the HTML out" in page
    with acme():
        assert not OwnScenario.objects.exists()
        with pytest.raises(InvalidInput):
            services.make(owner=open_to_all.ada, business={"company": "Acme"}, branding={})


def test_nobody_else_opens_it(open_to_all: Cast, bo_client: Client, cy_client: Client, gil_client: Client) -> None:
    own = make_own_scenario(owner=open_to_all.ada)
    for client in (bo_client, cy_client, gil_client):
        text_of(client, f"{CONFIGURE}{own.pk}/", status=404)
        assert client.post(f"{CONFIGURE}{own.pk}/", {"do": "remove"}).status_code == 404


def test_where_private_practice_is_not_allowed_it_waits_for_an_author(open_to_all: Cast, ada_client: Client) -> None:
    Organization.objects.filter(slug="acme").update(private_practice_allowed=False)
    own = make_own_scenario(owner=open_to_all.ada)
    path = f"{CONFIGURE}{own.pk}/"
    assert "can be practised once an admin" in text_of(ada_client, path)
    assert ada_client.post(path, {"do": "practise"})["Location"] == path
    with acme():
        assert not Call.objects.exists()


def test_an_author_takes_it_into_the_library(open_to_all: Cast, cy_client: Client, bo_client: Client) -> None:
    own = services.make(owner=open_to_all.ada, business=BUSINESS, branding={}, language="en")
    path = f"{CONFIGURE}{own.pk}/adopt/"
    assert bo_client.post(path).status_code == 403
    assert str(own) in unescape(text_of(cy_client, CONFIGURE))
    answer = cy_client.post(path)
    assert answer["Location"] == f"/org/acme/admin/scenarios/scenario/{own.scenario_id}/change/"
    assert cy_client.post(path).status_code == 409
    with acme():
        own.refresh_from_db()
        assert own.adopted_by == open_to_all.cy
        published = publish_scenario(scenario=own.scenario, author=open_to_all.cy)
        assert published.number == 2
        assert own.scenario_id in {practice.id for practice in catalogue.published()}


def test_removed_it_leaves_the_list_and_its_calls_stay(open_to_all: Cast, ada_client: Client) -> None:
    own = make_own_scenario(owner=open_to_all.ada)
    services.practise(own=own, channel="text")
    assert ada_client.post(f"{CONFIGURE}{own.pk}/", {"do": "remove"})["Location"] == CONFIGURE
    text_of(ada_client, f"{CONFIGURE}{own.pk}/", status=404)
    with acme():
        assert Call.objects.count() == 1
        assert Scenario.objects.get(pk=own.scenario_id).status == "archived"


def test_there_is_an_end_to_it(open_to_all: Cast) -> None:
    for _number in range(services.MOST):
        make_own_scenario(owner=open_to_all.ada)
    with pytest.raises(services.TooManyOwnScenarios):
        services.make(owner=open_to_all.ada, business=BUSINESS, branding={})


def test_it_is_in_the_export_and_goes_with_the_person(open_to_all: Cast) -> None:
    own = make_own_scenario(owner=open_to_all.ada, wish={"business": BUSINESS})
    section = export_person(user=open_to_all.ada, organization=open_to_all.acme)["sections"]["own_scenarios"]
    assert section[0]["typed"] == {"business": BUSINESS}
    assert "brief" not in section[0]["scenario"]
    person_erased.send(sender=User, user=open_to_all.ada, organization=open_to_all.acme)
    assert not OwnScenario.objects.exists()
    assert ScenarioVersion.objects.filter(pk=own.version_id).exists()
    assert Scenario.objects.get(pk=own.scenario_id).status == "archived"


def test_authors_lists_show_it_apart_until_it_is_adopted(
    open_to_all: Cast, ada_client: Client, cy_client: Client
) -> None:
    ada_client.post(CONFIGURE, TYPED)
    with acme():
        own = OwnScenario.objects.select_related("scenario__persona").get()
        scenario, persona = own.scenario, own.scenario.persona
    lists = {f"{ADMIN}/scenario/": scenario.title, f"{ADMIN}/persona/": persona.name}
    for path, name in lists.items():
        assert name not in rows_of(cy_client, path)
        assert name in rows_of(cy_client, f"{path}?whose=own")
        assert name in rows_of(cy_client, f"{path}?whose=all")
    home = cy_client.get("/org/acme/admin/").content.decode()
    assert scenario.title not in home
    listed = cy_client.get("/org/acme/api/v1/scenarios/", {"made_for_oneself": "true"}).json()["results"]
    assert [row["id"] for row in listed] == [str(scenario.pk)]
    with acme():
        services.adopt(own_id=own.pk, by=open_to_all.cy)
    for path, name in lists.items():
        assert name in rows_of(cy_client, path)
        assert name not in rows_of(cy_client, f"{path}?whose=own")


def rows_of(client: Client, path: str) -> str:
    """The rows of a list in the admin."""
    return " ".join(str(row) for row in client.get(path).context["cl"].result_list)
