"""Archives of a whole organisation."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TakeOut(models.Model):
    """A ZIP file with an organisation's content, people and calls; it is there for a week. One is made at a time."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("being made")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")

    LIFETIME = timedelta(days=7)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PENDING, editable=False
    )
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, editable=False)  # percent
    file_name = models.CharField(max_length=200, blank=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(_("size"), default=0, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    worked_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(_("there until"), null=True, editable=False)

    class Meta:
        verbose_name = _("take-out")
        verbose_name_plural = _("take-outs")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(status__in=["pending", "running"]),
                name="takeout_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_there(self) -> bool:
        """Can it be fetched?"""
        return self.status == self.Status.DONE and self.expires_at is not None and self.expires_at > timezone.now()
