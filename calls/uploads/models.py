"""Recordings of real calls that somebody uploads, what was heard in them, and the rules that decide what becomes of them."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from scenarios.models import RubricVersion
from scenarios.models.scenarios import Mode
from scenarios.models.versions import Language

FIRST, SECOND, OTHER = "A", "B", "C"
SPEAKERS = (FIRST, SECOND, OTHER)


class CallUploadQuerySet(models.QuerySet["CallUpload"]):
    def at_work(self) -> CallUploadQuerySet:
        """Uploads that a worker has something to do for."""
        return self.filter(status__in=[CallUpload.Status.CHECKING, CallUpload.Status.TRANSCRIBING])

    def shown_to(self, user: Any) -> CallUploadQuerySet:
        """Own uploads, and of others those that are not private. Whose uploads they may see is asked elsewhere."""
        shared = models.Q(private=False) | models.Q(call__submitted_at__isnull=False)
        return self.filter(models.Q(owner=user) | shared)


class CallUpload(models.Model):
    """A recording on its way to becoming a call. Every change of `status` is a conditional update and raises `revision`.

    receiving → checking → transcribing → speakers → done; on the way it may be refused (`problem` says why), ignored by a
    rule, or fail where no speech service answers, from which it can be taken up again.
    """

    class Status(models.TextChoices):
        RECEIVING = "receiving", _("being uploaded")
        CHECKING = "checking", _("being checked")
        TRANSCRIBING = "transcribing", _("being written down")
        SPEAKERS = "speakers", _("waits for you to say who speaks")
        DONE = "done", _("done")
        IGNORED = "ignored", _("not kept")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    class Action(models.TextChoices):
        IGNORE = "ignore", _("do not keep it")
        SAVE = "save", _("keep it without a score")
        SCORE = "score", _("keep and score it")

    # Nothing more happens to these by itself.
    OVER = (Status.DONE, Status.IGNORED, Status.REFUSED, Status.FAILED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160)
    # Whom the owner spoke with, as the owner calls them; may be empty.
    counterpart = models.CharField(max_length=80, blank=True)
    mode = models.CharField(max_length=20, choices=Mode.choices)
    language = models.CharField(max_length=5, choices=Language.choices)
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")
    private = models.BooleanField(default=False)
    # The words that the owner confirmed: that everybody who can be heard was told and agreed.
    consent_text = models.TextField()
    consented_at = models.DateTimeField()

    file_name = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    received_bytes = models.PositiveBigIntegerField(default=0)
    # What its first bytes say that it is (a key of `integrations.speech.decoding.CONTENT_TYPES`).
    kind = models.CharField(max_length=10, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    duration_ms = models.PositiveIntegerField(null=True)
    # `{file_name, size_bytes, sha256, duration_ms}` of the sound as it is kept.
    sound: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # `[[channel, start_ms, end_ms, speaker], …]`: where somebody speaks; channel −1 is all channels together.
    pieces: models.JSONField[list[list[Any]], list[list[Any]]] = models.JSONField(default=list)
    pieces_heard = models.PositiveIntegerField(default=0)
    # How the two speakers were told apart: channels, voices or turns.
    told_apart_by = models.CharField(max_length=10, blank=True)
    # Who is who, speaker → user | assistant | left_out, and why it is suggested so.
    speakers: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    suggested_because = models.CharField(max_length=20, blank=True)

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RECEIVING)
    problem = models.CharField(max_length=30, blank=True)
    details: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    progress = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When a worker was last known to be at it; null while nobody is.
    worked_at = models.DateTimeField(null=True)
    action = models.CharField(max_length=10, choices=Action.choices, blank=True)
    call = models.OneToOneField("calls.Call", on_delete=models.CASCADE, null=True, related_name="upload")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CallUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("uploaded call")
        verbose_name_plural = _("uploaded calls")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at"], name="calls_upload_of_owner"),
            models.Index(fields=["status", "updated_at"], name="calls_upload_status"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="calls_upload_progress_range"),
            models.CheckConstraint(
                condition=models.Q(received_bytes__lte=models.F("size_bytes")), name="calls_upload_not_too_much"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER


class UploadSegment(models.Model):
    """Something that was heard in an upload, before it is a turn of a call. Times in ms from the beginning."""

    upload = models.ForeignKey(CallUpload, on_delete=models.CASCADE, related_name="segments")
    position = models.PositiveIntegerField()
    speaker = models.CharField(max_length=1)
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    text = models.TextField()
    confidence = models.FloatField(null=True)

    class Meta:
        verbose_name = _("piece of an uploaded call")
        verbose_name_plural = _("pieces of uploaded calls")
        ordering: ClassVar = ["start_ms", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upload", "position"], name="calls_upload_segment_once")
        ]

    def __str__(self) -> str:
        return f"{self.speaker}: {self.text[:40]}"


class UploadRule(models.Model):
    """What becomes of uploads that fit all of the conditions; an empty condition fits every upload. The first rule counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    shorter_than_s = models.PositiveIntegerField(_("shorter than (seconds)"), null=True, blank=True)
    longer_than_s = models.PositiveIntegerField(_("longer than (seconds)"), null=True, blank=True)
    mode = models.CharField(_("kind of call"), max_length=20, choices=Mode.choices, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, blank=True)
    team = models.ForeignKey(
        "people.Team", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    action = models.CharField(_("what becomes of it"), max_length=10, choices=CallUpload.Action.choices)

    class Meta:
        verbose_name = _("rule for uploaded calls")
        verbose_name_plural = _("rules for uploaded calls")
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.get_action_display())
