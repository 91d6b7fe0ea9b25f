"""The people in the tests.

Acme (English): Ada trains, Bo manages her team, Cy is admin, Dee owns. Globex (Spanish): Gil trains, Hana is admin.
Val is a trainee in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection
from django_tenants.utils import tenant_context

from accounts.models import Membership, User
from accounts.people.models import Team, TeamMembership
from accounts.roles import Role
from tenants.models import Organization
from tenants.provisioning import open_organization

PASSWORD = "a-long-test-password"
PEOPLE = {
    "acme": {"ada": Role.TRAINEE, "bo": Role.MANAGER, "cy": Role.ADMIN, "dee": Role.OWNER, "val": Role.TRAINEE},
    "globex": {"gil": Role.TRAINEE, "hana": Role.ADMIN, "val": Role.TRAINEE},
}


@dataclass
class Cast:
    acme: Organization
    globex: Organization
    ada: User
    bo: User
    cy: User
    dee: User
    gil: User
    hana: User
    val: User

    @classmethod
    def load(cls) -> Cast:
        names = {name for people in PEOPLE.values() for name in people}
        known = User.objects.in_bulk([f"{name}@cast.test" for name in names], field_name="email")
        people = {name: known[f"{name}@cast.test"] for name in names}
        return cls(acme=Organization.objects.get(slug="acme"), globex=Organization.objects.get(slug="globex"), **people)


def open_cast() -> None:
    """Open both organisations with their people, once per test database."""
    for slug, language in (("acme", "en"), ("globex", "es")):
        organization = Organization.objects.filter(slug=slug).first()
        if organization is None:
            organization = open_organization(slug=slug, name=slug.title(), language=language)
        for name, role in PEOPLE[slug].items():
            email = f"{name}@cast.test"
            user = User.objects.filter(email=email).first() or User.objects.create_user(
                email, PASSWORD, full_name=name.title(), onboarding_completed=True
            )
            EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
            Membership.objects.update_or_create(organization=organization, user=user, defaults={"role": role})
        if slug == "acme":
            with tenant_context(organization):
                team, _created = Team.objects.get_or_create(name="North")
                for name, is_manager in (("ada", False), ("bo", True)):
                    user = User.objects.get(email=f"{name}@cast.test")
                    TeamMembership.objects.get_or_create(team=team, user=user, defaults={"is_manager": is_manager})


def in_acme_again(response: Any) -> Any:
    """The response to a request, which leaves the connection in `public`: what follows is in Acme again."""
    connection.set_tenant(Organization.objects.get(slug="acme"))
    return response
