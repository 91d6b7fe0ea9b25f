"""A trainee's objection to the mark for one criterion, and what a second person decided."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Call, Turn

from .runs import ScoreRun


class AppealQuerySet(models.QuerySet["Appeal"]):
    def undecided(self) -> AppealQuerySet:
        return self.filter(state__in=Appeal.UNDECIDED)


class Appeal(models.Model):
    """open → taken → stands | overturned. A criterion of a call is contested once; what was decided is final.

    `mark` is what the contested run gave for the criterion. Where a passage is named, `quote` equals
    `turn.content[start:end]`.
    """

    class State(models.TextChoices):
        OPEN = "open", _("waits for a second person")
        TAKEN = "taken", _("being looked at")
        STANDS = "stands", _("the mark stands")
        OVERTURNED = "overturned", _("the mark was changed")

    UNDECIDED = (State.OPEN, State.TAKEN)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="appeals", verbose_name=_("call"))
    run = models.ForeignKey(ScoreRun, on_delete=models.CASCADE, related_name="+")
    criterion = models.CharField(_("criterion"), max_length=60)
    criterion_name = models.CharField(_("name of the criterion"), max_length=120)
    mark = models.PositiveSmallIntegerField(_("contested mark"))
    reason = models.TextField(_("reason"))
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    quote = models.TextField(_("passage"), blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("contested by")
    )
    opened_at = models.DateTimeField(_("contested"), auto_now_add=True)
    due_at = models.DateTimeField(_("answer due"))
    reminded_at = models.DateTimeField(null=True, blank=True)  # when those above were told that it is overdue
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision = models.TextField(_("reason of the decision"), blank=True)
    new_mark = models.PositiveSmallIntegerField(_("new mark"), null=True, blank=True)
    human_run = models.ForeignKey(ScoreRun, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering: ClassVar = ["due_at"]
        indexes: ClassVar = [models.Index(fields=["state", "due_at"], name="scoring_appeal_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "criterion"], name="scoring_appeal_once"),
            models.CheckConstraint(
                condition=models.Q(mark__lte=100) & (models.Q(new_mark__isnull=True) | models.Q(new_mark__lte=100)),
                name="scoring_appeal_mark_range",
            ),
            # Somebody took it, and it was not the trainee: the one rule that no code above may forget.
            models.CheckConstraint(
                condition=models.Q(state="open") | models.Q(taken_by__isnull=False),
                name="scoring_appeal_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(taken_by__isnull=True) | ~models.Q(taken_by=models.F("opened_by")),
                name="scoring_appeal_not_by_oneself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_name}: {self.get_state_display()}"

    @property
    def is_decided(self) -> bool:
        return self.state not in self.UNDECIDED

    @property
    def is_overdue(self) -> bool:
        """No answer yet, and it was promised before now."""
        return not self.is_decided and self.due_at < timezone.now()
