"""Who is to do what by when."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.people.models import Team
from scenarios.models import Scenario

from .programs import Program
from .tracks import MOST_ATTEMPTS, Track


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def active(self) -> AssignmentQuerySet:
        return self.filter(withdrawn_at__isnull=True)

    def covering(self, user_id: Any) -> AssignmentQuerySet:
        """What is asked of this person, by name or as a member of a team. Who manages a team is not its learner."""
        mine = models.Q(team__memberships__user_id=user_id, team__memberships__is_manager=False)
        return self.filter(models.Q(user_id=user_id) | mine).distinct()

    def one_of_each_program(self) -> AssignmentQuerySet:
        """Of the rows that a program is for one target, the first in force; of everything else all."""
        same_target = models.Q(user=models.OuterRef("user")) | models.Q(team=models.OuterRef("team"))
        earlier = Assignment.objects.active().filter(
            same_target, program=models.OuterRef("program"), created_at__lt=models.OuterRef("created_at")
        )
        return self.exclude(models.Exists(earlier))


class Assignment(models.Model):
    """A track or a single scenario, for one person or a team; whoever joins the team later is meant too.

    `due_on` is a day of the organisation's zone, to its end. A program is assigned as one row for each of its tracks; each of
    them opens `after` the one before.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    track = models.ForeignKey(
        Track,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=pgettext_lazy("training", "track"),
    )
    scenario = models.ForeignKey(
        Scenario,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("scenario"),
    )
    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name=_("program")
    )
    after = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name=_("opens after"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="assignments", verbose_name=_("team")
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(
        _("attempts"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_ATTEMPTS)],
        help_text=_("For every call and check. Empty: as the track says."),
    )
    repeat_months = models.PositiveSmallIntegerField(
        _("again every (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("A new round opens that long after the last one was completed. Empty: once."),
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("assigned by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["-created_at"]), models.Index(fields=["due_on"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(track__isnull=False, scenario__isnull=True)
                | models.Q(track__isnull=True, scenario__isnull=False),
                name="training_assignment_of_one_thing",
            ),
            models.CheckConstraint(
                # A team that was dissolved leaves its assignments withdrawn: calls that they asked for still count.
                condition=models.Q(user__isnull=False, team__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False)
                | models.Q(user__isnull=True, withdrawn_at__isnull=False),
                name="training_assignment_to_one_target",
            ),
            *[
                models.UniqueConstraint(
                    fields=[subject, target],
                    condition=models.Q(withdrawn_at__isnull=True),
                    name=f"training_assignment_{subject}_{target}_once",
                )
                for subject in ("track", "scenario")
                for target in ("user", "team")
            ],
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.target}"

    @property
    def subject(self) -> Any:
        """The track or the scenario."""
        return self.track or self.scenario

    @property
    def target(self) -> Any:
        """The person or the team."""
        return self.user or self.team

    def with_its_program(self) -> AssignmentQuerySet:
        """This one and what else of its program is asked of the same target now; without a program this one alone."""
        if self.program_id is None:
            return Assignment.objects.filter(pk=self.pk)
        rows = Assignment.objects.active().filter(program=self.program_id, user=self.user_id, team=self.team_id)
        return rows.select_related("track", "user", "team").order_by("created_at")
