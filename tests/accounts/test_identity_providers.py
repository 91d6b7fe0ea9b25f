"""Sign-in with Google and with any OpenID Connect provider: only when configured, and only by verified addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from accounts.models import User
from tests.cast import Cast
from tests.standins.oidc import IdentityProvider

START = "/accounts/oidc/sso/login/?process=login"


@pytest.fixture
def provider(settings: Any) -> Iterator[IdentityProvider]:
    person = {"sub": "42", "email": "ada@cast.test", "email_verified": True, "name": "Ada Lovelace"}
    with IdentityProvider(person) as server:
        app = {
            "provider_id": "sso",
            "name": "Company sign-in",
            "client_id": "parley",
            "secret": "s",
            "settings": {"server_url": server.url},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        yield server


def sign_in(provider: IdentityProvider) -> tuple[Client, Any]:
    client = Client()
    there = client.post(START)
    assert there.status_code == 302
    return client, client.get(provider.authorize(there["Location"]))


def test_the_button_is_there_when_a_provider_is(db: None, provider: IdentityProvider) -> None:
    page = Client().get("/accounts/login/").content.decode()
    assert "Continue with Company sign-in" in page
    assert 'action="/accounts/oidc/sso/login/?process=login"' in page


def test_somebody_known_is_recognised_by_a_verified_address(cast: Cast, provider: IdentityProvider) -> None:
    client, response = sign_in(provider)
    assert response["Location"] == "/org/acme/"
    assert client.get("/org/acme/profile/").status_code == 200
    assert SocialAccount.objects.get(user=cast.ada).uid == "42"


def test_an_unverified_address_opens_nobodys_account(cast: Cast, provider: IdentityProvider) -> None:
    provider.person["email_verified"] = False
    client, _response = sign_in(provider)
    assert client.get("/org/acme/profile/").status_code == 302
    assert not SocialAccount.objects.filter(user=cast.ada).exists()


def test_somebody_new_gets_an_account_with_their_name(cast: Cast, provider: IdentityProvider) -> None:
    provider.person.update(sub="43", email="grace@cast.test", name="", given_name=" Grace ", family_name="Hopper")
    client, _response = sign_in(provider)
    user = User.objects.get(email="grace@cast.test")
    assert user.full_name == "Grace Hopper"
    assert "belong to no organisation" in client.get("/").content.decode()


def test_a_forged_answer_is_refused(cast: Cast, provider: IdentityProvider) -> None:
    client = Client()
    there = client.post(START)
    back = provider.authorize(there["Location"])
    assert Client().get(back).status_code in {401, 200}  # another browser: no such state
    assert client.get(back.replace("code=", "code=x")).status_code in {401, 200}
    assert client.get("/org/acme/profile/").status_code == 302


def test_google_appears_with_its_key(db: None, settings: Any) -> None:
    assert Client().post("/accounts/google/login/").status_code == 404
    settings.SOCIALACCOUNT_PROVIDERS = {
        "google": {"APPS": [{"client_id": "id", "secret": "s", "key": ""}], "OAUTH_PKCE_ENABLED": True}
    }
    assert "Continue with Google" in Client().get("/accounts/login/").content.decode()
    there = Client().post("/accounts/google/login/")["Location"]
    assert there.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert "redirect_uri=http%3A%2F%2Ftestserver%2Faccounts%2Fgoogle%2Flogin%2Fcallback%2F" in there


def test_pages_run_no_inline_script_and_admins_a_little_more(cy_client: Client) -> None:
    def scripts(path: str) -> str:
        policy = cy_client.get(path)["Content-Security-Policy"]
        return next(part.strip() for part in policy.split(";") if part.strip().startswith("script-src"))

    for path in ("/org/acme/profile/", "/accounts/email/", "/org/acme/people/", "/org/acme/nothing/"):
        assert scripts(path) == "script-src 'self' 'wasm-unsafe-eval'"
    assert "'unsafe-eval'" in scripts("/org/acme/admin/")
