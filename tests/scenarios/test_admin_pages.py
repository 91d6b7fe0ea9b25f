"""Every authoring page opens for an author, in both languages, and for nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from scenarios import publishing
from scenarios.models import Rubric, Scenario
from tenants.models import Organization
from tests.scenarios.conftest import StayingClient
from tests.scenarios.factories import make_scenario

ADMIN = "/org/acme/admin"
KINDS = ("persona", "rubric", "scenario")


@pytest.fixture
def scenario(in_acme: Any) -> Scenario:
    scenario = make_scenario(title="Northwind & 5 < 6 call")
    publishing.publish_scenario(scenario=scenario)
    return scenario


def part(scenario: Scenario, kind: str) -> Any:
    return scenario if kind == "scenario" else getattr(scenario, kind)


def pages(scenario: Scenario) -> list[str]:
    found = [f"{ADMIN}/"]
    for kind in KINDS:
        base = f"{ADMIN}/scenarios/{kind}/"
        found += [base, f"{base}add/", f"{base}import/", f"{base}export/"]
        one = f"{base}{part(scenario, kind).pk}/"
        found += [f"{one}change/", f"{one}preview/", f"{one}history/", f"{one}delete/"]
    return found


def test_every_page_opens_for_an_author(scenario: Scenario, cy_client: Client) -> None:
    for page in pages(scenario):
        answer = cy_client.get(page)
        # What was published is archived, not deleted: its delete page is refused.
        assert answer.status_code == (403 if page.endswith("/delete/") else 200), page
        if "html" in answer["Content-Type"]:
            assert "Northwind & 5 < 6 call" not in answer.content.decode()


def test_every_page_opens_in_spanish(scenario: Scenario, cy_client: Client, in_acme: Any) -> None:
    type(in_acme.cy).objects.filter(pk=in_acme.cy.pk).update(language="es")
    for page in pages(scenario):
        assert cy_client.get(page).status_code in {200, 403}, page


def test_who_has_a_scenario_of_their_own_is_not_told_to_write_one(scenario: Scenario, cy_client: Client) -> None:
    advice = "Write a scenario of your own"
    assert advice not in cy_client.get(f"{ADMIN}/").content.decode()
    Scenario.objects.update(is_preset=True)
    assert advice in cy_client.get(f"{ADMIN}/").content.decode()


@pytest.mark.parametrize("who", ["ada_client", "bo_client"])
def test_nobody_else_gets_in(scenario: Scenario, who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    for page in pages(scenario):
        assert client.get(page, follow=True).status_code in {403, 404}, page


def test_a_stranger_finds_nothing(scenario: Scenario, gil_client: Client) -> None:
    for page in pages(scenario):
        assert gil_client.get(page).status_code == 404, page


def test_a_visitor_is_sent_to_sign_in(scenario: Scenario) -> None:
    answer = StayingClient().get(f"{ADMIN}/scenarios/scenario/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/org/acme/admin/")


@pytest.mark.parametrize("kind", KINDS)
def test_changes_are_made_by_post_only(scenario: Scenario, cy_client: Client, kind: str) -> None:
    for verb in ("publish", "archive", "restore", "duplicate"):
        assert cy_client.get(f"{ADMIN}/scenarios/{kind}/{part(scenario, kind).pk}/{verb}/").status_code == 405


@pytest.mark.parametrize("count", [1, 6])
@pytest.mark.parametrize("kind", KINDS)
def test_lists_take_the_same_queries_however_long(
    scenario: Scenario, cy_client: Client, kind: str, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        make_scenario(title=f"Another {number}")
    cy_client.get(f"{ADMIN}/scenarios/{kind}/")
    with django_assert_max_num_queries(14):
        assert cy_client.get(f"{ADMIN}/scenarios/{kind}/").status_code == 200


def test_an_empty_list_asks_for_no_more_than_one_may(in_acme: Any, cy_client: Client) -> None:
    """Drafts are listed here and made elsewhere, so nobody may add one on that list."""
    empty = cy_client.get(f"{ADMIN}/generation/generation/").content.decode()
    assert "Nothing is here yet" in empty
    assert "Add the first one." not in empty
    assert "Reset filters" not in empty
    tracks = f"{ADMIN}/training/track/"
    assert "Add the first one." in cy_client.get(tracks).content.decode()
    for narrowed in ("?q=zebra", "?status__exact=archived"):
        page = cy_client.get(tracks + narrowed).content.decode()
        assert "Nothing fits" in page
        assert "Reset filters" in page
        assert "Add the first one." not in page


def test_the_index_says_what_to_do_next(scenario: Scenario, cy_client: Client) -> None:
    make_scenario(title="Half done")
    text = cy_client.get(f"{ADMIN}/").content.decode()
    assert "What to do next" in text
    assert "Half done" in text
    assert f"{ADMIN}/generation/generation/new/?what=scenario" in text


def test_the_index_says_how_the_organisation_is_set_up(scenario: Scenario, cy_client: Client) -> None:
    Organization.objects.filter(slug="acme").update(
        pass_mark=65, recording_retention_days=1, recording_consent_text="Ours"
    )
    text = " ".join(re.sub(r"<[^>]+>", " ", cy_client.get(f"{ADMIN}/").content.decode()).split())
    assert "Who speaks none with a key: Parley itself" in text
    assert "Consent to recording your own text" in text
    assert "Recordings are kept 1 day " in text
    assert "Pass mark of new rubrics 65" in text
    with schema_context("org_acme"):
        assert Rubric.objects.create(name="New").pass_mark == 65


def test_the_preview_shows_both_sides(scenario: Scenario, cy_client: Client) -> None:
    text = cy_client.get(f"{ADMIN}/scenarios/scenario/{scenario.pk}/preview/").content.decode()
    trainee, buyer = text.split('id="buyer-title"')
    assert "You sell route planning" in trainee
    assert "biggest customer" not in trainee
    assert "biggest customer has threatened to leave" in buyer
    assert "You are Dana Cole" in buyer
    assert "Hello, Dana Cole speaking." in buyer
    assert f"/org/acme/practice/{scenario.pk}/" in text


@pytest.mark.parametrize("kind", ["persona", "rubric"])
def test_a_new_version_leads_back_to_the_scenarios_that_use_it(
    scenario: Scenario, cy_client: Client, kind: str
) -> None:
    item = part(scenario, kind)
    preview = f"{ADMIN}/scenarios/{kind}/{item.pk}/preview/"
    assert "Scenarios on an earlier version" not in cy_client.get(preview).content.decode()
    type(item).objects.filter(pk=item.pk).update(name="Another name")
    publishing.touch(item=item)
    (publishing.publish_persona if kind == "persona" else publishing.publish_rubric)(**{kind: item})
    page = cy_client.get(preview).content.decode()
    assert "Scenarios on an earlier version" in page
    assert f'<a href="{ADMIN}/scenarios/scenario/{scenario.pk}/preview/">' in page
    publishing.publish_scenario(scenario=scenario)
    assert "Scenarios on an earlier version" not in cy_client.get(preview).content.decode()


@pytest.mark.parametrize("mode", ["cold_call", "discovery", "objection_gauntlet", "nonsense"])
def test_a_persona_is_previewed_in_every_mode(scenario: Scenario, cy_client: Client, mode: str) -> None:
    path = f"{ADMIN}/scenarios/persona/{scenario.persona_id}/preview/?mode={mode}"
    assert cy_client.get(path).status_code == 200


@pytest.mark.parametrize("pk", ["00000000-0000-4000-8000-000000000000", "not-an-id"])
def test_what_is_not_there_is_not_found(scenario: Scenario, cy_client: Client, pk: str) -> None:
    assert cy_client.get(f"{ADMIN}/scenarios/persona/{pk}/preview/").status_code == 404


def test_the_operators_admin_has_its_own_way_home(cast: Any) -> None:
    operator = type(cast.cy).objects.create_superuser("op@cast.test", "a-long-test-password", full_name="Op")
    client = StayingClient()
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/admin/")
    assert answer.status_code == 200
    assert "Back to Parley" in answer.content.decode()
    assert "What to do next" not in answer.content.decode()
