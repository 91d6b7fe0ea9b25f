"""What the last package brought, the keys by which packages are signed and believed, and packages that wait for a yes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportedItem(models.Model):
    """One item as the last package had it: what a later import is compared with, to tell who changed what since."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    language = models.CharField(max_length=5, blank=True)
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    imported_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "key", "language"], name="exchange_imported_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.language})"


class SigningKey(models.Model):
    """The organisation's own Ed25519 key; one row. `secret` is encrypted at rest."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    public = models.CharField(max_length=44)  # base64 of 32 bytes
    secret = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="exchange_one_signing_key")]

    def __str__(self) -> str:
        return self.public


class TrustedKey(models.Model):
    """Somebody whose packages this organisation believes to be theirs."""

    name = models.CharField(_("name"), max_length=120, help_text=_("Whose key it is."))
    public = models.CharField(_("public key"), max_length=44, unique=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("trusted key")
        verbose_name_plural = _("trusted keys")
        ordering: ClassVar = ["name", "public"]

    def __str__(self) -> str:
        return self.name


class StagedPackage(models.Model):
    """A package between the page that says what it would do and the answer to it: nothing else is written than was shown.

    `source`: the organisation whose files it names, where it came from one. `target`: where it is to go, if not here. It is
    its maker's alone, and gone after a day.
    """

    LIFETIME = timedelta(days=1)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    stored_as = models.CharField(max_length=200)
    source = models.CharField(max_length=80, blank=True)  # slugs: an organisation may be gone tomorrow
    target = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return str(self.pk)
