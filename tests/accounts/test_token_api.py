"""Bearer tokens: from a password, scoped, revocable, of one organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.models import Membership, User
from accounts.people import members, tokens
from accounts.people.models import ApiToken, AuditEvent, hash_secret
from tests.accounts.conftest import Api
from tests.cast import PASSWORD, Cast

ADA = {"email": "ada@cast.test", "password": PASSWORD}


def test_a_password_buys_a_token_that_works(anyone: Api) -> None:
    response = anyone.post("auth/token/", ADA)
    assert response.status_code == 200, response.content
    body = response.json()
    assert body["token"].startswith("parley_")
    profile = Api(Client(), token=body["token"]).get("user/profile/")
    assert profile.json()["email"] == "ada@cast.test"


def test_a_token_is_answered_in_its_owners_language_and_time_zone(anyone: Api, cast: Cast) -> None:
    token = anyone.post("auth/token/", ADA).json()["token"]
    User.objects.filter(pk=cast.ada.pk).update(language="es", timezone="Pacific/Auckland")
    answer = Api(Client(), token=token).patch("user/profile/", {"timezone": "Mars/Phobos"})
    assert answer.json()["error"]["details"]["issue"] == "Zona horaria desconocida. Escríbela como Europe/Madrid."
    assert answer["Content-Language"] == "es"
    assert Api(Client(), token="parley_unknown").get("user/profile/")["Content-Language"] == "en"


def test_the_secret_is_stored_as_a_hash_only(anyone: Api, cast: Cast) -> None:
    secret = anyone.post("auth/token/", ADA).json()["token"]
    with schema_context("org_acme"):
        token = ApiToken.objects.get(secret_hash=hash_secret(secret))
        assert secret not in str(vars(token))
        assert AuditEvent.objects.filter(action="token.issued", target=f"apitoken:{token.pk}").exists()


@pytest.mark.parametrize(
    "body",
    [
        {"email": "ada@cast.test", "password": "wrong"},
        {"email": "nobody@cast.test", "password": PASSWORD},
        {"email": "gil@cast.test", "password": PASSWORD},  # right, but of another organisation
    ],
)
def test_wrong_password_unknown_person_and_stranger_look_the_same(anyone: Api, body: dict[str, str]) -> None:
    response = anyone.post("auth/token/", body)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "AUTHENTICATION_ERROR"
    assert response.json()["error"]["message"] == "The e-mail address and the password do not match."


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "no address", "password": "x"}, "email"),
        ({"email": "ada@cast.test"}, "password"),
        ({**ADA, "scopes": ["everything"]}, "scopes[0]"),
        ({**ADA, "scopes": "read"}, "scopes"),
    ],
)
def test_bad_input_names_the_field(anyone: Api, body: dict[str, Any], field: str) -> None:
    response = anyone.post("auth/token/", body)
    assert response.status_code == 400
    assert response.json()["error"]["details"]["field"] == field


def test_an_unverified_address_does_not_sign_in(anyone: Api) -> None:
    EmailAddress.objects.filter(email="ada@cast.test").update(verified=False)
    assert anyone.post("auth/token/", ADA).status_code == 401


def test_a_deactivated_person_does_not_sign_in(anyone: Api, cast: Cast) -> None:
    secret = anyone.post("auth/token/", ADA).json()["token"]
    cast.ada.is_active = False
    cast.ada.save()
    assert anyone.post("auth/token/", ADA).status_code == 401
    assert Api(Client(), token=secret).get("user/profile/").status_code == 401


def test_a_stale_bearer_does_not_keep_one_from_a_new_token(cast: Cast) -> None:
    assert Api(Client(), token="parley_old").post("auth/token/", ADA).status_code == 200


def test_a_token_of_acme_opens_nothing_at_globex(anyone: Api, cast: Cast) -> None:
    secret = anyone.post("auth/token/", {"email": "val@cast.test", "password": PASSWORD}).json()["token"]
    assert Api(Client(), token=secret).get("user/profile/").status_code == 200
    assert Api(Client(), token=secret, slug="globex").get("user/profile/").status_code == 401


def test_a_read_token_does_not_write(anyone: Api) -> None:
    secret = anyone.post("auth/token/", {**ADA, "scopes": ["read"]}).json()["token"]
    reader = Api(Client(), token=secret)
    assert reader.get("user/profile/").status_code == 200
    assert reader.patch("user/profile/", {"full_name": "Eve"}).status_code == 403


def test_an_expired_and_a_revoked_token_end(anyone: Api, in_acme: Cast) -> None:
    token, secret = tokens.issue(user=in_acme.ada)
    client = Api(Client(), token=secret)
    assert client.get("user/profile/").status_code == 200
    with schema_context("org_acme"):
        ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("user/profile/").status_code == 401


def test_giving_a_token_back_ends_it(anyone: Api) -> None:
    client = Api(Client(), token=anyone.post("auth/token/", ADA).json()["token"])
    assert client.delete("auth/token/").status_code == 204
    assert client.get("user/profile/").status_code == 401


def test_giving_back_without_a_token(anyone: Api, ada: Api) -> None:
    assert anyone.delete("auth/token/").status_code == 401
    assert ada.delete("auth/token/").status_code == 409


def test_own_tokens_are_listed_made_and_revoked(ada: Api, bo: Api) -> None:
    made = ada.post("auth/tokens/", {"name": "CI", "scopes": ["read"]})
    assert made.status_code == 201
    [listed] = ada.get("auth/tokens/").json()["results"]
    assert listed["name"] == "CI"
    assert "token" not in listed
    assert bo.get("auth/tokens/").json()["results"] == []
    assert bo.delete(f"auth/tokens/{listed['id']}/").status_code == 404
    assert ada.delete(f"auth/tokens/{listed['id']}/").status_code == 204
    assert ada.get("auth/tokens/").json()["results"] == []


def test_a_token_does_not_widen_itself(anyone: Api) -> None:
    secret = anyone.post("auth/token/", {**ADA, "scopes": ["read"]}).json()["token"]
    assert Api(Client(), token=secret).post("auth/tokens/", {"name": "more", "scopes": ["*"]}).status_code == 403


def test_somebody_who_leaves_takes_no_token_along(anyone: Api, in_acme: Cast) -> None:
    _token, secret = tokens.issue(user=in_acme.ada)
    membership = Membership.objects.get(user=in_acme.ada, organization=in_acme.acme)
    members.deactivate(membership=membership, actor=in_acme.cy)
    assert Api(Client(), token=secret).get("user/profile/").status_code == 401


def test_the_second_factor_is_asked_for(anyone: Api, cast: Cast) -> None:
    secret = generate_totp_secret()
    TOTP.activate(cast.ada, secret)
    response = anyone.post("auth/token/", ADA)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "MFA_REQUIRED"
    assert anyone.post("auth/token/", {**ADA, "code": "000000"}).json()["error"]["details"]["field"] == "code"
    code = RecoveryCodes.activate(cast.ada).get_unused_codes()[0]
    assert anyone.post("auth/token/", {**ADA, "code": code}).status_code == 200
    assert anyone.post("auth/token/", {**ADA, "code": code}).status_code == 401


def test_guessing_is_locked(anyone: Api) -> None:
    for _attempt in range(8):
        last = anyone.post("auth/token/", {**ADA, "password": "guess"})
    assert last.status_code == 429
    assert int(last["Retry-After"]) == 900
    locked = anyone.post("auth/token/", ADA)
    assert locked.status_code == 429
    assert locked.json()["error"]["code"] == "RATE_LIMITED"


def test_a_lock_on_one_account_does_not_lock_another(anyone: Api) -> None:
    for _attempt in range(8):
        anyone.post("auth/token/", {**ADA, "password": "guess"})
    assert anyone.post("auth/token/", {"email": "bo@cast.test", "password": PASSWORD}).status_code == 200


def test_the_locked_address_is_not_taken_from_a_header(anyone: Api) -> None:
    for attempt in range(8):
        anyone.post("auth/token/", {**ADA, "password": "guess"}, x_forwarded_for=f"203.0.113.{attempt}")
    assert anyone.post("auth/token/", ADA, x_forwarded_for="203.0.113.99").status_code == 429
