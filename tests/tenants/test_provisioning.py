"""Opening an organisation: complete, isolated, and resumable after a crash at any step."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django_tenants.utils import schema_context, schema_exists

from accounts.models import User
from accounts.people.models import Team
from tenants import provisioning
from tenants.errors import Conflict
from tenants.models import Organization
from tests.cast import Cast


def test_a_new_organisation_has_every_table_and_no_rows(cast: Cast) -> None:
    organization = provisioning.open_organization(slug="fresh", name="Fresh")
    assert organization.status == Organization.Status.ACTIVE
    with schema_context("org_fresh"):
        assert Team.objects.count() == 0
    with schema_context(cast.acme.schema_name):
        assert Team.objects.filter(name="North").exists()


def test_the_command_says_how_the_owner_gets_their_first_password(
    cast: Cast, client: Client, mailoutbox: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("open_organization", "fresh", "--name", "Fresh", "--owner", "boss@fresh.test")
    told = capsys.readouterr().out
    assert "boss@fresh.test owns it" in told
    where = told.split()[-1].removeprefix(settings.SITE_URL)
    client.post(where, {"email": "boss@fresh.test"})
    assert [mail.to for mail in mailoutbox] == [["boss@fresh.test"]]
    assert "/password/reset/key/" in mailoutbox[0].body


@pytest.mark.parametrize("address", ["", "boss at fresh"])
def test_a_mistyped_owner_opens_nothing(cast: Cast, address: str) -> None:
    with pytest.raises(CommandError):
        call_command("open_organization", "fresh", "--name", "Fresh", "--owner", address)
    assert not Organization.objects.filter(slug="fresh").exists()


def test_an_organisation_is_not_open_before_it_has_its_owner(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(email: str) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as cut:
        cut.setattr(User.objects, "create_user", die)
        with pytest.raises(RuntimeError):
            provisioning.open_organization(slug="fresh", name="Fresh", owner="boss@fresh.test")
    organization = provisioning.open_organization(slug="fresh", name="Fresh", owner="boss@fresh.test")
    assert [one.user.email for one in organization.memberships.all()] == ["boss@fresh.test"]


def test_the_same_address_twice_is_refused(cast: Cast) -> None:
    with pytest.raises(Conflict):
        provisioning.open_organization(slug="acme", name="Another Acme")


@pytest.mark.parametrize("slug", ["admin", "Acme", "a b", "-x", "x-", "ä", "x" * 41, "", "template"])
def test_addresses_that_cannot_be_are_refused(cast: Cast, slug: str) -> None:
    with pytest.raises((ValidationError, Conflict)):
        provisioning.open_organization(slug=slug, name="Nope")


@pytest.mark.parametrize("step", ["schema", "content"])
def test_an_interrupted_opening_is_taken_up_again(cast: Cast, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    real = dict(provisioning.STEPS)

    def die(organization: Organization) -> None:
        if step == "content":
            real["schema"](organization)
        raise RuntimeError("power cut")

    monkeypatch.setattr(provisioning, "STEPS", (("schema", die), ("content", real["content"])))
    with pytest.raises(RuntimeError):
        provisioning.open_organization(slug="cut", name="Cut")
    assert Organization.objects.get(slug="cut").status == Organization.Status.PROVISIONING

    monkeypatch.setattr(provisioning, "STEPS", tuple(real.items()))
    organization = provisioning.open_organization(slug="cut", name="Cut")
    assert organization.status == Organization.Status.ACTIVE
    assert schema_exists("org_cut")


def test_a_half_made_organisation_cannot_be_entered(cast: Cast, ada_client: Any) -> None:
    Organization.objects.create(slug="half", name="Half")
    assert ada_client.get("/org/half/api/v1/schema/").status_code == 404
    assert ada_client.get("/org/template/api/v1/schema/").status_code == 404
