"""Signing up, in and out, resetting, second factors and locks, through the pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.management import call_command
from django.test import Client
from django.utils import translation
from django_tenants.utils import schema_context
from fido2.cose import ES256
from fido2.webauthn import AttestedCredentialData

from accounts.models import User
from accounts.people import tokens
from tenants import encryption
from tests.accounts.conftest import Api
from tests.cast import PASSWORD, Cast
from tests.conftest import signed_in

LOGIN = "/accounts/login/"
ADA = {"login": "ada@cast.test", "password": PASSWORD}


def code_of(secret: str) -> str:
    """What the authenticator app shows now."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))


def confirm(client: Client) -> None:
    """Say the password again, as changes of security ask for."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def link_in(mail: Any) -> str:
    match = re.search(r"http://testserver(/\S+)", mail.body)
    assert match, mail.body
    return match[1]


def test_signing_in_leads_to_where_the_role_works(cast: Cast) -> None:
    assert Client().post(LOGIN, ADA)["Location"] == "/org/acme/"
    assert Client().post(LOGIN, {**ADA, "login": "cy@cast.test"})["Location"] == "/org/acme/admin/"
    assert Client().post(LOGIN, {**ADA, "login": "BO@cast.test"})["Location"] == "/org/acme/team/"


@pytest.mark.parametrize(("person", "path"), [("ada", "/"), ("cy", "/admin/"), ("val", "/"), ("gil", "/org/globex/")])
def test_who_signs_in_on_an_organisations_own_host_stays_there(cast: Cast, person: str, path: str) -> None:
    """Gil belongs to another organisation, which has no host of its own."""
    call_command("custom_domain", "acme", "training.acme.example")
    client = Client(headers={"host": "training.acme.example"})
    user = getattr(cast, person)
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, path)


def test_the_page_that_was_wanted_comes_first(cast: Cast) -> None:
    client = Client()
    wanted = client.get("/org/acme/profile/")["Location"]
    assert wanted == "/accounts/login/?next=/org/acme/profile/"
    assert client.post(LOGIN, {**ADA, "next": "/org/acme/profile/"})["Location"] == "/org/acme/profile/"


def test_nobody_is_sent_to_another_site(cast: Cast) -> None:
    assert Client().post(LOGIN, {**ADA, "next": "https://evil.example/"})["Location"] == "/org/acme/"


def test_the_sign_in_page(cast: Cast) -> None:
    page = Client().get(LOGIN).content.decode()
    assert 'for="id_login"' in page
    assert 'autocomplete="current-password"' in page
    assert "Sign in with a passkey" in page
    assert "Continue with" not in page  # no provider is configured


def test_a_wrong_password_says_so_above_the_form(cast: Cast) -> None:
    response = Client().post(LOGIN, {**ADA, "password": "wrong"})
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()


def test_signing_out_takes_a_post(ada_client: Client) -> None:
    assert ada_client.get("/accounts/logout/").status_code == 200
    assert ada_client.get("/org/acme/profile/").status_code == 200
    ada_client.post("/accounts/logout/")
    assert ada_client.get("/org/acme/profile/").status_code == 302


def test_signing_up_needs_the_mailbox(db: None, mailoutbox: list[Any]) -> None:
    client = Client()
    form = {"email": "new@cast.test", "password1": "a-long-new-password", "password2": "a-long-new-password"}
    assert client.post("/accounts/signup/", form)["Location"] == "/accounts/confirm-email/"
    assert client.get("/")  # not signed in yet
    assert Client().post(LOGIN, {"login": form["email"], "password": form["password1"]})["Location"] != "/"
    mail = mailoutbox[0]
    assert "example.com" not in mail.body + mail.subject
    assert "Parley" in mail.body
    path = link_in(mail)
    assert client.get(path).status_code == 200
    assert not EmailAddress.objects.get(email="new@cast.test").verified  # a scanner that opens links confirms nothing
    client.post(path)
    assert EmailAddress.objects.get(email="new@cast.test").verified
    assert "belong to no organisation" in signed_in(User.objects.get(email="new@cast.test")).get("/").content.decode()


def test_signing_up_does_not_tell_who_has_an_account(cast: Cast, mailoutbox: list[Any]) -> None:
    form = {"email": "ada@cast.test", "password1": "a-long-new-password", "password2": "a-long-new-password"}
    assert Client().post("/accounts/signup/", form)["Location"] == "/accounts/confirm-email/"
    assert mailoutbox[0].to == ["ada@cast.test"]
    assert User.objects.get(email="ada@cast.test").check_password(PASSWORD)


@pytest.mark.parametrize("password", ["short", "password12345", "12345678901"])
def test_a_weak_password_is_refused(db: None, password: str) -> None:
    form = {"email": "new@cast.test", "password1": password, "password2": password}
    response = Client().post("/accounts/signup/", form)
    assert response.status_code == 200
    assert "id_password1_error" in response.content.decode()


def test_resetting_a_password_ends_sessions_and_tokens(
    ada_client: Client, in_acme: Cast, mailoutbox: list[Any]
) -> None:
    _token, secret = tokens.issue(user=in_acme.ada)
    with schema_context("public"):
        client = Client()
        client.post("/accounts/password/reset/", {"email": "ada@cast.test"})
        page = client.get(link_in(mailoutbox[0]), follow=True)
        form = {"password1": "a-brand-new-password", "password2": "a-brand-new-password"}
        changed = client.post(page.request["PATH_INFO"], form, follow=True)
        assert f'href="{LOGIN}"' in changed.content.decode()
        assert Client().post(LOGIN, {**ADA, "password": "a-brand-new-password"}).status_code == 302
        assert ada_client.get("/org/acme/profile/").status_code == 302
        assert Api(Client(), token=secret).get("user/profile/").status_code == 401


def test_resetting_does_not_tell_who_has_an_account(cast: Cast, mailoutbox: list[Any]) -> None:
    known = Client().post("/accounts/password/reset/", {"email": "ada@cast.test"})
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@cast.test"})
    assert known["Location"] == unknown["Location"]
    assert known.status_code == unknown.status_code == 302


def test_changing_a_password_asks_for_the_old_one(ada_client: Client) -> None:
    form = {"oldpassword": "wrong", "password1": "a-brand-new-password", "password2": "a-brand-new-password"}
    assert "id_oldpassword_error" in ada_client.post("/accounts/password/change/", form).content.decode()
    assert ada_client.post("/accounts/password/change/", {**form, "oldpassword": PASSWORD}).status_code == 302
    assert ada_client.get("/org/acme/profile/").status_code == 200  # this session stays


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/confirm-email/",
        "/accounts/password/reset/key/bad-key/",
        "/accounts/confirm-email/bad-key/",
        "/accounts/inactive/",
    ],
)
def test_pages_before_sign_in_render(db: None, path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 200
    assert '<main id="main"' in response.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/3rdparty/",
        "/accounts/reauthenticate/",
    ],
)
def test_pages_after_sign_in_render(cast: Cast, path: str) -> None:
    client = Client()
    client.post(LOGIN, ADA)
    confirm(client)
    response = client.get(path)
    assert response.status_code == 200, response
    assert '<main id="main"' in response.content.decode()


def test_the_form_of_a_passkey_speaks_the_language_of_the_page(cast: Cast) -> None:
    User.objects.filter(pk=cast.ada.pk).update(language="es")
    client = Client()
    client.post(LOGIN, ADA)
    confirm(client)
    form = client.get("/accounts/2fa/webauthn/add/").context["form"]
    with translation.override("es"):
        assert str(form.fields["name"].label) == "Nombre"
    assert "passwordless" in form.fields


def test_an_authenticator_app_from_set_up_to_sign_in(cast: Cast, settings: Any) -> None:
    settings.MFA_TOTP_TOLERANCE = 1  # half a minute may end between the look at the app and the answer
    client = Client()
    client.post(LOGIN, ADA)
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    confirm(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert "data:image/svg+xml" in page.content.decode()
    field = re.search(r'<input[^>]*id="authenticator_secret"[^>]*>', page.content.decode())
    assert field
    assert secret in field[0]  # for those who type it: in plain ink, and it can be focused and copied
    assert "readonly" in field[0]
    assert "disabled" not in field[0]
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert done.status_code == 302
    stored = Authenticator.objects.get(user=cast.ada, type="totp").data["secret"]
    assert stored != secret
    assert encryption.decrypt(stored) == secret
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert RecoveryCodes(Authenticator.objects.get(user=cast.ada, type="recovery_codes")).get_unused_codes()[0] in codes

    second = Client()
    assert second.post(LOGIN, ADA)["Location"] == "/accounts/2fa/authenticate/"
    assert second.get("/org/acme/profile/").status_code == 302  # a password alone opens nothing
    page = second.get("/accounts/2fa/authenticate/")
    assert page.status_code == 200
    assert "or one of your recovery codes" in page.content.decode()
    assert "Use a passkey" not in page.content.decode()
    assert second.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    code = RecoveryCodes(Authenticator.objects.get(user=cast.ada, type="recovery_codes")).get_unused_codes()[0]
    assert second.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/org/acme/"
    assert second.get("/org/acme/profile/").status_code == 200


def test_who_has_a_passkey_may_take_it_for_the_second_step(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    key = AttestedCredentialData.create(
        bytes(16), b"a credential", ES256({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})
    )
    TOTP.activate(cast.ada, generate_totp_secret())
    monkeypatch.setattr(webauthn, "get_credentials", lambda user: [key])
    client = Client()
    client.post(LOGIN, ADA)
    assert "Use a passkey or security key" in client.get("/accounts/2fa/authenticate/").content.decode()


def test_the_admin_has_no_way_around_the_second_factor(cast: Cast) -> None:
    TOTP.activate(cast.cy, generate_totp_secret())
    for path in ("/org/acme/admin/login/", "/admin/login/"):
        response = Client().post(path, {"username": "cy@cast.test", "password": PASSWORD})
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=")


def test_a_trainee_is_refused_by_the_admin_without_a_loop(ada_client: Client) -> None:
    response = ada_client.get("/org/acme/admin/", follow=True)
    assert response.status_code == 403


def test_an_operator_area_is_closed_to_owners_of_organisations(cast: Cast) -> None:
    assert signed_in(cast.dee).get("/admin/", follow=True).status_code == 403


def test_many_wrong_passwords_lock(cast: Cast) -> None:
    client = Client()
    for _attempt in range(8):
        response = client.post(LOGIN, {**ADA, "password": "guess"})
    assert response.status_code == 429
    assert response["Retry-After"] == "900"
    assert "Too many failed attempts" in response.content.decode()
    assert Client().post(LOGIN, {**ADA, "login": "Ada@Cast.test "}).status_code == 429
    assert Client().post(LOGIN, {**ADA, "login": "bo@cast.test"}).status_code == 302
    assert Api(Client()).post("auth/token/", {"email": "ada@cast.test", "password": PASSWORD}).status_code == 429


def test_a_right_password_wipes_the_slate(cast: Cast) -> None:
    client = Client()
    for _round in range(2):
        for _attempt in range(6):
            client.post(LOGIN, {**ADA, "password": "guess"})
        assert client.post(LOGIN, ADA).status_code == 302
        client.logout()


def test_guesses_from_many_addresses_are_stopped_too(cast: Cast) -> None:
    for attempt in range(15):
        Client(REMOTE_ADDR=f"198.51.100.{attempt}").post(LOGIN, {**ADA, "password": "guess"})
    last = Client(REMOTE_ADDR="203.0.113.1").post(LOGIN, ADA)
    assert last.status_code == 200
    assert "Too many failed login attempts" in last.content.decode()


def test_a_deactivated_person_does_not_come_in(cast: Cast) -> None:
    User.objects.filter(pk=cast.ada.pk).update(is_active=False)
    client = Client()
    client.post(LOGIN, ADA)
    assert client.get("/org/acme/profile/").status_code == 302
