"""A situation to practise: a mode, a buyer, a rubric, and what the trainee is told beforehand."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from scenarios.briefs import PersonaBrief

from .personas import Persona, PersonaVersion
from .rubrics import Rubric, RubricVersion
from .versions import Version, WorkingCopy


class Mode(models.TextChoices):
    COLD_CALL = "cold_call", _("cold call")
    DISCOVERY = "discovery", _("discovery")
    OBJECTION_GAUNTLET = "objection_gauntlet", _("objection gauntlet")


class Scenario(WorkingCopy):
    # Somebody's own, until an author takes it into the library; it stands apart from what authors work on.
    made_for_oneself = models.BooleanField(default=False, editable=False)
    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    mode = models.CharField(_("mode"), max_length=20, choices=Mode.choices)
    persona = models.ForeignKey(Persona, on_delete=models.PROTECT, related_name="scenarios", verbose_name=_("persona"))
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="scenarios", verbose_name=_("rubric"))
    trainee_brief = models.TextField(
        _("what the trainee is told"), help_text=_("Who they call, what they sell, what is publicly known.")
    )
    product = models.CharField(_("what is being sold"), max_length=200, blank=True)
    goal = models.TextField(_("goal of the call"))
    next_step = models.CharField(_("next step to agree on"), max_length=200, blank=True)
    first_message = models.CharField(_("the buyer's first words"), max_length=300, blank=True)
    time_limit_minutes = models.PositiveSmallIntegerField(
        _("time limit (minutes)"), default=10, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    # As `scenarios.branching.graph` describes it; null where the call does not branch.
    graph: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(
        _("branching"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        ordering: ClassVar = ["title"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(mode__in=Mode.values), name="scenarios_scenario_known_mode")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def published_version(self) -> ScenarioVersion | None:
        return self.newest_published()


class ScenarioVersion(Version):
    """A published scenario: `content` = {title, summary, mode, language, trainee_brief, product, goal, next_step,
    time_limit_minutes, brief: PersonaBrief as JSON}; persona and rubric are pinned to their versions. A branching scenario
    has {graph, people: persona → id of its version}, too, and all who speak in it are in the brief's script."""

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="versions")
    persona_version = models.ForeignKey(PersonaVersion, on_delete=models.PROTECT, related_name="+")
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")

    class Meta(Version.Meta):
        verbose_name = _("scenario version")
        verbose_name_plural = _("scenario versions")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["scenario", "number"], name="scenarios_scenario_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.content.get('title', '')} v{self.number}"

    def persona_brief(self) -> PersonaBrief:
        return PersonaBrief.from_json(self.content["brief"])
