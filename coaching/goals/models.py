"""Goals with their entries, how somebody's days are counted, and medals."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from calls.models import Call


class GoalQuerySet(models.QuerySet["Goal"]):
    def of(self, user_id: Any) -> GoalQuerySet:
        return self.filter(owner_id=user_id)

    def open(self) -> GoalQuerySet:
        """What somebody works on, and what waits for an answer."""
        return self.filter(state__in=[Goal.State.ACTIVE, Goal.State.PROPOSED])

    def told_to_managers(self) -> GoalQuerySet:
        """Goals that a manager proposed, and those that their owner shares."""
        return self.filter(Q(shared=True) | Q(proposed_by__isnull=False))


class Goal(models.Model):
    """Something to reach by a day.

    `criterion`: a mean mark in one criterion. `calls`: calls a week, every week. `own`: a number that the person writes down
    now and then (`GoalEntry`), from `start` to `target`, up or down.
    """

    class Kind(models.TextChoices):
        CRITERION = "criterion", _("a mark in a criterion")
        CALLS = "calls", _("calls a week")
        OWN = "own", _("something of my own")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACTIVE = "active", _("active")
        DECLINED = "declined", _("declined")
        CLOSED = "closed", _("put away")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    title = models.CharField(_("in words"), max_length=160, blank=True)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    # The criterion's key and its name as it was when the goal was set; rubrics name the same key alike.
    criterion = models.CharField(max_length=60, blank=True)
    criterion_name = models.CharField(max_length=120, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    # Where the number stood when the goal was set; null where nothing was known.
    start: models.DecimalField[Any, Decimal | None] = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    target: models.DecimalField[Any, Decimal] = models.DecimalField(_("target"), max_digits=10, decimal_places=2)
    due = models.DateField(_("by"))
    shared = models.BooleanField(_("shown to my managers"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering: ClassVar = ["due", "created_at"]
        indexes: ClassVar = [models.Index(fields=["owner", "state", "due"], name="goals_goal_open")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(kind="criterion") | ~Q(criterion=""), name="goals_goal_names_criterion"
            ),
            models.CheckConstraint(condition=~Q(kind="own") | ~Q(title=""), name="goals_goal_of_ones_own_has_words"),
        ]

    def __str__(self) -> str:
        return self.title or self.criterion_name or self.get_kind_display()

    @property
    def in_words(self) -> str:
        """What it is, in one line of the active language."""
        if self.kind == self.Kind.CRITERION:
            words = {"criterion": self.criterion_name, "target": number_format(self.target.normalize())}
            return gettext("%(criterion)s: %(target)s on average") % words
        if self.kind == self.Kind.CALLS:
            calls = int(self.target)
            return ngettext("%(target)s call every week", "%(target)s calls every week", calls) % {"target": calls}
        return self.title


class GoalEntry(models.Model):
    """A number that somebody wrote down for a goal of their own. One a day: a second one corrects the first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="entries")
    on = models.DateField(_("day"))
    value: models.DecimalField[Any, Decimal] = models.DecimalField(_("value"), max_digits=10, decimal_places=2)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering: ClassVar = ["-on"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["goal", "on"], name="goals_entry_once_a_day")]

    def __str__(self) -> str:
        return f"{self.on}: {self.value}"


class PracticeDays(models.Model):
    """How somebody's days of practice are counted. No row: every day counts."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    weekends_off = models.BooleanField(
        _("I rest at weekends"),
        default=False,
        help_text=_("Then a Saturday or Sunday without a call does not end your days in a row."),
    )

    def __str__(self) -> str:
        return f"{self.user_id}"


class Medal(models.Model):
    """Something somebody did, once. A projection of the calls that count: `coaching.goals.medals.refresh` makes these rows
    again from them at any time, so a medal goes when the call it was for no longer counts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    # Of a medal that can be had once a criterion; empty else.
    criterion = models.CharField(max_length=60, blank=True)
    criterion_name = models.CharField(max_length=120, blank=True)
    # The call that completed it.
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+")
    earned_at = models.DateTimeField()

    class Meta:
        verbose_name = _("medal")
        verbose_name_plural = _("medals")
        ordering: ClassVar = ["-earned_at", "kind", "criterion"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "kind", "criterion"], name="goals_medal_once")]

    def __str__(self) -> str:
        return self.kind
