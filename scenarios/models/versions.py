"""The pattern that personas, rubrics and scenarios share.

Authors edit a *working copy* (an ordinary row with its inlines). Publishing freezes its content as JSON in a new *version*
row that never changes again; calls and scores point at versions, so what somebody was scored on stays readable for ever.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    ARCHIVED = "archived", _("archived")


class Language(models.TextChoices):
    ENGLISH = "en", _("English")
    SPANISH = "es", _("Spanish")


class WorkingCopyQuerySet(models.QuerySet[Any]):
    def published(self) -> WorkingCopyQuerySet:
        return self.filter(status=Status.PUBLISHED)

    def usable(self) -> WorkingCopyQuerySet:
        return self.exclude(status=Status.ARCHIVED)

    def of_the_library(self) -> WorkingCopyQuerySet:
        """Without the drafts that people made for themselves; of personas and scenarios."""
        return self.filter(models.Q(made_for_oneself=False) | models.Q(status=Status.PUBLISHED))


class WorkingCopy(models.Model):
    """What an author edits. `revision` counts saves, so that two people cannot overwrite each other unnoticed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ENGLISH)
    is_preset = models.BooleanField(_("came with Parley"), default=False, editable=False)
    preset_key = models.CharField(max_length=80, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    published_revision = models.PositiveIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WorkingCopyQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def has_unpublished_changes(self) -> bool:
        return self.status == Status.PUBLISHED and self.published_revision != self.revision

    def newest_published(self) -> Any:
        """The version in use, or None; no query where the caller prefetched `versions`."""
        versions = self.versions  # type: ignore[attr-defined]
        published = [version for version in versions.all() if version.status == Status.PUBLISHED]
        return max(published, key=lambda version: version.number, default=None)


class VersionImmutable(TypeError):
    """A published version was about to be changed."""


class VersionQuerySet(models.QuerySet[Any]):
    """Guards the way around `Version.save`: rows of versions change in bulk by their status only."""

    def update(self, **changes: Any) -> int:
        if set(changes) - {"status"}:
            raise VersionImmutable("A published version never changes; publish a new one.")
        return super().update(**changes)


class Version(models.Model):
    """Frozen content: written once. Only its status may move from published to archived."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PUBLISHED, editable=False)
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering: ClassVar = ["-number"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding and set(kwargs.get("update_fields") or ["content"]) - {"status"}:
            raise VersionImmutable("A published version never changes; publish a new one.")
        self.content_hash = hash_content(self.content)
        super().save(*args, **kwargs)


def hash_content(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces)."""
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()
