"""`members/`, `invitations/`, `teams/`: by role, with bad input, across organisations, in constant queries."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from accounts.models import Membership, User
from accounts.people.models import AuditEvent, Invitation, Team, TeamMembership
from accounts.roles import Role
from tests.accounts.conftest import Api
from tests.cast import Cast
from tests.conftest import signed_in


def membership_of(user: User) -> Membership:
    return Membership.objects.get(user=user, organization__slug="acme")


def more_people(organization: Any, count: int, team: Team | None = None) -> None:
    for number in range(count):
        user = User.objects.create_user(f"extra{number}-{uuid.uuid4().hex[:6]}@more.test", full_name=f"Extra {number}")
        Membership.objects.create(organization=organization, user=user, role=Role.TRAINEE)
        if team is not None:
            TeamMembership.objects.create(team=team, user=user)


def test_admins_see_everybody_managers_their_team_trainees_nobody(ada: Api, bo: Api, cy: Api, gil: Api) -> None:
    assert {member["full_name"] for member in cy.get("members/").json()["results"]} == {"Ada", "Bo", "Cy", "Dee", "Val"}
    assert {member["full_name"] for member in bo.get("members/").json()["results"]} == {"Ada", "Bo"}
    assert ada.get("members/").status_code == 403
    assert gil.get("members/").status_code == 404


def test_no_member_of_another_organisation_is_ever_listed(cy: Api, cast: Cast) -> None:
    globex = Membership.objects.get(user=cast.gil)
    assert cy.get(f"members/{globex.pk}/").status_code == 404
    assert cy.patch(f"members/{globex.pk}/", {"role": "owner"}).status_code == 404
    assert cy.delete(f"members/{globex.pk}/").status_code == 404


@pytest.mark.parametrize("extra", [1, 15])
def test_the_list_of_members_costs_the_same_for_few_and_many(cy: Api, in_acme: Cast, extra: int) -> None:
    more_people(in_acme.acme, extra, Team.objects.get(name="North"))
    with CaptureQueriesContext(connection) as queries:
        response = cy.get("members/")
    assert len(response.json()["results"]) == 5 + extra
    # organisation, session, user, membership (role), page of members, their teams; schema switches besides
    assert len([query for query in queries if query["sql"].startswith("SELECT")]) == 6


def test_a_role_is_changed_and_written_down(cy: Api, cast: Cast) -> None:
    response = cy.patch(f"members/{membership_of(cast.ada).pk}/", {"role": "trainer"})
    assert response.status_code == 200, response.content
    assert response.json()["role"] == "manager"
    with schema_context("org_acme"):
        event = AuditEvent.objects.get(action="membership.role_changed")
        assert event.data == {"user": str(cast.ada.pk), "old": "trainee", "new": "manager"}
        assert event.actor == cast.cy
        assert event.request_id == response["X-Request-ID"]


@pytest.mark.parametrize("body", [{"role": "king"}, {"role": ""}, {"is_active": "perhaps"}])
def test_a_role_that_does_not_exist_is_refused(cy: Api, cast: Cast, body: dict[str, Any]) -> None:
    assert cy.patch(f"members/{membership_of(cast.ada).pk}/", body).status_code == 400


def test_nobody_hands_out_more_than_they_hold(bo: Api, cy: Api, cast: Cast) -> None:
    assert bo.patch(f"members/{membership_of(cast.ada).pk}/", {"role": "manager"}).status_code == 403
    assert cy.patch(f"members/{membership_of(cast.ada).pk}/", {"role": "owner"}).status_code == 403
    assert cy.patch(f"members/{membership_of(cast.cy).pk}/", {"role": "owner"}).status_code == 403
    assert cy.patch(f"members/{membership_of(cast.dee).pk}/", {"role": "trainee"}).status_code == 403
    assert cy.delete(f"members/{membership_of(cast.dee).pk}/").status_code == 403


def test_the_last_owner_stays(cast: Cast) -> None:
    dee = Api(signed_in(cast.dee))
    path = f"members/{membership_of(cast.dee).pk}/"
    assert dee.patch(path, {"role": "admin"}).status_code == 409
    assert dee.delete(path).status_code == 409
    assert dee.patch(f"members/{membership_of(cast.cy).pk}/", {"role": "owner"}).status_code == 200
    assert dee.patch(path, {"role": "admin"}).status_code == 200


def test_a_removed_member_is_a_stranger_and_can_come_back(cy: Api, ada: Api, cast: Cast) -> None:
    path = f"members/{membership_of(cast.ada).pk}/"
    assert cy.delete(path).status_code == 204
    assert ada.get("user/profile/").status_code == 404
    assert cy.patch(path, {"is_active": True}).status_code == 200
    assert ada.get("user/profile/").status_code == 200


def test_teams_by_role(ada: Api, bo: Api, cy: Api, in_acme: Cast) -> None:
    Team.objects.create(name="South")
    assert {team["name"] for team in cy.get("teams/").json()["results"]} == {"North", "South"}
    [north] = bo.get("teams/").json()["results"]
    assert {(seat["full_name"], seat["is_manager"]) for seat in north["members"]} == {("Ada", False), ("Bo", True)}
    assert ada.get("teams/").status_code == 403
    assert bo.post("teams/", {"name": "East"}).status_code == 403
    assert bo.patch(f"teams/{north['id']}/", {"name": "Nord"}).status_code == 403


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_of_teams_costs_the_same_for_few_and_many(cy: Api, in_acme: Cast, count: int) -> None:
    for number in range(count):
        more_people(in_acme.acme, 2, Team.objects.create(name=f"Team {number}"))
    with CaptureQueriesContext(connection) as queries:
        assert len(cy.get("teams/").json()["results"]) == 1 + count
    # organisation, session, user, membership (role), teams, their members
    assert len([query for query in queries if query["sql"].startswith("SELECT")]) == 6


def test_the_life_of_a_team(cy: Api, cast: Cast) -> None:
    made = cy.post("teams/", {"name": " East "}, idempotency_key="one")
    assert made.status_code == 201
    assert cy.post("teams/", {"name": " East "}, idempotency_key="one").json() == made.json()
    team = made.json()["id"]
    assert cy.post("teams/", {"name": "east"}).status_code == 409
    assert cy.patch(f"teams/{team}/", {"name": "Orient"}).json()["name"] == "Orient"
    put = cy.post(f"teams/{team}/members/", {"user_id": str(cast.bo.pk), "is_manager": True})
    assert put.json()["members"] == [
        {"user_id": str(cast.bo.pk), "full_name": "Bo", "email": "bo@cast.test", "is_manager": True}
    ]
    assert cy.delete(f"teams/{team}/members/{cast.bo.pk}/").status_code == 204
    assert cy.delete(f"teams/{team}/members/{cast.bo.pk}/").status_code == 404
    assert cy.delete(f"teams/{team}/").status_code == 204
    assert cy.get(f"teams/{team}/").status_code == 404


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "  "}, {"name": "x" * 121}, {"name": ["a"]}])
def test_a_team_needs_a_name(cy: Api, body: dict[str, Any]) -> None:
    response = cy.post("teams/", body)
    assert response.status_code == 400
    assert response.json()["error"]["details"]["field"] == "name"


def test_only_members_sit_in_a_team_and_only_managers_manage(cy: Api, cast: Cast, in_acme: Cast) -> None:
    team = Team.objects.get(name="North").pk
    stranger = cy.post(f"teams/{team}/members/", {"user_id": str(cast.gil.pk)})
    nobody = cy.post(f"teams/{team}/members/", {"user_id": str(uuid.uuid4())})
    assert stranger.status_code == nobody.status_code == 400
    assert stranger.json()["error"]["details"] == nobody.json()["error"]["details"]
    trainee = cy.post(f"teams/{team}/members/", {"user_id": str(cast.val.pk), "is_manager": True})
    assert trainee.json()["error"]["details"]["field"] == "is_manager"


def test_a_team_of_another_organisation_is_not_there(cast: Cast) -> None:
    with schema_context("org_acme"):
        team = Team.objects.get(name="North").pk
    hana = Api(signed_in(cast.hana), slug="globex")
    for verb in ("get", "patch", "delete"):
        assert getattr(hana, verb)(f"teams/{team}/", {"name": "x"}).status_code == 404
    assert hana.post(f"teams/{team}/members/", {"user_id": str(cast.gil.pk)}).status_code == 404


def test_inviting_by_rest(
    cy: Api, bo: Api, cast: Cast, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    assert bo.post("invitations/", {"email": "new@cast.test", "role": "trainee"}).status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        made = cy.post("invitations/", {"email": "New@cast.test", "role": "client"}, idempotency_key="k")
        again = cy.post("invitations/", {"email": "New@cast.test", "role": "client"}, idempotency_key="k")
    assert made.status_code == again.status_code == 201
    assert made.json() == again.json()
    assert made.json()["role"] == "trainee"
    assert len(mailoutbox) == 1
    assert cy.post("invitations/", {"email": "new@cast.test", "role": "trainee"}).status_code == 409
    assert cy.post("invitations/", {"email": "ada@cast.test", "role": "trainee"}).status_code == 409
    [listed] = cy.get("invitations/").json()["results"]
    assert listed["email"] == "new@cast.test"
    assert "secret" not in str(listed)
    path = f"invitations/{listed['id']}/"
    with django_capture_on_commit_callbacks(execute=True):
        assert cy.post(path).status_code == 200
    assert len(mailoutbox) == 2
    assert cy.delete(path).status_code == 204
    assert cy.post(path).status_code == 409
    assert cy.get("invitations/").json()["results"] == []


def test_somebody_is_invited_among_the_members_too(cy: Api, bo: Api, ada: Api) -> None:
    body = {"email": "new@cast.test", "role": "manager"}
    assert ada.post("members/", body).status_code == 403
    assert bo.post("members/", body).status_code == 403
    assert cy.post("members/", body).status_code == 201
    assert [row["email"] for row in cy.get("invitations/").json()["results"]] == ["new@cast.test"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "x", "role": "trainee"}, "email"),
        ({"email": "x@cast.test"}, "role"),
        ({"email": "x@cast.test", "role": "king"}, "role"),
        ({"email": "x@cast.test", "role": "trainee", "team_id": str(uuid.uuid4())}, "team_id"),
        ({"email": "x@cast.test", "role": "trainee", "team_id": "north"}, "team_id"),
    ],
)
def test_a_bad_invitation_names_the_field(cy: Api, body: dict[str, Any], field: str) -> None:
    response = cy.post("invitations/", body)
    assert response.status_code == 400
    assert response.json()["error"]["details"]["field"] == field


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("invitations/", {"email": "x@cast.test", "role": "trainee"}),
        ("members/", {"email": "x@cast.test", "role": "trainee"}),
        ("teams/", {"name": "South"}),
        ("auth/tokens/", {"name": "CI"}),
        ("user/consents/", {"kind": "recording", "granted": True, "text": "May we record?"}),
    ],
)
def test_a_misspelt_field_is_refused_and_nothing_is_made(cy: Api, path: str, body: dict[str, Any]) -> None:
    before = cy.get(path).json()
    response = cy.post(path, {**body, "team": str(uuid.uuid4())})
    assert response.status_code == 400
    assert response.json()["error"]["details"]["field"] == "team"
    assert cy.get(path).json() == before


def test_an_admin_invites_no_owner(cy: Api) -> None:
    assert cy.post("invitations/", {"email": "x@cast.test", "role": "owner"}).status_code == 403


def test_anonymous_and_strangers_reach_nothing(anyone: Api, gil: Api, in_acme: Cast) -> None:
    team = Team.objects.get(name="North").pk
    invitation = Invitation.objects.create(
        email="z@cast.test", secret_hash="0" * 64, expires_at="2099-01-01T00:00:00Z"
    ).pk
    for path in (
        "members/",
        "teams/",
        "invitations/",
        f"teams/{team}/",
        f"invitations/{invitation}/",
        "user/consents/",
    ):
        assert anyone.get(path).status_code == 401, path
        assert gil.get(path).status_code == 404, path
    assert Client().get("/org/acme/api/v1/members/")["WWW-Authenticate"] == "Bearer"
