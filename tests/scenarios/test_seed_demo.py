"""`seed_demo`: the accounts that the README names, made once, never where a known password would be a danger."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client
from django_tenants.utils import tenant_context

from accounts.models import Membership, User
from accounts.people.models import Team
from tenants.models import Organization
from tests.cast import Cast

ACCOUNTS = [
    (f"{role}@{slug}.test", slug, role)
    for slug in ("acme", "globex")
    for role in ("owner", "admin", "manager", "trainee")
]


@pytest.fixture
def seeded(cast: Cast) -> Cast:
    call_command("seed_demo", verbosity=0)
    return cast


@pytest.mark.parametrize(("email", "slug", "role"), [*ACCOUNTS, ("both@parley.test", "acme", "trainee")])
def test_every_account_signs_in_in_its_role(seeded: Cast, email: str, slug: str, role: str) -> None:
    user = User.objects.get(email=email)
    assert EmailAddress.objects.filter(user=user, verified=True, primary=True).count() == 1
    assert Membership.objects.get(user=user, organization__slug=slug).role == role
    client = Client()
    assert client.post("/accounts/login/", {"login": email, "password": "parley-demo"}).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_repeating_it_adds_nothing_and_keeps_what_people_changed(seeded: Cast) -> None:
    User.objects.filter(email="trainee@acme.test").update(full_name="Changed")
    counts = (Organization.objects.count(), User.objects.count(), Membership.objects.count())
    call_command("seed_demo", verbosity=0)
    assert (Organization.objects.count(), User.objects.count(), Membership.objects.count()) == counts
    assert User.objects.get(email="trainee@acme.test").full_name == "Changed"


@pytest.mark.parametrize("slug", ["acme", "globex"])
def test_there_is_a_team_with_a_manager_and_trainees(seeded: Cast, slug: str) -> None:
    with tenant_context(getattr(seeded, slug)):
        team = Team.objects.exclude(name="North").get()
        seats = {seat.user.email: seat.is_manager for seat in team.memberships.select_related("user")}
    assert seats == {f"manager@{slug}.test": True, f"trainee@{slug}.test": False, "both@parley.test": False}


def test_production_has_no_demo_accounts(cast: Cast, settings: pytest.FixtureRequest) -> None:
    settings.DEBUG = settings.DEMO = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="known password"):
        call_command("seed_demo")
    assert not User.objects.filter(email="owner@acme.test").exists()
