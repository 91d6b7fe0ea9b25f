"""Scores. Runs are append-only; `Score` points at the ones that count now."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models import Call, Turn
from scenarios.models import RubricVersion

HUMAN = "human"  # who judged, where a person set the score


class Track(models.TextChoices):
    QUICK = "quick", _("quick score")
    DEEP = "deep", _("debrief")
    HUMAN = "human", _("set by a person")


class ScoreRunQuerySet(models.QuerySet["ScoreRun"]):
    def standing(self) -> ScoreRunQuerySet:
        """Runs that can count: less the single readings that another run combines."""
        return self.filter(group=None)


class ScoreRun(models.Model):
    """One judgement of one call by one judge: never changed, never deleted while the call lives.

    `passed` is None where the score lies too near the pass mark for the judge to decide. A graded call is read several times
    by a language model: each reading is a run whose `group` is the run that combines them. A run by a person (`judged_by`
    "human") names who, why, and the run it corrects.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="score_runs", verbose_name=_("call"))
    track = models.CharField(_("track"), max_length=10, choices=Track.choices)
    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("rubric version")
    )
    overall_score = models.PositiveSmallIntegerField(_("overall score"))
    band = models.CharField(_("band"), max_length=20)
    passed = models.BooleanField(_("passed"), null=True)
    judged_by = models.CharField(_("judged by"), max_length=40)
    group = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="readings")
    base_run = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("corrects")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("set by"),
    )
    reason = models.TextField(_("reason"), blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    prompt_version = models.CharField(_("prompt version"), max_length=60, blank=True)
    transcript_hash = models.CharField(_("hash of the transcript"), max_length=64)
    manifest: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # Everything a page or the API shows of this run, as it was computed: strengths, improvements, key moments, metrics.
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ScoreRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("score run")
        verbose_name_plural = _("score runs")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["call", "track", "-created_at"])]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(overall_score__lte=100), name="scoring_run_overall_range"),
            models.CheckConstraint(
                condition=~models.Q(judged_by=HUMAN) | (models.Q(made_by__isnull=False) & ~models.Q(reason="")),
                name="scoring_run_person_gives_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.track} {self.overall_score}"


class CriterionResult(models.Model):
    """The score of one criterion in one run."""

    run = models.ForeignKey(ScoreRun, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(
        _("kind"), max_length=20, blank=True
    )  # as in the rubric; empty in runs older than this column
    weight = models.PositiveSmallIntegerField(_("weight"))
    score = models.PositiveSmallIntegerField(_("score"))
    applicable = models.BooleanField(_("applicable"), default=True)
    verified = models.BooleanField(_("verified"), default=False)
    rationale = models.TextField(_("rationale"), blank=True)

    class Meta:
        verbose_name = _("criterion result")
        verbose_name_plural = _("criterion results")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "key"], name="scoring_criterion_once"),
            models.CheckConstraint(condition=models.Q(score__lte=100), name="scoring_criterion_score_range"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.score}"


class Evidence(models.Model):
    """A verified quote: `quote == turn.content[start:end]`, spoken by the trainee."""

    criterion = models.ForeignKey(CriterionResult, on_delete=models.CASCADE, related_name="evidence")
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="+")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="scoring_evidence_not_empty")
        ]

    def __str__(self) -> str:
        return self.quote[:60]


class ScoreQuerySet(models.QuerySet["Score"]):
    def settled(self) -> ScoreQuerySet:
        """Scores whose number may be told and counted: there is one, and it does not wait for a person's decision."""
        return self.filter(overall_score__isnull=False).exclude(state=Score.State.NEEDS_REVIEW)


class Score(models.Model):
    """The current score of a call: pointers to the runs that count. A person's run goes before the debrief's, the debrief's
    before the quick one's."""

    class State(models.TextChoices):
        PENDING = "pending", _("being scored")
        QUICK = "quick", _("quick score ready")
        READY = "ready", _("ready")
        NEEDS_REVIEW = "needs_review", _("waits for a person's decision")
        NOT_GRADABLE = "not_gradable", _("too short to score")

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="score")
    state = models.CharField(max_length=15, choices=State.choices, default=State.PENDING)
    quick_run = models.ForeignKey(ScoreRun, on_delete=models.PROTECT, null=True, related_name="+")
    deep_run = models.ForeignKey(ScoreRun, on_delete=models.PROTECT, null=True, related_name="+")
    human_run = models.ForeignKey(ScoreRun, on_delete=models.PROTECT, null=True, related_name="+")
    overall_score = models.PositiveSmallIntegerField(null=True)
    band = models.CharField(max_length=20, blank=True)
    passed = models.BooleanField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(overall_score__isnull=True) | models.Q(overall_score__lte=100),
                name="scoring_score_overall_range",
            )
        ]

    def __str__(self) -> str:
        return f"{self.call}: {self.overall_score}"

    @property
    def settled_score(self) -> int | None:
        """As `ScoreQuerySet.settled` has it: None while there is no number, or while it waits for a person's decision."""
        return None if self.state == self.State.NEEDS_REVIEW else self.overall_score

    @property
    def counting_run(self) -> ScoreRun | None:
        """The run whose number this score shows."""
        return self.human_run or self.deep_run or self.quick_run
