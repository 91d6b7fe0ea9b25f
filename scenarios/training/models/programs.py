"""Tracks one after the other."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scenarios.models.versions import Version, WorkingCopy

from .keys import Keyed
from .tracks import Track


class Program(Keyed, WorkingCopy):
    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering: ClassVar = ["title"]

    @property
    def published_version(self) -> ProgramVersion | None:
        return self.newest_published()


class ProgramTrack(models.Model):
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="tracks")
    track = models.ForeignKey(
        Track, on_delete=models.PROTECT, related_name="program_tracks", verbose_name=pgettext_lazy("training", "track")
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = pgettext_lazy("training", "track")
        verbose_name_plural = _("tracks")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "track"], name="training_program_track_once")
        ]

    def __str__(self) -> str:
        return str(self.track)

    def get_inline_title(self) -> str:
        return str(self.track)


class ProgramVersion(Version):
    """A published program: `content` = {key, title, summary, language, tracks: [{id, key, title}]}. Whoever begins a track of
    it begins the track's version of that day."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="versions")

    class Meta(Version.Meta):
        verbose_name = _("program version")
        verbose_name_plural = _("program versions")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["program", "number"], name="training_program_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.content.get('title', '')} v{self.number}"
