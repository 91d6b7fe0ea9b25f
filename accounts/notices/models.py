"""What somebody was told, the mails that go with it, and how each person wants to be told. In the organisation's schema."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown_to(self, user: Any) -> NoticeQuerySet:
        """What stands in this person's list."""
        return self.filter(user_id=user.pk, in_app=True)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def for_digest(self) -> NoticeQuerySet:
        """What waits for a digest and was not read meanwhile."""
        return self.unread().filter(wants_digest=True, digest=None)


class Mail(models.Model):
    """One mail about one notice, or a digest of several. Written with the notice, sent after commit; `key` is sent once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120, unique=True)
    due_at = models.DateTimeField(_("to be sent at"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    # Why it will never be sent: read in the meantime, the person left, the address is dead, tried too often.
    dropped = models.CharField(_("not sent because"), max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None, dropped=""), name="notices_mail_waiting")
        ]

    def __str__(self) -> str:
        return self.key


class Notice(models.Model):
    """Something that one person is told of. The words are made when it is read, in the reader's language."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # Where it leads, within the organisation: "/calls/…/debrief/". Empty: nowhere.
    path = models.CharField(max_length=300, blank=True)
    # The same key is told once; empty: as often as it is said.
    dedupe = models.CharField(max_length=160, blank=True)
    # False where the person wants mail about this only.
    in_app = models.BooleanField(default=True)
    wants_digest = models.BooleanField(default=False)
    mail = models.ForeignKey(Mail, on_delete=models.SET_NULL, null=True, related_name="notices")
    digest = models.ForeignKey(Mail, on_delete=models.SET_NULL, null=True, related_name="digested")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"], condition=Q(in_app=True), name="notices_list"),
            models.Index(fields=["user"], condition=Q(in_app=True, read_at=None), name="notices_unread"),
            models.Index(fields=["user"], condition=Q(wants_digest=True, digest=None), name="notices_for_digest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "dedupe"], condition=~Q(dedupe=""), name="notices_told_once")
        ]

    def __str__(self) -> str:
        return self.kind


class Choice(models.Model):
    """How one person wants to be told of one kind. Without a row the kind's own way holds."""

    class Email(models.TextChoices):
        NOW = "now", _("At once")
        DIGEST = "digest", _("In the digest")
        OFF = "off", _("Never")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    in_app = models.BooleanField()
    email = models.CharField(max_length=10, choices=Email.choices)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "kind"], name="notices_choice_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.email}"


class Rhythm(models.Model):
    """When mail comes: the digest's days and hour, and the hours in which none comes, in the person's own time zone."""

    class Digest(models.TextChoices):
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every Monday")
        NEVER = "never", _("Never")

    HOUR = 8

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=10, choices=Digest.choices, default=Digest.DAILY)
    digest_hour = models.PositiveSmallIntegerField(default=HOUR, validators=[MaxValueValidator(23)])
    quiet_from: models.TimeField[time | None, time | None] = models.TimeField(null=True, blank=True)
    quiet_until: models.TimeField[time | None, time | None] = models.TimeField(null=True, blank=True)
    # Said by the link in a mail: none of these mails any more.
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="notices_quiet_from_and_until",
            )
        ]

    def __str__(self) -> str:
        return str(self.user_id)


class DeadAddress(models.Model):
    """An address to which mail came back, or whose owner called it spam. Nothing is sent there until the person says so."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("mail came back")
        COMPLAINED = "complained", _("reported as spam")

    email = models.EmailField(unique=True)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("address that takes no mail")
        verbose_name_plural = _("addresses that take no mail")

    def __str__(self) -> str:
        return self.email
