"""How far a judge agrees with people, each time it was counted anew."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from scenarios.models import RubricVersion

from .runs import ScoreRun


class CalibrationQuerySet(models.QuerySet["Calibration"]):
    def current(self) -> CalibrationQuerySet:
        """The newest count of each judge, on each rubric version, in each language."""
        return self.order_by(*Calibration.JUDGE, "-counted_at").distinct(*Calibration.JUDGE)

    def of_run(self, run: ScoreRun, *, language: str) -> CalibrationQuerySet:
        """What was counted of the very judge that made this run: another model or another prompt is another judge."""
        return self.filter(
            rubric_version_id=run.rubric_version_id,
            judged_by=run.judged_by,
            model=run.model,
            prompt_version=run.prompt_version,
            language=language,
        )


class Calibration(models.Model):
    """One count: a judge beside people who marked the same calls blind. A new count is a new row, so drift can be read.

    `criteria`: what `scoring.calibration.agreement.Agreement.to_json` gives, in the order of the rubric. `holds`: may this
    judge certify without a person? `inputs`: a hash over all marks that were counted; the same marks are counted once.
    """

    JUDGE = ("rubric_version_id", "judged_by", "model", "prompt_version", "language")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")
    judged_by = models.CharField(_("judged by"), max_length=40)
    model = models.CharField(_("model"), max_length=120, blank=True)
    prompt_version = models.CharField(_("prompt version"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=5)
    calls = models.PositiveIntegerField(_("calls"))
    reviews = models.PositiveIntegerField(_("blind reviews"))
    criteria: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    holds = models.BooleanField(_("agrees well enough"))
    inputs = models.CharField(max_length=64)
    counted_at = models.DateTimeField(_("counted"), auto_now_add=True)

    objects = CalibrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("calibration")
        verbose_name_plural = _("calibrations")
        ordering: ClassVar = ["-counted_at"]
        indexes: ClassVar = [
            models.Index(
                fields=["rubric_version", "judged_by", "model", "prompt_version", "language", "-counted_at"],
                name="scoring_calibration_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.judged_by} {self.language}: {self.calls}"
