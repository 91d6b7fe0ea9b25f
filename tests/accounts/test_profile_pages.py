"""Profile, first visit, leaving, in the browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from accounts.landing import landing_path
from accounts.models import User
from accounts.people import consents
from accounts.people.models import ApiToken, Consent
from tests.accounts.conftest import Api
from tests.cast import PASSWORD, Cast
from tests.conftest import signed_in

ROOT = "/org/acme/profile/"


def test_the_profile_page_saves_details(ada_client: Client, cast: Cast) -> None:
    assert ada_client.get(ROOT).status_code == 200
    saved = ada_client.post(ROOT, {"full_name": "Ada L.", "language": "es", "timezone": "Europe/Madrid"}, follow=True)
    assert saved.status_code == 200
    assert User.objects.get(pk=cast.ada.pk).timezone == "Europe/Madrid"
    assert saved["Content-Language"] == "es"
    assert [str(message) for message in saved.context["messages"]] == ["Tus detalles se han guardado."]


def test_a_bad_choice_is_shown_beside_its_field(ada_client: Client) -> None:
    response = ada_client.post(ROOT, {"full_name": "Ada", "language": "fr", "timezone": "Mars/Olympus"})
    assert response.status_code == 400
    assert 'id="id_language_error"' in response.content.decode()


def test_a_token_is_shown_once(ada_client: Client) -> None:
    page = ada_client.post(ROOT + "tokens/", {"name": "CI", "scope": "read"})
    secret = page.context["new_secret"]
    assert secret in page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")
    assert secret not in ada_client.get(ROOT).content.decode()
    client = Api(Client(), token=secret)
    assert client.get("user/profile/").status_code == 200
    with schema_context("org_acme"):
        token = ApiToken.objects.get(name="CI")
    ada_client.post(f"{ROOT}tokens/{token.pk}/revoke/")
    assert client.get("user/profile/").status_code == 401


def test_somebody_elses_token_is_not_there(ada_client: Client, bo_client: Client) -> None:
    ada_client.post(ROOT + "tokens/", {"name": "CI", "scope": "read"})
    with schema_context("org_acme"):
        token = ApiToken.objects.get(name="CI")
    assert bo_client.post(f"{ROOT}tokens/{token.pk}/revoke/").status_code == 404


def test_consent_is_given_and_taken_back(ada_client: Client, cast: Cast) -> None:
    ada_client.post(ROOT + "consent/", {"granted": "yes"})
    with schema_context("org_acme"):
        assert consents.is_granted(user=cast.ada, kind=Consent.Kind.RECORDING)
    ada_client.post(ROOT + "consent/", {"granted": "no"})
    ada_client.post(ROOT + "consent/", {"granted": "perhaps"})
    with schema_context("org_acme"):
        assert not consents.is_granted(user=cast.ada, kind=Consent.Kind.RECORDING)
        assert Consent.objects.filter(user=cast.ada).count() == 2


def test_leaving(ada_client: Client, cast: Cast, settings: Any) -> None:
    settings.ERASURE_GRACE_DAYS = 0
    assert "happens at once" in ada_client.get(ROOT + "leave/").content.decode()
    wrong = ada_client.post(ROOT + "leave/", {"confirm": "bo@cast.test", "password": PASSWORD})
    assert wrong.status_code == 400
    assert "Write your e-mail address" in wrong.content.decode()
    ada_client.post(ROOT + "leave/", {"confirm": "ada@cast.test", "password": PASSWORD})
    assert not User.objects.get(pk=cast.ada.pk).is_active
    assert ada_client.get(ROOT).status_code == 302


def test_leaving_takes_the_password_and_can_be_taken_back(ada_client: Client, cast: Cast) -> None:
    page = ada_client.get(ROOT + "leave/").content.decode()
    assert "after 14 days" in page
    assert "your account is closed" in page
    wrong = ada_client.post(ROOT + "leave/", {"confirm": "ada@cast.test", "password": "not this one"})
    assert wrong.status_code == 400
    page = ada_client.post(ROOT + "leave/", {"confirm": "ada@cast.test", "password": PASSWORD}, follow=True)
    assert "You leave Acme on" in page.content.decode()
    page = ada_client.post(ROOT + "leave/", {"stay": "1"}, follow=True)
    assert "You leave Acme on" not in page.content.decode()
    assert ada_client.post(ROOT + "leave/", {"stay": "1"}).status_code == 404


def test_the_first_visit_in_three_steps(ada_client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.ada.pk).update(onboarding_completed=False)
    assert landing_path(User.objects.get(pk=cast.ada.pk)) == "/org/acme/welcome/"
    assert "Step 1 of 3" in ada_client.get("/org/acme/welcome/").content.decode()
    one = ada_client.post("/org/acme/welcome/1/", {"full_name": "Ada", "language": "en", "timezone": "UTC"})
    assert one["Location"] == "/org/acme/welcome/2/"
    two = ada_client.post("/org/acme/welcome/2/", {"experience": "new", "goal": "discovery", "job_title": "AE"})
    assert two["Location"] == "/org/acme/welcome/3/"
    assert User.objects.get(pk=cast.ada.pk).onboarding_completed is False
    assert "365 days" in ada_client.get("/org/acme/welcome/3/").content.decode()
    assert ada_client.post("/org/acme/welcome/3/", {"granted": "yes"})["Location"] == "/org/acme/"
    user = User.objects.get(pk=cast.ada.pk)
    assert user.onboarding_completed
    assert user.onboarding_data == {"experience": "new", "goal": "discovery", "job_title": "AE"}
    assert landing_path(user) == "/org/acme/"
    with schema_context("org_acme"):
        assert consents.is_granted(user=user, kind=Consent.Kind.RECORDING)


def test_every_step_can_be_skipped_and_nobody_consents_by_that(ada_client: Client, cast: Cast) -> None:
    for step in (1, 2, 3):
        assert ada_client.post(f"/org/acme/welcome/{step}/", {"skip": "1"}).status_code == 302
    assert User.objects.get(pk=cast.ada.pk).onboarding_completed
    with schema_context("org_acme"):
        assert consents.current(user=cast.ada, kind=Consent.Kind.RECORDING) is None


def test_the_last_step_needs_an_answer_or_a_skip(ada_client: Client) -> None:
    assert ada_client.post("/org/acme/welcome/3/", {}).status_code == 400
    assert ada_client.get("/org/acme/welcome/4/").status_code == 404
    assert ada_client.get("/org/acme/welcome/0/").status_code == 404


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ada", "/org/acme/"),
        ("bo", "/org/acme/team/"),
        ("cy", "/org/acme/admin/"),
        ("dee", "/org/acme/admin/"),
        ("val", "/"),  # of two organisations: the chooser
    ],
)
def test_everybody_lands_where_their_role_works(cast: Cast, name: str, path: str) -> None:
    assert landing_path(getattr(cast, name)) == path


def test_the_chooser(cast: Cast) -> None:
    page = signed_in(cast.val).get("/").content.decode()
    assert 'href="/org/acme/"' in page
    assert 'href="/org/globex/"' in page
    nobody = User.objects.create_user("lonely@cast.test")
    assert "belong to no organisation" in signed_in(nobody).get("/").content.decode()
