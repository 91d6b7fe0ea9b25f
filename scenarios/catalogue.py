"""What a trainee may practise: published scenarios, as far as a trainee may know them. Hidden pains never leave here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tenants.errors import NotFound

from .models import ScenarioVersion, Status
from .models.personas import Difficulty, Personality
from .models.scenarios import Mode


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Who is called, as anybody could look it up."""

    id: UUID
    name: str
    role: str
    company: str
    industry: str
    personality: str
    difficulty: str

    @property
    def personality_label(self) -> str:
        return str(Personality(self.personality).label)

    @property
    def difficulty_label(self) -> str:
        return str(Difficulty(self.difficulty).label)


@dataclass(frozen=True, slots=True)
class Practice:
    """One scenario that can be practised now. `id` is the scenario's, `version_id` what a call is made on."""

    id: UUID
    version_id: UUID
    number: int
    title: str
    summary: str
    mode: str
    language: str
    trainee_brief: str
    product: str
    goal: str
    next_step: str
    minutes: int
    persona: Counterpart

    @property
    def mode_label(self) -> str:
        return str(Mode(self.mode).label)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def practice_of(version: ScenarioVersion) -> Practice:
    content, brief = version.content, version.content["brief"]
    return Practice(
        id=version.scenario_id,
        version_id=version.pk,
        number=version.number,
        title=content["title"],
        summary=content["summary"],
        mode=content["mode"],
        language=content["language"],
        trainee_brief=content["trainee_brief"],
        product=content["product"],
        goal=content["goal"],
        next_step=content["next_step"],
        minutes=content["time_limit_minutes"],
        persona=Counterpart(
            id=version.persona_version.persona_id,
            name=brief["name"],
            role=brief["role"],
            company=brief["company"],
            industry=brief["industry"],
            personality=brief["personality"],
            difficulty=brief["difficulty"],
        ),
    )


def published_versions() -> QuerySet[ScenarioVersion]:
    """The version of each published scenario that new calls are made on, with what a call pins."""
    return (
        ScenarioVersion.objects.filter(status=Status.PUBLISHED, scenario__status=Status.PUBLISHED)
        .select_related("scenario", "persona_version", "rubric_version")
        .order_by("scenario__title", "scenario_id")
    )


def published(language: str | None = None) -> list[Practice]:
    """Every scenario that can be practised, by title; one query. `language` narrows it to "en" or "es"."""
    versions = published_versions()
    if language:
        versions = versions.filter(content__language=language)  # the version's, whatever the draft says by now
    return [practice_of(version) for version in versions]


def published_version(scenario_id: UUID | str) -> ScenarioVersion:
    """The version that a new call on this scenario is made on. Raises `NotFound`: drafts and strangers look alike."""
    try:
        version = published_versions().filter(scenario_id=UUID(str(scenario_id))).first()
    except ValueError:
        version = None
    if version is None:
        raise NotFound(_("There is no such scenario to practise."))
    return version


def get_published(scenario_id: UUID | str) -> Practice:
    """One scenario that can be practised. Raises `NotFound`."""
    return practice_of(published_version(scenario_id))
