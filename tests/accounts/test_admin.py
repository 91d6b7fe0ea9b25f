"""People in the organisation's admin: its own rows, by its roles, through the services."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from accounts.models import Membership, User
from accounts.people import consents, invitations, tokens
from accounts.people.models import ApiToken, AuditEvent, Invitation, Team, TeamMembership
from tests.accounts.test_people_api import membership_of, more_people
from tests.cast import Cast
from tests.conftest import signed_in

ROOT = "/org/acme/admin/"
LISTS = [
    "people/team/",
    "accounts/membership/",
    "people/invitation/",
    "people/apitoken/",
    "people/consent/",
    "people/auditevent/",
]


@pytest.fixture
def rows(in_acme: Cast) -> Cast:
    """One of everything."""
    invitations.invite(email="new@cast.test", role="trainee", actor=in_acme.dee)
    tokens.issue(user=in_acme.ada, name="CI")
    consents.record(user=in_acme.ada, kind="recording", granted=True, text="May we?")
    return in_acme


@pytest.mark.parametrize("path", LISTS)
def test_lists_open_for_admins_and_for_nobody_else(
    rows: Cast, path: str, cy_client: Client, ada_client: Client, bo_client: Client, gil_client: Client
) -> None:
    assert cy_client.get(ROOT + path).status_code == 200
    assert cy_client.get(ROOT + path, {"q": "a"}).status_code == 200
    assert ada_client.get(ROOT + path, follow=True).status_code == 403
    assert bo_client.get(ROOT + path, follow=True).status_code == 403
    assert gil_client.get(ROOT + path).status_code == 404


@pytest.mark.parametrize("path", LISTS)
def test_every_row_opens(rows: Cast, path: str, cy_client: Client) -> None:
    app, model, _end = path.split("/")
    from django.apps import apps

    rows_of = apps.get_model(app, model)._default_manager
    first = rows_of.filter(organization=rows.acme).first() if model == "membership" else rows_of.first()
    assert cy_client.get(f"{ROOT}{path}{first.pk}/change/").status_code == 200


@pytest.mark.parametrize("path", ["people/apitoken/", "people/consent/", "people/auditevent/", "accounts/membership/"])
def test_what_is_written_elsewhere_is_not_added_here(rows: Cast, path: str, cy_client: Client) -> None:
    assert cy_client.get(f"{ROOT}{path}add/").status_code == 403


def test_no_secret_is_shown(rows: Cast, cy_client: Client) -> None:
    token = ApiToken.objects.get(name="CI")
    assert token.secret_hash not in cy_client.get(f"{ROOT}people/apitoken/{token.pk}/change/").content.decode()


def test_data_of_programs_is_shown_a_fact_a_line(rows: Cast, cy_client: Client) -> None:
    with schema_context("org_acme"):
        event = AuditEvent.objects.filter(action="token.issued").get()
        token = ApiToken.objects.get(name="CI")
    for path in ("people/auditevent/", f"people/auditevent/{event.pk}/change/"):
        assert (
            '<code class="authoring-word">scopes: [&quot;*&quot;]</code>' in cy_client.get(ROOT + path).content.decode()
        )
    for path in ("people/apitoken/", f"people/apitoken/{token.pk}/change/"):
        assert '<code class="authoring-word">*</code>' in cy_client.get(ROOT + path).content.decode()


def test_members_of_other_organisations_are_not_there(cast: Cast, cy_client: Client) -> None:
    globex = Membership.objects.get(user=cast.gil)
    assert "gil@cast.test" not in cy_client.get(ROOT + "accounts/membership/").content.decode()
    response = cy_client.post(f"{ROOT}accounts/membership/{globex.pk}/change/", {"role": "owner", "is_active": "on"})
    assert response.status_code == 302
    globex.refresh_from_db()
    assert globex.role == "trainee"


def test_pickers_of_people_offer_members_only(cast: Cast, cy_client: Client) -> None:
    page = cy_client.get(ROOT + "people/team/add/").content.decode()
    assert str(cast.ada.pk) in page
    assert str(cast.gil.pk) not in page


def test_a_role_changes_through_the_service(cast: Cast, cy_client: Client) -> None:
    path = f"{ROOT}accounts/membership/{membership_of(cast.ada).pk}/change/"
    page = cy_client.get(path).content.decode()
    assert 'value="owner"' not in page
    cy_client.post(path, {"role": "manager", "is_active": "on"})
    assert membership_of(cast.ada).role == "manager"
    with schema_context("org_acme"):
        assert AuditEvent.objects.get(action="membership.role_changed").actor == cast.cy
    assert cy_client.post(path, {"role": "owner", "is_active": "on"}).status_code == 200  # not among the choices
    assert membership_of(cast.ada).role == "manager"


def test_the_last_owner_is_refused_with_a_sentence(cast: Cast) -> None:
    dee = signed_in(cast.dee)
    path = f"{ROOT}accounts/membership/{membership_of(cast.dee).pk}/change/"
    response = dee.post(path, {"role": "owner"}, follow=True)
    assert "The last owner cannot leave" in response.content.decode()
    assert membership_of(cast.dee).is_active


def test_an_admin_looks_at_an_owner_without_changing_them(cast: Cast, cy_client: Client) -> None:
    path = f"{ROOT}accounts/membership/{membership_of(cast.dee).pk}/change/"
    assert cy_client.get(path).status_code == 200
    assert cy_client.post(path, {"role": "trainee"}).status_code == 403


def seats(**extra: str) -> dict[str, str]:
    form = {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0", "memberships-MIN_NUM_FORMS": "0"}
    return {**form, "memberships-MAX_NUM_FORMS": "1000", **extra}


def test_a_team_is_made_with_its_people(cast: Cast, cy_client: Client) -> None:
    body = {"name": "East", **seats(**{"memberships-0-user": str(cast.bo.pk), "memberships-0-is_manager": "on"})}
    assert cy_client.post(ROOT + "people/team/add/", body).status_code == 302
    with schema_context("org_acme"):
        seat = TeamMembership.objects.get(team__name="East")
        assert (seat.user, seat.is_manager) == (cast.bo, True)
        assert LogEntry.objects.filter(object_repr="East").exists()
    assert (
        cy_client.post(ROOT + "people/team/add/", {"name": "east", **seats()}).status_code == 200
    )  # the name is taken


def test_what_a_service_refuses_is_not_half_saved(cast: Cast, cy_client: Client) -> None:
    body = {"name": "West", **seats(**{"memberships-0-user": str(cast.ada.pk), "memberships-0-is_manager": "on"})}
    response = cy_client.post(ROOT + "people/team/add/", body, follow=True)
    assert "A trainee cannot manage a team" in response.content.decode()
    with schema_context("org_acme"):
        assert not Team.objects.filter(name="West").exists()


def test_an_invitation_goes_out_and_is_withdrawn(
    cast: Cast, cy_client: Client, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = cy_client.post(
            ROOT + "people/invitation/add/", {"email": "new@cast.test", "role": "trainee", "team": ""}
        )
    assert made.status_code == 302
    assert mailoutbox[0].to == ["new@cast.test"]
    with schema_context("org_acme"):
        pk = str(Invitation.objects.get().pk)
    cy_client.post(ROOT + "people/invitation/", {"action": "revoke", "_selected_action": [pk]})
    with schema_context("org_acme"):
        assert Invitation.objects.get().revoked_at is not None


def test_the_trail_cannot_be_changed(rows: Cast, cy_client: Client) -> None:
    event = AuditEvent.objects.first()
    assert event is not None
    path = f"{ROOT}people/auditevent/{event.pk}/"
    assert cy_client.post(path + "change/", {"action": "x"}).status_code == 403
    assert cy_client.post(path + "delete/", {"post": "yes"}).status_code == 403
    with schema_context("org_acme"):
        event.action = "x"
        with pytest.raises(TypeError):
            event.save()
        with pytest.raises(TypeError):
            event.delete()


@pytest.mark.parametrize("extra", [1, 20])
def test_the_list_of_members_costs_the_same_for_few_and_many(in_acme: Cast, cy_client: Client, extra: int) -> None:
    more_people(in_acme.acme, extra)
    cy_client.get(ROOT + "accounts/membership/")
    with CaptureQueriesContext(connection) as queries:
        assert cy_client.get(ROOT + "accounts/membership/").status_code == 200
    asked = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert len(asked) == 8, asked  # organisation, session, user, role; count, count of all, page, other organisations


def test_operators_rights_end_at_the_door(cast: Cast) -> None:
    operator = User.objects.create_superuser("op@cast.test", "x")
    assert operator.has_perm("scenarios.delete_persona")
    with schema_context("org_acme"):
        assert not operator.has_perm("scenarios.delete_persona")
        assert not operator.has_module_perms("scenarios")
    client = signed_in(operator)
    assert client.get(ROOT).status_code == 404
    assert client.get("/admin/accounts/user/").status_code == 200
    # a member and an operator at once is only a member inside
    Membership.objects.create(organization=cast.acme, user=operator, role="trainee")
    assert signed_in(operator).get(ROOT + "people/team/", follow=True).status_code == 403


def test_a_permission_given_on_the_platform_counts_for_nothing_inside(cast: Cast) -> None:
    cast.ada.user_permissions.add(Permission.objects.get(codename="delete_persona"))
    ada = User.objects.get(pk=cast.ada.pk)
    assert ada.has_perm("scenarios.delete_persona")
    with schema_context("org_acme"):
        assert not User.objects.get(pk=cast.ada.pk).has_perm("scenarios.delete_persona")


def test_an_organisation_decides_about_itself_only(cast: Cast, cy_client: Client) -> None:
    page = ROOT + "tenants/organization/"
    assert "Globex" not in cy_client.get(page).content.decode()
    body = {
        "name": "Acme Sales",
        "language": "en",
        "timezone": "Europe/Madrid",
        "pass_mark": "75",
        "recording_consent_text": "We record. Fine?",
        "recording_retention_days": "30",
    }
    assert cy_client.post(f"{page}{cast.acme.pk}/change/", body).status_code == 302
    cast.acme.refresh_from_db()
    assert (cast.acme.name, cast.acme.pass_mark) == ("Acme Sales", 75)
    assert consents.recording_text(cast.acme) == "We record. Fine?"
    with schema_context("org_acme"):
        assert AuditEvent.objects.get(action="organization.changed").data["fields"]
    cy_client.post(f"{page}{cast.globex.pk}/change/", body)
    cast.globex.refresh_from_db()
    assert cast.globex.name == "Globex"


@pytest.mark.parametrize(
    ("field", "value"),
    [("pass_mark", "101"), ("timezone", "Mars/Olympus"), ("recording_retention_days", "-1")],
)
def test_settings_that_make_no_sense_are_refused(cast: Cast, cy_client: Client, field: str, value: str) -> None:
    body = {"name": "Acme", "language": "en", "timezone": "UTC", "pass_mark": "70", "recording_retention_days": "1"}
    path = f"{ROOT}tenants/organization/{cast.acme.pk}/change/"
    response = cy_client.post(path, {**body, field: value})
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    before = getattr(cast.acme, field)
    cast.acme.refresh_from_db()
    assert getattr(cast.acme, field) == before


def test_operators_suspend_and_resume(cast: Cast) -> None:
    client = signed_in(User.objects.create_superuser("op@cast.test", "x"))
    page = "/admin/tenants/organization/"
    assert "org_template" not in client.get(page).content.decode()
    assert client.get(f"{page}{cast.acme.pk}/change/").status_code == 200
    ada = signed_in(cast.ada)
    client.post(page, {"action": "suspend", "_selected_action": [str(cast.acme.pk)]})
    assert ada.get("/org/acme/profile/").status_code == 404
    client.post(page, {"action": "resume", "_selected_action": [str(cast.acme.pk)]})
    assert ada.get("/org/acme/profile/").status_code == 200
