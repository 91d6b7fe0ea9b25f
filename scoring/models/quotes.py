"""How models quote: counted by day, so that the counts outlive the calls they come from and name nobody."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class QuoteTally(models.Model):
    """One day's quotes by one model with one prompt in one language. `claimed` is `verified` and all that was refused."""

    day = models.DateField(_("day"))
    judged_by = models.CharField(_("judged by"), max_length=40)
    model = models.CharField(_("model"), max_length=120)
    prompt_version = models.CharField(_("prompt version"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=5)
    readings = models.PositiveIntegerField(_("readings"), default=0)
    claimed = models.PositiveIntegerField(_("quotes given"), default=0)
    verified = models.PositiveIntegerField(_("found in the trainee's words"), default=0)
    not_said = models.PositiveIntegerField(_("never said"), default=0)
    paraphrased = models.PositiveIntegerField(_("said in other words"), default=0)
    buyer = models.PositiveIntegerField(_("the buyer's words"), default=0)
    to_judge = models.PositiveIntegerField(_("said to the judge"), default=0)
    ambiguous = models.PositiveIntegerField(_("in several turns"), default=0)
    too_short = models.PositiveIntegerField(_("too short or too long"), default=0)

    class Meta:
        verbose_name = _("quotes by a model")
        verbose_name_plural = _("quotes by models")
        ordering: ClassVar = ["-day", "judged_by", "model"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "judged_by", "model", "prompt_version", "language"], name="scoring_tally_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.day}"

    @property
    def refused(self) -> int:
        return self.claimed - self.verified
