"""What operators keep of the judges: prompt versions and the trials that judges went through."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from scoring.prompts.rendering import Prompt


class Track(models.TextChoices):
    QUICK = "quick", _("quick score")
    DEEP = "deep", _("debrief")


class PromptVersion(models.Model):
    """One wording of a judge's prompt. Its texts never change once it is reviewed (the database refuses it)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        REVIEWED = "reviewed", _("reviewed")
        ACTIVE = "active", _("active")
        RETIRED = "retired", _("retired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.SlugField(_("version"), max_length=40, unique=True)
    track = models.CharField(_("used for"), max_length=10, choices=Track.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    system = models.TextField(_("system text"))
    user = models.TextField(_("text for each call"))
    why = models.TextField(_("what is different, and why"))
    hash = models.CharField(_("hash"), max_length=64)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("written by"),
        help_text=_("Empty: it came with the software."),
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("reviewed by")
    )
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("activated by")
    )
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    activated_at = models.DateTimeField(_("activated"), null=True)

    class Meta:
        verbose_name = _("prompt version")
        verbose_name_plural = _("prompt versions")
        ordering: ClassVar = ["track", "-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["track"], condition=models.Q(state="active"), name="prompts_one_active_for_each_track"
            )
        ]

    def __str__(self) -> str:
        return self.version

    def prompt(self) -> Prompt:
        return Prompt(self.version, self.system, self.user)


class Trial(models.Model):
    """One judge, with one prompt, on the whole corpus of attacks, honest variants and pairs (`scoring.gates`).

    `scores` grows while it runs ({probe: 0–100}); `report` and `green` are there at its end. `prompt` is None for the
    embedded judge, which has none.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    UNDER_WAY = (State.WAITING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    prompt = models.ForeignKey(
        PromptVersion, on_delete=models.CASCADE, null=True, related_name="trials", verbose_name=_("prompt version")
    )
    track = models.CharField(_("used for"), max_length=10, choices=Track.choices)
    judge = models.CharField(_("judge"), max_length=40)
    model = models.CharField(_("model"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    scores = models.JSONField(_("scores"), default=dict)
    total = models.PositiveIntegerField(_("cases"))
    report = models.JSONField(_("report"), null=True)
    green = models.BooleanField(_("passed"), null=True)
    corpus_hash = models.CharField(_("hash of the corpus"), max_length=64)
    error = models.TextField(_("what went wrong"), blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("started by")
    )
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    worked_at = models.DateTimeField(_("last worked on"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("trial of a judge")
        verbose_name_plural = _("trials of judges")
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.judge} {self.prompt.version if self.prompt else ''}".strip()
