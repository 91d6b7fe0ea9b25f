"""Making a scenario for oneself, practising it, taking it away; and an author's word that it belongs in the library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.memberships import role_of
from accounts.models import User
from accounts.people import audit
from accounts.roles import Action, allows
from calls.models import Call
from calls.practice import open_attempt
from scenarios.contents import persona_content, rubric_content, scenario_content
from scenarios.generation import services as generation
from scenarios.generation.reports import coherence_of
from scenarios.models import Persona, PersonaVersion, Rubric, RubricVersion, Scenario, ScenarioVersion, Status
from scenarios.publishing import archive
from tenants.context import current_organization
from tenants.errors import Conflict, NotFound, PermissionRefused

from .models import OwnScenario

MOST = 20
# What a trainee may know of the buyer; notes on anything else would quote what has to be found out.
OPENLY_KNOWN = frozenset({"company", "industry", "role", "competitor", "product"})


class OwnScenariosNotAllowed(PermissionRefused):
    default_message = gettext_lazy("Your organisation does not allow scenarios of one's own.")


class OwnScenarioNotFound(NotFound):
    default_message = gettext_lazy("There is no such scenario of yours.")


class TooManyOwnScenarios(Conflict):
    code = "TOO_MANY_SCENARIOS"
    default_message = gettext_lazy("You have twenty scenarios of your own. Remove one before making another.")


class AdoptedAlready(Conflict):
    code = "ADOPTED_ALREADY"
    default_message = gettext_lazy("This scenario is in the library already, or was removed.")


def allowed() -> bool:
    """In the organisation at hand."""
    return current_organization().own_scenarios_allowed


def get_own(own_id: UUID, *, owner: Any) -> OwnScenario:
    """Raises `OwnScenarioNotFound`."""
    found = OwnScenario.objects.of(owner).filter(pk=own_id).select_related("scenario", "version").first()
    if found is None:
        raise OwnScenarioNotFound
    return found


def make(*, owner: User, business: Mapping[str, Any], branding: Mapping[str, Any], **wish: Any) -> OwnScenario:
    """A buyer and a scenario from what a business is and how it speaks, to be practised at once. Takes a moment.

    `wish`: industry, role, personality, difficulty, mode, language. Raises `OwnScenariosNotAllowed`, `TooManyOwnScenarios`,
    `InvalidInput` naming the field (`business.sells`), and `ExternalServiceError` where nothing could be written.
    """
    if not allowed():
        raise OwnScenariosNotAllowed
    if OwnScenario.objects.of(owner).count() >= MOST:
        raise TooManyOwnScenarios
    made = generation.draft_for(owner, business=business, branding=branding, **wish)
    scenario = made.scenario
    assert scenario is not None
    with transaction.atomic():
        _keep_apart(scenario, apart=True)
        own = OwnScenario.objects.create(
            owner=owner,
            scenario=scenario,
            version=freeze_unreviewed(scenario),
            wish=made.input,
            by_templates=made.by_templates,
            notes=[note.message for _part, note in coherence_of(made) if note.field in OPENLY_KNOWN],
        )
        audit.record(owner, "own_scenario.made", own)
    return own


def _keep_apart(scenario: Scenario, *, apart: bool) -> None:
    """From the authors' lists, with the buyer who was written for it. It is no change of what is in them."""
    Scenario.objects.filter(pk=scenario.pk).update(made_for_oneself=apart)
    Persona.objects.filter(pk=scenario.persona_id).update(made_for_oneself=apart)


def freeze_unreviewed(scenario: Scenario) -> ScenarioVersion:
    """The draft as a version that calls can be made on and that no list of the library shows: archived from the start. Its
    rubric is the published one where there is one."""
    persona = scenario.persona
    persona_version = PersonaVersion(
        persona=persona, number=_next_number(persona), status=Status.ARCHIVED, content=persona_content(persona)
    )
    persona_version.save()
    version = ScenarioVersion(
        scenario=scenario,
        number=_next_number(scenario),
        status=Status.ARCHIVED,
        content=scenario_content(scenario, persona_version.content),
        persona_version=persona_version,
        rubric_version=_rubric_version(scenario.rubric),
    )
    version.save()
    return version


def _rubric_version(rubric: Rubric) -> RubricVersion:
    published = rubric.published_version
    if published is not None:
        return published
    version = RubricVersion(
        rubric=rubric, number=_next_number(rubric), status=Status.ARCHIVED, content=rubric_content(rubric)
    )
    version.save()
    return version


def _next_number(item: Any) -> int:
    return (item.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def practise(*, own: OwnScenario, channel: str) -> Call:
    """A private call on it: what nobody reviewed is in nobody's numbers. Raises `PrivatePracticeNotAllowed`."""
    return open_attempt(trainee=own.owner, version=own.version, channel=channel, private=True)


@transaction.atomic
def remove(*, own: OwnScenario) -> None:
    """Take it off one's list. Calls stay as they are; what an author adopted stays in the library."""
    OwnScenario.objects.filter(pk=own.pk).update(removed_at=timezone.now())
    if own.adopted_at is None:
        put_aside(own.scenario)


def put_aside(scenario: Scenario) -> None:
    """Archive a draft that nobody adopted, with the buyer who was written for it."""
    if scenario.status == Status.DRAFT:
        archive(item=scenario)
        if not scenario.persona.scenarios.exclude(status=Status.ARCHIVED).exists():
            archive(item=scenario.persona)


@transaction.atomic
def adopt(*, own_id: UUID, by: User) -> OwnScenario:
    """An author takes it into the library: from now on it is a draft like any other, to be edited, tried and published.

    Raises `OwnScenarioNotFound`, `PermissionRefused`, `AdoptedAlready`.
    """
    if not allows(role_of(by, current_organization()), Action.AUTHOR):
        raise PermissionRefused
    own = OwnScenario.objects.select_for_update(of=("self",)).select_related("scenario").filter(pk=own_id).first()
    if own is None:
        raise OwnScenarioNotFound
    if own.adopted_at or own.removed_at:
        raise AdoptedAlready
    own.adopted_at, own.adopted_by = timezone.now(), by
    own.save(update_fields=["adopted_at", "adopted_by"])
    _keep_apart(own.scenario, apart=False)
    audit.record(by, "own_scenario.adopted", own, scenario=str(own.scenario_id))
    return own


def what_is_missing() -> str:
    """Why nothing can be practised here, in a sentence; empty where it can."""
    if current_organization().private_practice_allowed:
        return ""
    return _(
        "Your organisation does not allow practice in private, so a scenario of your own can be practised once an admin "
        "has taken it into the library."
    )
