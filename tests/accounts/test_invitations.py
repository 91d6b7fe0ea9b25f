"""From the mail to the membership: new people, known people, the wrong person, old links."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.models import Membership, User
from accounts.people import invitations
from accounts.people.models import Invitation, Team, TeamMembership
from tests.cast import PASSWORD, Cast
from tests.conftest import signed_in

NEW = {"full_name": "Noor", "password": "a-long-new-password"}


@pytest.fixture
def invite(cast: Cast, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any) -> Any:
    """Invite an address to Acme; returns the path that the mail leads to."""

    def send(email: str, role: str = "trainee", team: str = "") -> str:
        with django_capture_on_commit_callbacks(execute=True), schema_context("org_acme"):
            invitations.invite(
                email=email, role=role, actor=cast.dee, team=Team.objects.get(name=team) if team else None
            )
        return link_in(mailoutbox[-1])

    return send


def link_in(mail: Any) -> str:
    match = re.search(r"http://localhost:8000(/org/acme/join/\S+/)", mail.body)
    assert match, mail.body
    return match[1]


def test_the_mail_says_who_where_and_how_long(invite: Any, mailoutbox: list[Any]) -> None:
    invite("new@cast.test")
    assert mailoutbox[0].subject == "Your invitation to Acme"
    assert "Dee invites you" in mailoutbox[0].body
    assert "for 14 days" in mailoutbox[0].body


def test_the_mail_speaks_the_language_of_the_organisation(
    cast: Cast, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), schema_context("org_globex"):
        invitations.invite(email="nuevo@cast.test", role="trainee", actor=cast.hana)
    assert mailoutbox[0].subject == "Tu invitación a Globex"


def test_the_welcome_goes_on_in_the_language_of_the_page(invite: Any) -> None:
    path = invite("new@cast.test")
    client = Client(headers={"Accept-Language": "es"})
    client.post(path, NEW)
    assert User.objects.get(email="new@cast.test").language == "es"
    assert "Sobre ti" in client.get("/org/acme/welcome/1/").content.decode()


def test_somebody_new_gets_an_account_and_is_signed_in(invite: Any) -> None:
    path = invite("new@cast.test", "manager", "North")
    client = Client()
    assert "Join Acme" in client.get(path).content.decode()
    response = client.post(path, NEW)
    assert response["Location"] == "/org/acme/welcome/"
    assert client.get("/org/acme/profile/").status_code == 200
    user = User.objects.get(email="new@cast.test")
    assert (user.full_name, user.language) == ("Noor", "")
    assert user.check_password(NEW["password"])
    assert Membership.objects.get(user=user).role == "manager"
    assert EmailAddress.objects.get(user=user).verified
    with schema_context("org_acme"):
        assert TeamMembership.objects.get(user=user).team.name == "North"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"full_name": "", "password": NEW["password"]}, "full_name"),
        ({"full_name": "Noor", "password": ""}, "password"),
        ({"full_name": "Noor", "password": "12345678"}, "password"),
        ({"full_name": "Noor", "password": "new@cast.test"}, "password"),
    ],
)
def test_a_new_account_needs_a_name_and_a_good_password(invite: Any, body: dict[str, str], field: str) -> None:
    response = Client().post(invite("new@cast.test"), body)
    assert response.status_code == 400
    assert f'id="id_{field}_error"' in response.content.decode()
    assert not User.objects.filter(email="new@cast.test").exists()


def test_somebody_known_signs_in_first(invite: Any) -> None:
    path = invite("gil@cast.test")
    client = Client()
    page = client.get(path).content.decode()
    assert f"/accounts/login/?next={path}" in page
    assert "id_password" not in page
    assert client.post(path, NEW).status_code == 200  # no second account, no new password
    assert not Membership.objects.filter(user__email="gil@cast.test", organization__slug="acme").exists()
    signed = client.post("/accounts/login/", {"login": "gil@cast.test", "password": PASSWORD, "next": path})
    assert signed["Location"] == path
    assert client.post(path).status_code == 302
    assert client.get("/org/acme/profile/").status_code == 200


def test_the_wrong_person_is_told_and_gets_nothing(invite: Any, gil_client: Client, cast: Cast) -> None:
    path = invite("new@cast.test")
    for response in (gil_client.get(path), gil_client.post(path, NEW)):
        assert response.status_code == 403
        assert "This invitation is for new@cast.test" in response.content.decode()
    assert not Membership.objects.filter(user=cast.gil, organization=cast.acme).exists()


def test_a_link_works_once(invite: Any) -> None:
    path = invite("new@cast.test")
    Client().post(path, NEW)
    response = Client().get(path)
    assert response.status_code == 410
    assert "was used already" in response.content.decode()
    assert Client().post(path, {**NEW, "password": "another-long-password"}).status_code == 410
    assert User.objects.get(email="new@cast.test").check_password(NEW["password"])


def test_an_expired_link(invite: Any) -> None:
    path = invite("new@cast.test")
    with schema_context("org_acme"):
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = Client().get(path)
    assert response.status_code == 410
    assert "has expired" in response.content.decode()


def test_an_expired_invitation_does_not_stand_in_the_way(invite: Any, cast: Cast) -> None:
    old = invite("new@cast.test")
    with schema_context("org_acme"):
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    new = invite("new@cast.test")
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200


def test_sending_again_ends_the_old_link(
    invite: Any, cast: Cast, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    old = invite("new@cast.test")
    with django_capture_on_commit_callbacks(execute=True), schema_context("org_acme"):
        invitations.resend(invitation=Invitation.objects.get(), actor=cast.dee)
    assert Client().get(old).status_code == 404
    assert Client().get(link_in(mailoutbox[-1])).status_code == 200


def test_unknown_and_withdrawn_links_look_like_any_wrong_address(invite: Any, cast: Cast) -> None:
    path = invite("new@cast.test")
    with schema_context("org_acme"):
        invitations.revoke(invitation=Invitation.objects.get(), actor=cast.dee)
    for address in (path, "/org/acme/join/guess/", "/org/nowhere/join/guess/"):
        response = Client().get(address)
        assert response.status_code == 404
        assert "Acme" not in response.content.decode()


def test_the_link_of_one_organisation_opens_nothing_in_another(invite: Any) -> None:
    path = invite("new@cast.test")
    assert Client().get(path.replace("/org/acme/", "/org/globex/")).status_code == 404


def test_a_former_member_comes_back_in_the_invited_role(invite: Any, cast: Cast) -> None:
    Membership.objects.filter(user=cast.ada).update(is_active=False)
    path = invite("ada@cast.test", "manager")
    assert signed_in(cast.ada).post(path).status_code == 302
    membership = Membership.objects.get(user=cast.ada)
    assert (membership.role, membership.is_active) == ("manager", True)


def test_the_secret_is_in_the_mail_only(invite: Any) -> None:
    secret = invite("new@cast.test").split("/")[-2]
    with schema_context("org_acme"):
        assert secret not in str(Invitation.objects.values().get())
