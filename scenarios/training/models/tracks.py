"""What is to be learned, in which order: calls, reading and knowledge checks, grouped in modules."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scenarios.models import Scenario
from scenarios.models.versions import Version, WorkingCopy

from .keys import Keyed

CHECK_PASS_MARK = 80  # of a knowledge check that names none
MOST_ATTEMPTS = 50


class Track(Keyed, WorkingCopy):
    """Items in an order, one after the other or as they name each other."""

    in_order = models.BooleanField(
        _("one after the other"),
        default=True,
        help_text=_("Each item opens when the one before it is passed. Off: only what an item names is needed."),
    )
    certificate = models.BooleanField(
        _("gives a certificate"), default=True, help_text=_("Issued when every item is passed.")
    )
    valid_months = models.PositiveSmallIntegerField(
        _("certificate valid for (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("Empty: it does not expire."),
    )

    class Meta:
        verbose_name = pgettext_lazy("training", "track")
        verbose_name_plural = _("tracks")
        ordering: ClassVar = ["title"]

    @property
    def published_version(self) -> TrackVersion | None:
        return self.newest_published()


class TrackItem(models.Model):
    """One step of a track. Which fields mean something depends on its kind."""

    class Kind(models.TextChoices):
        SCENARIO = "scenario", _("call")
        READING = "reading", _("reading")
        CHECK = "check", _("knowledge check")

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.SlugField(_("key"), max_length=60)
    module = models.CharField(
        _("module"), max_length=120, blank=True, help_text=_("Items of the same module stand together.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.SCENARIO)
    title = models.CharField(_("title"), max_length=160, blank=True, help_text=_("Empty: the scenario's."))
    scenario = models.ForeignKey(
        Scenario,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="track_items",
        verbose_name=_("scenario"),
    )
    text = models.TextField(_("text"), blank=True, help_text=_("Markdown: headings, lists, links, tables."))
    # `[{kind, text, options: [{text, right}], explanation}]`; see scenarios.training.questions.
    questions: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        _("questions"), default=list, blank=True
    )
    requires: models.JSONField[list[str], list[str]] = models.JSONField(
        _("opens after"),
        default=list,
        blank=True,
        help_text=_("Keys of items of this track that must be passed before."),
    )
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=_("Empty: the rubric's; for a knowledge check 80."),
    )
    attempt_limit = models.PositiveSmallIntegerField(
        _("attempts"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_ATTEMPTS)],
        help_text=_("Empty: as many as needed."),
    )

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["track", "key"], name="training_item_key_once"),
            models.CheckConstraint(
                condition=models.Q(pass_mark__isnull=True) | models.Q(pass_mark__lte=100),
                name="training_item_pass_mark_range",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["scenario", "reading", "check"]), name="training_item_known_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.shown_title

    @property
    def shown_title(self) -> str:
        return self.title or (self.scenario.title if self.scenario else "") or self.get_kind_display()

    def get_inline_title(self) -> str:
        """What the admin writes above the folded form."""
        return f"{self.get_kind_display()}: {self.shown_title}"


class TrackFile(models.Model):
    """A file that goes with the reading of a track. Versions name it by id, so it is withdrawn, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="files")
    item_key = models.SlugField(
        _("goes with"),
        max_length=60,
        blank=True,
        help_text=_("The key of a reading; empty: every reading of the track."),
    )
    name = models.CharField(_("name"), max_length=160)
    file_name = models.CharField(max_length=200, editable=False)
    content_type = models.CharField(max_length=100, editable=False)
    size_bytes = models.PositiveBigIntegerField(editable=False, default=0)
    sha256 = models.CharField(max_length=64, editable=False)
    withdrawn = models.BooleanField(_("no longer offered"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering: ClassVar = ["name", "created_at"]

    def __str__(self) -> str:
        return self.name


class TrackVersion(Version):
    """A published track: `content` = {key, title, summary, language, in_order, certificate, valid_months, items: [Item]};
    see `scenarios.training.items.Item`. A call of it pins the scenario's version."""

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="versions")

    class Meta(Version.Meta):
        verbose_name = _("track version")
        verbose_name_plural = _("track versions")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["track", "number"], name="training_track_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.content.get('title', '')} v{self.number}"
