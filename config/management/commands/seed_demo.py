"""`manage.py seed_demo`: two organisations to try Parley with. What is there already is left as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Membership, User
from accounts.people.models import AuditEvent, Team, TeamMembership
from accounts.roles import Role
from coaching.learning import following
from scenarios.knowledge import library
from scenarios.knowledge.tasks import enqueue_ingest
from scenarios.training import blueprints
from scenarios.training.assigning import Terms, assign
from scenarios.training.calendars import today
from scenarios.training.models import Program
from tenants.context import organization_context
from tenants.errors import DomainError
from tenants.models import Organization
from tenants.provisioning import open_organization

PASSWORD = "parley-demo"  # noqa: S105  known on purpose; the command refuses to run where that would matter


@dataclass(frozen=True, slots=True)
class Demo:
    slug: str
    name: str
    language: str
    timezone: str
    team: str
    people: dict[Role, str]


DEMOS = (
    Demo(
        "acme",
        "Acme",
        "en",
        "Europe/London",
        "Inside sales",
        {Role.OWNER: "Olivia Hart", Role.ADMIN: "Adam Brooks", Role.MANAGER: "Maya Chen", Role.TRAINEE: "Theo Novak"},
    ),
    Demo(
        "globex",
        "Globex",
        "es",
        "Europe/Madrid",
        "Ventas internas",
        {
            Role.OWNER: "Olga Serrano",
            Role.ADMIN: "Andrés Vidal",
            Role.MANAGER: "Marta Ibáñez",
            Role.TRAINEE: "Tomás Rey",
        },
    ),
)
PROGRAM = "first-weeks"
IN_BOTH = ("both@parley.test", "Robin Vega")
DOCUMENTS = Path(__file__).resolve().parents[2] / "demo"
# About what is sold in the first cold call, by the name of the file: its title by language.
TITLES = {
    "product-sheet": {"en": "RouteWise: product sheet", "es": "Rutaclara: ficha de producto"},
    "objection-guide": {"en": "RouteWise: answers to objections", "es": "Rutaclara: respuestas a las objeciones"},
}


class Command(BaseCommand):
    help = (
        "Open the demo organisations acme and globex with their people. Safe to repeat; only with DEBUG or PARLEY_DEMO."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or settings.DEMO):
            raise CommandError(
                "The demo accounts have a known password, so they are made only where DEBUG=1 or PARLEY_DEMO=1 is set."
            )
        for demo in DEMOS:
            organization = seed(demo)
            if options["verbosity"]:
                self.stdout.write(f"{organization.name}: {organization.path_prefix}/")


def seed(demo: Demo) -> Organization:
    """One organisation with its people and a team; each step only where its result is missing."""
    organization = Organization.objects.filter(slug=demo.slug).exclude(status=Organization.Status.PROVISIONING).first()
    if organization is None:
        organization = open_organization(slug=demo.slug, name=demo.name, language=demo.language)
        Organization.objects.filter(pk=organization.pk).update(timezone=demo.timezone, own_scenarios_allowed=True)
    people = {
        role: ensure_person(f"{role.value}@{demo.slug}.test", name, demo.language) for role, name in demo.people.items()
    }
    both = ensure_person(*IN_BOTH, language="")
    for role, person in [*people.items(), (Role.TRAINEE, both)]:
        Membership.objects.get_or_create(organization=organization, user=person, defaults={"role": role})
    with organization_context(organization):
        team, _created = Team.objects.get_or_create(name=demo.team)
        for person in (people[Role.MANAGER], people[Role.TRAINEE], both):
            seat = {"is_manager": person == people[Role.MANAGER]}
            TeamMembership.objects.get_or_create(team=team, user=person, defaults=seat)
        seed_training(team, demo.language)
        seed_documents(people[Role.ADMIN], demo.language)
    return organization


def seed_training(team: Team, language: str) -> None:
    """A program that ships, published and assigned to the team; once, whatever became of it since."""
    if Program.objects.filter(preset_key=PROGRAM).exists():
        return
    try:
        with transaction.atomic():
            program = blueprints.copy(key=PROGRAM, language=language, publish=True)
            terms = Terms(due_on=today() + timedelta(days=21))
            assigned = assign(subject=program, target=team, terms=terms).assignments
    except DomainError:
        return  # a scenario that it needs was archived meanwhile
    for assignment in assigned:
        following.follow_assignment(assignment_id=assignment.pk)


def seed_documents(author: User, language: str) -> None:
    """What the coach quotes; once, whatever became of it since, and not where people added documents of their own. Only the
    files are written here: the worker reads them once it runs.

    Buyers do not get to know them, since other scenarios of the demo sell other things.
    """
    if AuditEvent.objects.filter(action="knowledge.added").exists():
        return
    for name, titles in TITLES.items():
        path = DOCUMENTS / f"{name}.{language}.md"
        document = library.add(
            file=path.read_bytes(),
            file_name=path.name,
            actor=author,
            title=titles[language],
            language=language,
            buyers_may_know=False,
        )
        enqueue_ingest(document.pk)


def ensure_person(email: str, name: str, language: str) -> User:
    """The account of this address, with a verified address, so that nobody has to click a link in a mail to try Parley."""
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, PASSWORD, full_name=name, language=language, onboarding_completed=True)
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user
