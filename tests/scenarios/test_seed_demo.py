"""`seed_demo`: the accounts that the README names, made once, never where a known password would be a danger."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client
from django_tenants.utils import tenant_context

from accounts.models import Membership, User
from accounts.people.models import Team
from coaching.learning.models import Enrolment
from scenarios.knowledge import library, retrieval
from scenarios.knowledge.models import KnowledgeDocument
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


@pytest.mark.parametrize(("slug", "title"), [("acme", "First calls"), ("globex", "Primeras llamadas")])
def test_the_team_has_something_to_learn(seeded: Cast, slug: str, title: str) -> None:
    call_command("seed_demo", verbosity=0)
    trainee = User.objects.get(email=f"trainee@{slug}.test")
    with tenant_context(getattr(seeded, slug)):
        rounds = list(Enrolment.objects.live().with_content().filter(user=trainee).order_by("opened_at"))
        assert rounds[0].title == title
        assert {item.kind for item in rounds[0].items} == {"reading", "check", "scenario"}
        assert len(rounds) == 2


@pytest.mark.parametrize(
    ("slug", "question", "says"),
    [
        ("acme", "What do I say when the price is too high?", "what late deliveries cost them"),
        ("acme", "Which discount may I give?", "five percent on a contract of two years"),
        ("globex", "¿Qué digo cuando el precio es demasiado alto?", "cuánto le cuestan los retrasos"),
        ("globex", "¿Qué descuento puedo dar?", "un cinco por ciento de descuento"),
    ],
    ids=["acme-price", "acme-discount", "globex-price", "globex-discount"],
)
def test_the_coach_finds_an_answer_to_what_its_page_suggests(seeded: Cast, slug: str, question: str, says: str) -> None:
    with tenant_context(getattr(seeded, slug)):
        assert says in retrieval.search(question)[0].text
        assert retrieval.search(question, for_buyers=True) == []


def test_documents_come_once_whatever_became_of_them(seeded: Cast) -> None:
    with tenant_context(seeded.acme):
        assert KnowledgeDocument.objects.count() == 2
        library.delete(document=KnowledgeDocument.objects.all()[0], actor=None)
    call_command("seed_demo", verbosity=0)
    with tenant_context(seeded.acme):
        assert KnowledgeDocument.objects.count() == 1
