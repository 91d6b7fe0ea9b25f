"""What people say a call is worth, and whether they had seen what the judge said."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models import Call
from scenarios.models import RubricVersion

from .appeals import Appeal
from .runs import ScoreRun


class ReviewQuerySet(models.QuerySet["Review"]):
    def submitted(self) -> ReviewQuerySet:
        return self.filter(submitted_at__isnull=False)

    def blind(self) -> ReviewQuerySet:
        """Marks that nobody's judgement led: what judges can be measured by."""
        return self.submitted().filter(blind=True)


class Review(models.Model):
    """One person's marks for one call. They never change once they are handed in.

    `marks`: criterion key → 0–100; a criterion that the reviewer says had no occasion to show is left out. `blind`: the
    reviewer had not seen the judge's marks when handing in. A review that answers an appeal marks the contested criterion
    only. `run` is what the marks were then laid beside, `outcome` what the reviewer did about the difference.
    """

    class Outcome(models.TextChoices):
        KEPT = "kept", _("the score was kept")
        OVERRIDDEN = "overridden", _("the score was replaced")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="reviews", verbose_name=_("call"))
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("reviewer")
    )
    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, null=True, blank=True, related_name="reviews")
    blind = models.BooleanField(_("without having seen the judge's marks"), default=False)
    marks: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(_("marks"), default=dict)
    note = models.TextField(_("note"), blank=True)
    run = models.ForeignKey(ScoreRun, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, blank=True)
    started_at = models.DateTimeField(_("begun"), auto_now_add=True)
    submitted_at = models.DateTimeField(_("handed in"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering: ClassVar = ["-started_at"]
        indexes: ClassVar = [models.Index(fields=["call", "outcome"], name="scoring_review_outcome")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["call", "reviewer", "rubric_version"],
                condition=models.Q(appeal__isnull=True),
                name="scoring_review_once",
            ),
            models.UniqueConstraint(fields=["appeal", "reviewer"], name="scoring_review_once_per_appeal"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.call}"

    @property
    def is_submitted(self) -> bool:
        return self.submitted_at is not None

    def mark_of(self, key: str) -> Any:
        """0–100, or None where the reviewer saw no occasion for it."""
        return self.marks.get(key)


class ScoreSeen(models.Model):
    """When somebody other than the trainee first saw what the judge said of a call: no review after that is blind."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("score seen")
        verbose_name_plural = _("scores seen")
        constraints: ClassVar = [models.UniqueConstraint(fields=["call", "user"], name="scoring_seen_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.call}"
