"""What people write beside a call."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models import Call, Turn


class Comment(models.Model):
    """A remark on a call, or on a moment, a turn or a criterion of it. Never changed; its author may take it back."""

    class Visibility(models.TextChoices):
        TRAINEE = "trainee", _("the trainee and managers")
        MANAGERS = "managers", _("managers only")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="comments", verbose_name=_("call"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("author")
    )
    body = models.TextField(_("comment"))
    # Milliseconds of the call's clock.
    at_ms = models.PositiveIntegerField(_("time in the call"), null=True, blank=True)
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    criterion = models.CharField(_("criterion"), max_length=60, blank=True)
    visibility = models.CharField(
        _("who sees it"), max_length=10, choices=Visibility.choices, default=Visibility.TRAINEE
    )
    mentioned = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering: ClassVar = ["created_at"]
        indexes: ClassVar = [models.Index(fields=["call", "created_at"], name="scoring_comment_order")]

    def __str__(self) -> str:
        return f"{self.author}: {self.body[:40]}"
