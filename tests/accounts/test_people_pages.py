"""People and teams in the browser: what admins do, and that nobody else can."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from accounts.models import Membership, User
from accounts.people.models import Invitation, Team, TeamMembership
from tenants.context import org_path
from tests.accounts.test_people_api import membership_of, more_people
from tests.cast import Cast
from tests.conftest import signed_in

ROOT = "/org/acme/people/"


@pytest.mark.parametrize("path", [ROOT, ROOT + "teams/"])
def test_only_who_manages_people_gets_in(
    path: str, ada_client: Client, bo_client: Client, cy_client: Client, gil_client: Client
) -> None:
    assert cy_client.get(path).status_code == 200
    assert ada_client.get(path).status_code == 403
    assert bo_client.get(path).status_code == 403
    assert gil_client.get(path).status_code == 404
    assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"


def test_the_page_shows_members_and_never_other_organisations(cy_client: Client) -> None:
    page = cy_client.get(ROOT).content.decode()
    assert "ada@cast.test" in page
    assert "gil@cast.test" not in page


def test_searching(cy_client: Client) -> None:
    assert "bo@cast.test" not in cy_client.get(ROOT, {"q": "ADA"}).content.decode()
    assert "Nobody matches" in cy_client.get(ROOT, {"q": "zzz"}).content.decode()


@pytest.mark.parametrize("extra", [1, 30])
def test_the_page_costs_the_same_for_few_and_many(cy_client: Client, in_acme: Cast, extra: int) -> None:
    more_people(in_acme.acme, extra, Team.objects.get(name="North"))
    cy_client.get(ROOT)  # compiles the templates, fills caches
    with CaptureQueriesContext(connection) as queries:
        assert cy_client.get(ROOT).status_code == 200
    # organisation, session, user, role; count, members, their teams, invitations, teams to choose, one for the example
    asked = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert len(asked) == 10, asked


def test_inviting_by_the_form(
    cy_client: Client, cast: Cast, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with schema_context("org_acme"):
        north = Team.objects.get(name="North")
    with django_capture_on_commit_callbacks(execute=True):
        body = {"email": "new@cast.test", "role": "trainee", "team": str(north.pk)}
        assert cy_client.post(ROOT + "invite/", body).status_code == 302
    with schema_context("org_acme"):
        assert Invitation.objects.get(email="new@cast.test").team == north
    assert mailoutbox[0].to == ["new@cast.test"]
    again = cy_client.post(ROOT + "invite/", body)
    assert again.status_code == 400
    assert "has an open invitation" in again.content.decode()


def test_the_form_offers_no_role_that_one_may_not_give(cy_client: Client, cast: Cast) -> None:
    assert 'value="owner"' not in cy_client.get(ROOT).content.decode()
    assert 'value="owner"' in signed_in(cast.dee).get(ROOT).content.decode()
    assert cy_client.post(ROOT + "invite/", {"email": "x@cast.test", "role": "owner"}).status_code == 400


def test_errors_are_tied_to_their_field(cy_client: Client) -> None:
    page = cy_client.post(ROOT + "invite/", {"email": "nope", "role": "trainee"}).content.decode()
    assert 'aria-describedby="id_email_error"' in page
    assert 'id="id_email_error"' in page


def test_an_address_longer_than_mail_has_them_is_refused_beside_its_field(cy_client: Client) -> None:
    answer = cy_client.post(ROOT + "invite/", {"email": f"{'x' * 300}@cast.test", "role": "trainee"})
    assert answer.status_code == 400
    assert "id_email_error" in answer.content.decode()


def test_resend_and_withdraw(
    cy_client: Client, cast: Cast, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        cy_client.post(ROOT + "invite/", {"email": "new@cast.test", "role": "trainee"})
    with schema_context("org_acme"):
        path = f"{ROOT}invitations/{Invitation.objects.get().pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        cy_client.post(path, {"do": "resend"})
    assert len(mailoutbox) == 2
    cy_client.post(path, {"do": "revoke"})
    with schema_context("org_acme"):
        assert Invitation.objects.get().revoked_at is not None


def test_roles_and_access(cy_client: Client, ada_client: Client, cast: Cast) -> None:
    path = f"{ROOT}{membership_of(cast.ada).pk}/"
    cy_client.post(path, {"do": "role", "role": "manager"})
    assert membership_of(cast.ada).role == "manager"
    cy_client.post(path, {"do": "deactivate"})
    assert ada_client.get("/org/acme/profile/").status_code == 404
    cy_client.post(path, {"do": "reactivate"})
    assert ada_client.get("/org/acme/profile/").status_code == 200
    refused = cy_client.post(f"{ROOT}{membership_of(cast.dee).pk}/", {"do": "deactivate"}, follow=True)
    assert "Only an owner" in refused.content.decode()
    assert membership_of(cast.dee).is_active


def test_a_member_of_another_organisation_cannot_be_touched(cy_client: Client, cast: Cast) -> None:
    globex = Membership.objects.get(user=cast.gil)
    assert cy_client.post(f"{ROOT}{globex.pk}/", {"do": "deactivate"}).status_code == 404
    globex.refresh_from_db()
    assert globex.is_active


def test_the_life_of_a_team_in_the_browser(cy_client: Client, cast: Cast) -> None:
    made = cy_client.post(ROOT + "teams/", {"name": "East"})
    with schema_context("org_acme"):
        team = Team.objects.get(name="East")
    path = made["Location"]
    assert path == f"{ROOT}teams/{team.pk}/"
    assert cy_client.post(ROOT + "teams/", {"name": "EAST"}).status_code == 400
    assert f"({cast.bo.email})</option>" in cy_client.get(path).content.decode()
    cy_client.post(path + "seats/", {"do": "put", "user_id": str(cast.bo.pk), "is_manager": "on"})
    with schema_context("org_acme"):
        assert TeamMembership.objects.get(team=team).is_manager
    refused = cy_client.post(path + "seats/", {"do": "put", "user_id": str(cast.ada.pk), "is_manager": "on"})
    assert "A trainee cannot manage a team" in refused.content.decode()
    stranger = cy_client.post(path + "seats/", {"do": "put", "user_id": str(cast.gil.pk)})
    assert stranger.status_code == 400
    cy_client.post(path + "seats/", {"do": "remove", "user_id": str(cast.bo.pk)})
    assert cy_client.post(path + "seats/", {"do": "remove", "user_id": "nonsense"}).status_code == 404
    with schema_context("org_acme"):
        assert not TeamMembership.objects.filter(team=team).exists()
    cy_client.post(path, {"name": "Orient"})
    assert "Orient" in cy_client.get(path).content.decode()
    cy_client.post(path + "delete/")
    assert cy_client.get(path).status_code == 404


def test_changes_need_a_post(cy_client: Client, cast: Cast) -> None:
    for path in (f"{ROOT}invite/", f"{ROOT}{membership_of(cast.ada).pk}/"):
        assert cy_client.get(path).status_code == 405


def test_names_of_people_are_escaped(cy_client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.ada.pk).update(full_name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in cy_client.get(ROOT).content.decode()


def test_the_names_that_menus_use_exist(cast: Cast) -> None:
    assert org_path(cast.acme, "accounts:people") == ROOT
    assert org_path(cast.acme, "accounts:profile") == "/org/acme/profile/"
