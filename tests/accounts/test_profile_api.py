"""`user/…`: one's own data, consents, export and leaving."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from accounts import portability
from accounts.models import Membership, User
from accounts.people import consents
from accounts.people.models import AuditEvent, Consent, TeamMembership
from accounts.signals import person_erased, personal_data_requested
from tests.accounts.conftest import Api
from tests.cast import PASSWORD, Cast
from tests.conftest import signed_in


def test_a_profile_says_who_one_is_here(ada: Api) -> None:
    response = ada.get("user/profile/")
    body = response.json()
    assert body["email"] == "ada@cast.test"
    assert body["role"] == "trainee"
    assert body["organization"] == {"slug": "acme", "name": "Acme", "language": "en"}
    assert [team["name"] for team in body["teams"]] == ["North"]
    assert ada.get("user/profile/", if_none_match=response["ETag"]).status_code == 304


def test_a_profile_is_changed(ada: Api) -> None:
    body = {"full_name": " Ada L. ", "language": "es", "timezone": "Europe/Madrid"}
    response = ada.patch("user/profile/", body)
    assert response.status_code == 200, response.content
    assert response.json()["full_name"] == "Ada L."
    assert ada.get("user/profile/").json()["timezone"] == "Europe/Madrid"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"language": "fr"}, "language"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"full_name": "x" * 151}, "full_name"),
        ({"full_name": 7}, "full_name"),
        ({"avatar_url": "javascript:alert(1)"}, "avatar_url"),
        ({"avatar_url": "http://pictures.example/a.png"}, "avatar_url"),
        ({"email": "new@cast.test"}, "email"),
        ({"role": "owner"}, "role"),
        ({"is_staff": True}, "is_staff"),
    ],
)
def test_what_cannot_be_changed_is_refused_by_name(ada: Api, body: dict[str, Any], field: str) -> None:
    response = ada.patch("user/profile/", body)
    assert response.status_code == 400
    assert response.json()["error"]["details"]["field"] == field


def test_nothing_is_half_saved(ada: Api) -> None:
    ada.patch("user/profile/", {"full_name": "Eve", "language": "fr"})
    assert ada.get("user/profile/").json()["full_name"] == "Ada"


def test_only_members_have_a_profile_here(anyone: Api, gil: Api) -> None:
    assert anyone.get("user/profile/").status_code == 401
    assert gil.get("user/profile/").status_code == 404
    assert gil.patch("user/profile/", {"full_name": "x"}).status_code == 404


def test_onboarding_is_completed_once_and_can_be_changed(ada: Api, cast: Cast) -> None:
    User.objects.filter(pk=cast.ada.pk).update(onboarding_completed=False)
    response = ada.post("user/onboarding/", {"experience": "new", "goal": "discovery", "language": "es"})
    assert response.status_code == 200, response.content
    assert response.json()["onboarding_completed"] is True
    assert response.json()["language"] == "es"
    again = ada.post("user/onboarding/", {"goal": "closing"})
    assert again.json()["onboarding_data"] == {"experience": "new", "goal": "closing"}


@pytest.mark.parametrize(
    ("body", "field"), [({"experience": "guru"}, "experience"), ({"goal": 3}, "goal"), ({"language": "xx"}, "language")]
)
def test_onboarding_refuses_what_it_did_not_ask(ada: Api, body: dict[str, Any], field: str) -> None:
    response = ada.post("user/onboarding/", body)
    assert response.status_code == 400
    assert response.json()["error"]["details"]["field"] == field


def test_a_misspelt_answer_does_not_end_the_first_visit(ada: Api, cast: Cast) -> None:
    User.objects.filter(pk=cast.ada.pk).update(onboarding_completed=False)
    response = ada.post("user/onboarding/", {"goals": "closing"})
    assert response.status_code == 400
    assert response.json()["error"]["details"]["field"] == "goals"
    assert User.objects.get(pk=cast.ada.pk).onboarding_completed is False


def test_the_newest_consent_counts(ada: Api) -> None:
    assert ada.get("user/consents/").json() == []
    yes = {"kind": "recording", "granted": True, "text": "May we record?"}
    assert ada.post("user/consents/", yes).status_code == 201
    assert ada.post("user/consents/", {**yes, "granted": False}).status_code == 201
    [answer] = ada.get("user/consents/").json()
    assert answer["granted"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "anything", "granted": True, "text": "x"},
        {"kind": "recording", "granted": "perhaps", "text": "x"},
        {"kind": "recording", "granted": True, "text": " "},
        {"kind": "recording", "granted": True},
        {"kind": "recording", "granted": True, "text": "x" * 4001},
        {},
    ],
)
def test_a_consent_needs_its_kind_its_answer_and_its_words(ada: Api, body: dict[str, Any]) -> None:
    assert ada.post("user/consents/", body).status_code == 400


def test_withdrawing_keeps_the_row_that_consented(in_acme: Cast) -> None:
    kind = Consent.Kind.RECORDING
    assert consents.withdraw(user=in_acme.ada, kind=kind) is None
    consents.record(user=in_acme.ada, kind=kind, granted=True, text="May we record?")
    assert consents.is_granted(user=in_acme.ada, kind=kind)
    consents.withdraw(user=in_acme.ada, kind=kind)
    assert not consents.is_granted(user=in_acme.ada, kind=kind)
    assert Consent.objects.filter(user=in_acme.ada).count() == 2


def test_the_question_is_the_organisations_own_if_it_has_one(cast: Cast) -> None:
    assert "365 days" in consents.recording_text(cast.acme)
    cast.acme.recording_consent_text = "We record. Fine?"
    assert consents.recording_text(cast.acme) == "We record. Fine?"


def test_an_export_holds_what_is_kept_here(cast: Cast) -> None:
    def receiver(sender: Any, user: User, **kwargs: Any) -> tuple[str, Any]:
        return "notes", [str(user.pk)]

    personal_data_requested.connect(receiver)
    try:
        with schema_context("org_acme"):
            body = portability.export_person(user=cast.ada, organization=cast.acme)
    finally:
        personal_data_requested.disconnect(receiver)
    assert body["sections"]["account"]["email"] == "ada@cast.test"
    assert body["sections"]["membership"]["role"] == "trainee"
    assert body["sections"]["notes"] == [str(cast.ada.pk)]
    assert "password" not in str(body)


def test_leaving_needs_the_address_typed(ada: Api) -> None:
    for body in ({}, {"confirm": "yes"}, {"confirm": "bo@cast.test"}):
        response = ada.post("user/delete/", body)
        assert response.status_code == 400
        assert response.json()["error"]["details"]["field"] == "confirm"


def test_leaving_the_only_organisation_closes_the_account(ada: Api, cast: Cast, settings: Any) -> None:
    settings.ERASURE_GRACE_DAYS = 0
    told: list[str] = []

    def receiver(sender: Any, user: User, **kwargs: Any) -> None:
        told.append(user.email)

    person_erased.connect(receiver)
    try:
        response = ada.post("user/delete/", {"confirm": "ADA@cast.test", "password": PASSWORD})
    finally:
        person_erased.disconnect(receiver)
    assert response.json() == {"status": "erased", "erase_at": None, "account_closes": True}
    assert told == ["ada@cast.test"]  # receivers can still find what is kept under the old name
    user = User.objects.get(pk=cast.ada.pk)
    assert not user.is_active
    assert user.full_name == ""
    assert user.email.endswith("@closed.invalid")
    assert ada.get("user/profile/").status_code == 401
    assert Api(Client()).post("auth/token/", {"email": "ada@cast.test", "password": PASSWORD}).status_code == 401
    with schema_context("org_acme"):
        assert not TeamMembership.objects.filter(user=user).exists()
        assert AuditEvent.objects.filter(action="person.erased").exists()


def test_leaving_one_of_two_organisations_keeps_the_other(cast: Cast, settings: Any) -> None:
    settings.ERASURE_GRACE_DAYS = 0
    val = signed_in(cast.val)
    response = Api(val).post("user/delete/", {"confirm": "val@cast.test", "password": PASSWORD})
    assert response.json() == {"status": "erased", "erase_at": None, "account_closes": False}
    assert Api(val).get("user/profile/").status_code == 404
    assert Api(val, slug="globex").get("user/profile/").json()["full_name"] == "Val"


def test_the_last_owner_cannot_leave(cast: Cast) -> None:
    response = Api(signed_in(cast.dee)).post("user/delete/", {"confirm": "dee@cast.test", "password": PASSWORD})
    assert response.status_code == 409
    assert Membership.objects.active().filter(user=cast.dee).exists()
