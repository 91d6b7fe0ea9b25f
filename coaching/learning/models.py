"""Who learns what, how far they are, and what they were certified for.

Facts are calls (with their scores) and sittings; `ItemProgress` and an enrolment's state follow from them and can be rebuilt.
"""

from __future__ import annotations

import secrets
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Call
from scenarios.models import Scenario, ScenarioVersion
from scenarios.training.items import Item, items_of, single
from scenarios.training.models import Assignment, Track, TrackVersion


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def live(self) -> EnrolmentQuerySet:
        """The present rounds: neither withdrawn nor followed by another one."""
        return self.filter(closed_at__isnull=True)

    def with_content(self) -> EnrolmentQuerySet:
        """With all that `items` and `title` read."""
        return self.select_related("track_version", "scenario_version", "assignment")

    def with_begun(self) -> EnrolmentQuerySet:
        """With `begun`: whether anything was tried. That may have been without success, so that `progress` is still 0."""
        return self.annotate(
            begun=models.Exists(ItemProgress.objects.filter(enrolment=models.OuterRef("pk"), attempts__gt=0))
        )


class Enrolment(models.Model):
    """One round of one person through one version of a track, or through a scenario that was assigned by itself.

    Several assignments of the same thing (to the person, to their teams) are one enrolment: the earliest date counts, and the
    most generous number of attempts. `assignment` is one of them.
    """

    class State(models.TextChoices):
        OPEN = "open", _("in progress")
        COMPLETED = "completed", _("completed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    assignment = models.ForeignKey(Assignment, on_delete=models.SET_NULL, null=True, related_name="enrolments")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, null=True, related_name="enrolments")
    track_version = models.ForeignKey(TrackVersion, on_delete=models.PROTECT, null=True, related_name="+")
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, null=True, related_name="+")
    scenario_version = models.ForeignKey(ScenarioVersion, on_delete=models.PROTECT, null=True, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    due_on = models.DateField(_("due on"), null=True)
    attempts = models.PositiveSmallIntegerField(null=True)
    # Share of items that are passed, in percent: for lists, so that they need not read every item.
    progress = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True)
    renews_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering: ClassVar = ["due_on", "opened_at"]
        indexes: ClassVar = [models.Index(fields=["user", "closed_at"]), models.Index(fields=["renews_at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "track"],
                condition=models.Q(closed_at__isnull=True, track__isnull=False),
                name="learning_enrolment_one_track_round",
            ),
            models.UniqueConstraint(
                fields=["user", "scenario"],
                condition=models.Q(closed_at__isnull=True, scenario__isnull=False),
                name="learning_enrolment_one_scenario_round",
            ),
            models.CheckConstraint(
                condition=models.Q(track__isnull=False, track_version__isnull=False, scenario__isnull=True)
                | models.Q(track__isnull=True, scenario__isnull=False, scenario_version__isnull=False),
                name="learning_enrolment_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} – {self.title}"

    @property
    def title(self) -> str:
        version = self.track_version or self.scenario_version
        return str(version.content["title"]) if version else ""

    @property
    def summary(self) -> str:
        version = self.track_version or self.scenario_version
        return str(version.content.get("summary", "")) if version else ""

    @property
    def language(self) -> str:
        version = self.track_version or self.scenario_version
        return str(version.content["language"]) if version else ""

    @property
    def items(self) -> tuple[Item, ...]:
        """The steps of the version this person is on."""
        if self.track_version is not None:
            return items_of(self.track_version.content)
        assert self.scenario_version is not None
        version = self.scenario_version
        return single(scenario_id=version.scenario_id, version_id=version.pk, title=version.content["title"])

    def limit_of(self, item: Item) -> int | None:
        """How often an item may be tried; None: as often as needed. What was assigned goes before what the track says."""
        return self.attempts if self.attempts is not None else item.attempt_limit


class ItemProgress(models.Model):
    """Where one person stands with one item of a round."""

    class State(models.TextChoices):
        OPEN = "open", _("not passed yet")
        WAITING = "waiting", _("waits for its score")
        PASSED = "passed", _("passed")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="progress_rows")
    item_key = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    best_score = models.PositiveSmallIntegerField(null=True)
    passed_at = models.DateTimeField(null=True)
    call = models.ForeignKey(Call, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrolment", "item_key"], name="learning_item_progress_once")
        ]

    def __str__(self) -> str:
        return f"{self.item_key}: {self.state}"


class Sitting(models.Model):
    """Reading that was marked as read (`score` None), or one attempt at a knowledge check."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="sittings")
    item_key = models.CharField(max_length=60)
    answers: models.JSONField[list[list[int]], list[list[int]]] = models.JSONField(default=list)
    score = models.PositiveSmallIntegerField(null=True)
    passed = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at"]
        indexes: ClassVar = [models.Index(fields=["enrolment", "item_key"])]

    def __str__(self) -> str:
        return f"{self.item_key}: {self.score}"


def new_code() -> str:
    """What a certificate's public address ends in; nobody guesses it."""
    return secrets.token_urlsafe(15)


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def valid(self) -> CertificateQuerySet:
        now = timezone.now()
        unexpired = models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=now)
        return self.filter(unexpired, state=Certificate.State.ISSUED)


class Certificate(models.Model):
    """That somebody passed every item of a track. Its words are those of the day it was issued."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for a manager's confirmation")
        ISSUED = "issued", _("issued")
        REVOKED = "revoked", _("revoked")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=40, unique=True, default=new_code, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="certificates")
    track_version = models.ForeignKey(TrackVersion, on_delete=models.PROTECT, related_name="+")
    holder = models.CharField(_("holder"), max_length=200)
    title = models.CharField(_("title"), max_length=160)
    language = models.CharField(max_length=5)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    # Why a person is asked: a reason of scoring's gate for automatic certificates.
    gate = models.CharField(max_length=20, blank=True)
    completed_at = models.DateTimeField()
    issued_at = models.DateTimeField(_("issued"), null=True)
    expires_at = models.DateTimeField(_("valid until"), null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    # None where it followed from a changed result; then passing again earns another one.
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    revoke_reason = models.CharField(max_length=300, blank=True)
    # The holder lets anybody who has the address see it.
    public = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=~models.Q(state="revoked"), name="learning_certificate_one_standing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.holder} – {self.title}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_valid(self) -> bool:
        return self.state == self.State.ISSUED and not self.is_expired

    @property
    def standing(self) -> str:
        """In words: valid, expired, revoked, waiting."""
        if self.state == self.State.ISSUED:
            return str(_("expired") if self.is_expired else _("valid"))
        return str(self.get_state_display())
