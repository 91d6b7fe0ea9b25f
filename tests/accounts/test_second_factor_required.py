"""An organisation may ask everybody for a second step; who has none sets it up before anything else."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django_tenants.utils import schema_context

from accounts.people import tokens
from tenants.models import Organization
from tests.accounts.conftest import Api
from tests.cast import PASSWORD, Cast
from tests.conftest import signed_in


@pytest.fixture
def strict(cast: Cast) -> Cast:
    Organization.objects.filter(pk=cast.acme.pk).update(second_factor_required=True)
    return cast


@pytest.mark.parametrize("path", ["", "practice/", "profile/", "people/", "admin/", "profile/export/"])
def test_every_page_leads_to_the_set_up(strict: Cast, cy_client: Client, path: str) -> None:
    answer = cy_client.get(f"/org/acme/{path}")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")


def test_the_set_up_says_why(strict: Cast, ada_client: Client) -> None:
    page = ada_client.get("/org/acme/", follow=True).content.decode()
    assert "asks for two steps to sign in" in page


def test_the_api_says_so_by_a_code(strict: Cast, ada: Api) -> None:
    answer = ada.get("user/profile/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "MFA_SETUP_REQUIRED")


def test_with_a_second_step_everything_is_open(strict: Cast, ada_client: Client) -> None:
    Authenticator.objects.create(user=strict.ada, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert ada_client.get("/org/acme/").status_code == 200
    assert Api(ada_client).get("user/profile/").status_code == 200


def test_other_organisations_are_not_concerned(strict: Cast) -> None:
    assert signed_in(strict.val).get("/org/globex/").status_code == 200


def test_tokens_go_on_working_and_new_ones_are_not_given_for_a_password(strict: Cast, anyone: Api) -> None:
    with schema_context("org_acme"):
        _token, secret = tokens.issue(user=strict.ada)
    assert Api(Client(), token=secret).get("user/profile/").status_code == 200
    answer = anyone.post("auth/token/", {"email": "ada@cast.test", "password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "MFA_SETUP_REQUIRED")


def test_a_made_up_token_opens_no_page(strict: Cast, ada_client: Client) -> None:
    headers = {"authorization": "Bearer made-up"}
    assert ada_client.get("/org/acme/practice/", headers=headers).status_code == 302
    assert ada_client.get("/org/acme/api/v1/user/profile/", headers=headers).status_code == 401


def test_strangers_learn_nothing_of_it(strict: Cast, gil_client: Client) -> None:
    assert gil_client.get("/org/acme/").status_code == 404
