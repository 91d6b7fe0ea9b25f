"""Beginning, starting and ending experiments, and drawing a variant for a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from scenarios.contents import compose_brief
from scenarios.models import PersonaVersion, RubricVersion, Scenario, ScenarioVersion
from tenants.errors import Conflict, InvalidInput

from .allocation import bucket, place_of
from .models import FEWEST, Experiment, Exposure, Variant

MOST_VARIANTS = 4
VERSIONS: Mapping[str, tuple[str, Any, str]] = {
    Experiment.Kind.SCENARIO: ("scenario_version", ScenarioVersion, "scenario_id"),
    Experiment.Kind.PERSONA: ("persona_version", PersonaVersion, "persona_id"),
    Experiment.Kind.RUBRIC: ("rubric_version", RubricVersion, "rubric_id"),
}


@dataclass(frozen=True, slots=True)
class Arm:
    """A variant to be: `version` is the id of a version (for prompts, the version's name), `share` whole percent."""

    name: str
    version: str
    share: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a call is held on because of an experiment: a version, and a persona in the place of the version's own."""

    variant: Variant
    version: ScenarioVersion
    persona_version: PersonaVersion | None

    def brief(self) -> dict[str, Any]:
        """The buyer of the call, as JSON."""
        content = self.version.content
        if self.persona_version is None:
            return dict(content["brief"])
        return compose_brief(
            self.persona_version.content,
            mode=content["mode"],
            goal=content["goal"],
            next_step=content["next_step"],
            first_message=content["first_message"],
        ).to_json()


@transaction.atomic
def begin(
    *,
    title: str,
    scenario: Scenario,
    kind: str,
    metric: str,
    arms: Sequence[Arm],
    minimum_sample: int,
    ends_at: datetime | None,
    by: Any,
) -> Experiment:
    """A draft. The first arm is the control. Raises `InvalidInput` naming the field."""
    if not title.strip():
        raise _invalid("title", _("Give the experiment a title."))
    if kind not in Experiment.Kind.values:
        raise _invalid("kind", _("Choose what is compared."))
    if metric not in Experiment.Metric.values:
        raise _invalid("metric", _("Choose what decides."))
    if not FEWEST <= minimum_sample <= 100_000:
        raise _invalid("minimum_sample", _("At least %(fewest)d people for each variant.") % {"fewest": FEWEST})
    if ends_at is not None and ends_at <= timezone.now():
        raise _invalid("ends_at", _("The end lies in the past."))
    _refuse_bad_arms(arms)
    if kind == Experiment.Kind.PERSONA and scenario.graph is not None:
        message = _(
            "This scenario branches: compare versions of the scenario instead, which take their personas along."
        )
        raise _invalid("kind", message)
    experiment = Experiment.objects.create(
        title=title.strip()[:160],
        scenario=scenario,
        kind=kind,
        metric=metric,
        minimum_sample=minimum_sample,
        ends_at=ends_at,
        created_by=by,
    )
    for position, arm in enumerate(arms):
        fields = _version_fields(scenario, kind, arm)
        Variant.objects.create(
            experiment=experiment, position=position, name=arm.name.strip()[:80], share=arm.share, **fields
        )
    return experiment


def _refuse_bad_arms(arms: Sequence[Arm]) -> None:
    if not 2 <= len(arms) <= MOST_VARIANTS:
        raise _invalid("variants", _("Compare two to %(most)d versions.") % {"most": MOST_VARIANTS})
    if any(not arm.name.strip() for arm in arms):
        raise _invalid("variants", _("Give every variant a name."))
    if len({arm.version for arm in arms}) != len(arms):
        raise _invalid("variants", _("Two variants are the same version."))
    if any(arm.share < 1 for arm in arms) or sum(arm.share for arm in arms) != 100:
        raise _invalid("variants", _("The shares must be at least 1 % each and add up to 100 %."))


def _version_fields(scenario: Scenario, kind: str, arm: Arm) -> dict[str, Any]:
    """The version that an arm names, of this scenario or of its persona or rubric."""
    if kind == Experiment.Kind.PROMPT:
        if not 0 < len(arm.version) <= 40:
            raise _invalid("variants", _("Choose a version for every variant."))
        return {"prompt_version": arm.version}
    field, model, owner = VERSIONS[kind]
    wanted = scenario.pk if owner == "scenario_id" else getattr(scenario, owner)
    try:
        version = model.objects.filter(pk=UUID(arm.version), **{owner: wanted}).first()
    except ValueError:
        version = None
    if version is None:
        raise _invalid("variants", _("Choose a version for every variant."))
    return {field: version}


def start(*, experiment: Experiment) -> None:
    """Raises `Conflict` where it is no draft, the scenario is not published, or another one runs on it."""
    if experiment.scenario.newest_published() is None:
        raise Conflict(_("Publish the scenario first: people are drawn when they practise it."))
    try:
        with transaction.atomic():
            changed = Experiment.objects.filter(pk=experiment.pk, state=Experiment.State.DRAFT).update(
                state=Experiment.State.RUNNING, started_at=timezone.now()
            )
    except IntegrityError:
        raise Conflict(_("Another experiment runs on this scenario. Let it end first.")) from None
    if not changed:
        raise Conflict(_("Only a draft can be started."))
    experiment.refresh_from_db()


def stop(*, experiment: Experiment, because: str) -> bool:
    """No more calls fall under it. `because`: "person", or a guard's code. True for who stopped it."""
    changed = Experiment.objects.filter(pk=experiment.pk, state=Experiment.State.RUNNING).update(
        state=Experiment.State.STOPPED, stopped_by=because, ended_at=timezone.now()
    )
    if changed:
        experiment.refresh_from_db()
    return bool(changed)


def finish(*, experiment: Experiment, result: Mapping[str, Any]) -> bool:
    """It came to its end; the result is written once. True for who wrote it."""
    changed = Experiment.objects.filter(pk=experiment.pk, state=Experiment.State.RUNNING).update(
        state=Experiment.State.FINISHED, result=dict(result), ended_at=timezone.now()
    )
    if changed:
        experiment.refresh_from_db()
    return bool(changed)


def draw(*, person: Any, version: ScenarioVersion) -> Drawn | None:
    """What a new call of this person on the published `version` is held on; None where no experiment runs on its scenario.

    One query where none runs. What is judged differently (rubrics, prompts) changes nothing about the call itself.
    """
    experiment = (
        Experiment.objects.filter(scenario_id=version.scenario_id, state=Experiment.State.RUNNING)
        .prefetch_related("variants__scenario_version", "variants__persona_version")
        .first()
    )
    if experiment is None or (experiment.ends_at is not None and experiment.ends_at <= timezone.now()):
        return None
    variants = list(experiment.variants.all())
    own = bucket(salt=experiment.salt, person_id=person.pk)
    variant = variants[place_of(own, [one.share for one in variants])]
    if variant.persona_version is not None and version.content["brief"].get("script"):
        return None  # published with branches since: a persona alone is not who picks up any more
    return Drawn(variant, variant.scenario_version or version, variant.persona_version)


def expose(*, drawn: Drawn, person: Any, call_id: UUID) -> Exposure:
    """Write down that a call fell under the experiment."""
    return Exposure.objects.create(
        experiment_id=drawn.variant.experiment_id,
        variant=drawn.variant,
        person=person,
        language=person.language or (get_language() or "en").split("-")[0],
        call_id=call_id,
    )


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, details={"field": field, "issue": message, "fields": {field: [message]}})
