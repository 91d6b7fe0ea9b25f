"""Jobs over many calls of one rubric: what publishing it would change, and scoring past calls again by it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models import Call
from scenarios.models import Rubric, RubricVersion

from .runs import ScoreRun


class Job(models.Model):
    """Background work on a list of calls that was fixed when it was asked for. The rows of the calls say how far it is."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="+", verbose_name=_("rubric"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(_("calls"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("asked for by")
    )
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    # Every call that is finished moves it: a job that stands still is sent on.
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        abstract = True

    @property
    def is_finished(self) -> bool:
        return self.state == self.State.DONE

    @property
    def percent(self) -> int:
        if self.is_finished or not self.total:
            return 100 if self.is_finished else 0
        return 100 * self.done // self.total


class Outcome(models.Model):
    """One call of a job: what it had, and what it gets. `passed` is None where a person has to decide."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+", verbose_name=_("call"))
    before_score = models.PositiveSmallIntegerField(_("score before"))
    before_passed = models.BooleanField(_("passed before"), null=True)
    after_score = models.PositiveSmallIntegerField(_("score after"), null=True)
    after_passed = models.BooleanField(_("passed after"), null=True)
    # A person set the score: it stays, whatever a judge says by the new rubric.
    set_by_person = models.BooleanField(default=False)
    # `[{key, name, before, after}]`; None where it did not apply, or was not in that rubric.
    criteria: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=60, blank=True)

    class Meta:
        abstract = True

    @property
    def flips(self) -> bool:
        """Does the call pass now and did not, or the other way round?"""
        return bool(self.finished_at) and not self.problem and self.before_passed != self.after_passed

    @property
    def change(self) -> int | None:
        return None if self.after_score is None else self.after_score - self.before_score


class RubricImpact(Job):
    """What the rubric's draft would make of calls that were scored. `content` is the draft as it would be published."""

    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("impact of a rubric")
        verbose_name_plural = _("impacts of rubrics")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["rubric", "-created_at"], name="scoring_impact_newest")]

    def __str__(self) -> str:
        return f"{self.rubric} · {self.done}/{self.total}"


class ImpactOutcome(Outcome):
    impact = models.ForeignKey(RubricImpact, on_delete=models.CASCADE, related_name="outcomes")

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["impact", "call"], name="scoring_impact_call_once"),
        ]

    def __str__(self) -> str:
        return f"{self.before_score} → {self.after_score}"


class Rescoring(Job):
    """Past calls scored again by a version of a rubric. The runs that were there stay."""

    class Mode(models.TextChoices):
        KEEP = "keep", _("keep what was judged, judge only what the rubric changed")
        ANEW = "anew", _("ask the judge again about everything")

    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("rubric version")
    )
    mode = models.CharField(_("how"), max_length=5, choices=Mode.choices, default=Mode.KEEP)
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("re-scoring")
        verbose_name_plural = _("re-scorings")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["rubric", "-created_at"], name="scoring_rescoring_newest")]

    def __str__(self) -> str:
        return f"{self.rubric_version} · {self.done}/{self.total}"


class RescoredCall(Outcome):
    rescoring = models.ForeignKey(Rescoring, on_delete=models.CASCADE, related_name="outcomes")
    run = models.ForeignKey(ScoreRun, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rescoring", "call"], name="scoring_rescored_call_once"),
        ]

    def __str__(self) -> str:
        return f"{self.before_score} → {self.after_score}"
