"""Experiments: versions that are compared, who got which, and what came of it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from scenarios.models import PersonaVersion, RubricVersion, Scenario, ScenarioVersion

FEWEST = 10  # people for each variant; fewer show nothing


class Experiment(models.Model):
    """One question about one scenario. Once it runs, its variants, shares, metric and sample never change."""

    class Kind(models.TextChoices):
        PERSONA = "persona", _("versions of the persona")
        RUBRIC = "rubric", _("versions of the rubric")
        PROMPT = "prompt", _("versions of the judge's prompt")
        SCENARIO = "scenario", _("versions of the scenario")

    class Metric(models.TextChoices):
        SCORE = "score", _("mean score")
        PASSED = "passed", _("share of calls that pass (%)")
        COMPLETED = "completed", _("share of calls held to their end (%)")
        TALK = "talk", _("the trainee's share of the talking (%)")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        RUNNING = "running", _("running")
        STOPPED = "stopped", _("stopped")
        FINISHED = "finished", _("finished")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=160)
    scenario = models.ForeignKey(
        Scenario, on_delete=models.CASCADE, related_name="experiments", verbose_name=_("scenario")
    )
    kind = models.CharField(_("what is compared"), max_length=10, choices=Kind.choices)
    metric = models.CharField(_("what decides"), max_length=10, choices=Metric.choices)
    minimum_sample = models.PositiveIntegerField(
        _("people for each variant"), default=30, validators=[MinValueValidator(FEWEST), MaxValueValidator(100_000)]
    )
    # Part of every draw: the same person falls differently in another experiment.
    salt = models.UUIDField(default=uuid.uuid4, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    # Why it was stopped: "person", or the guard's code; "" while it runs and when it came to its end.
    stopped_by = models.CharField(max_length=40, blank=True)
    # Written once, when it ends: see `scoring.experiments.analysis`.
    result: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("begun by")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    ends_at = models.DateTimeField(_("ends at the latest"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            # Two at once would each be the other's noise.
            models.UniqueConstraint(
                fields=["scenario"], condition=models.Q(state="running"), name="experiments_one_runs_for_a_scenario"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING


class Variant(models.Model):
    """One of the versions; the first is the control. Which field is filled in follows from the experiment's kind."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variants")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=80)
    share = models.PositiveSmallIntegerField(_("share of people (%)"), validators=[MaxValueValidator(100)])
    scenario_version = models.ForeignKey(ScenarioVersion, on_delete=models.PROTECT, null=True, related_name="+")
    persona_version = models.ForeignKey(PersonaVersion, on_delete=models.PROTECT, null=True, related_name="+")
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, null=True, related_name="+")
    prompt_version = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "position"], name="experiments_variant_once"),
            models.CheckConstraint(condition=models.Q(share__lte=100), name="experiments_share_range"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_control(self) -> bool:
        return self.position == 0


class Exposure(models.Model):
    """A call that fell under an experiment. Calls live in a layer above, so theirs is known by its id.

    `outcome` is None until the call was measured: {score, passed, completed, talk, fault, latency_ms}, None where there is
    nothing to measure.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="exposures")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="exposures")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Their own language when they were drawn, for the guard on fairness.
    language = models.CharField(max_length=5)
    call_id = models.UUIDField(unique=True)
    outcome: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    measured_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]
        indexes: ClassVar = [models.Index(fields=["experiment", "created_at"], name="experiments_by_time")]

    def __str__(self) -> str:
        return f"{self.variant_id} · {self.call_id}"
