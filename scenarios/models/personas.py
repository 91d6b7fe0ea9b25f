"""The buyers that trainees talk to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .versions import Version, WorkingCopy


class Personality(models.TextChoices):
    SKEPTICAL = "skeptical", _("skeptical")
    BUSY = "busy", _("busy")
    FRIENDLY = "friendly", _("friendly")
    TECHNICAL = "technical", _("technical")
    HOSTILE = "hostile", _("hostile")


class Difficulty(models.TextChoices):
    EASY = "easy", _("easy")
    MEDIUM = "medium", _("medium")
    HARD = "hard", _("hard")


class Persona(WorkingCopy):
    """A buyer: who they are, what they say against buying, and what really hurts."""

    # Somebody's own, until an author takes it into the library; it stands apart from what authors work on.
    made_for_oneself = models.BooleanField(default=False, editable=False)
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("job title"), max_length=120)
    company = models.CharField(_("company"), max_length=120)
    industry = models.CharField(_("industry"), max_length=120)
    personality = models.CharField(_("personality"), max_length=20, choices=Personality.choices)
    difficulty = models.CharField(_("difficulty"), max_length=10, choices=Difficulty.choices, default=Difficulty.MEDIUM)
    gender = models.CharField(
        _("grammatical gender"), max_length=1, blank=True, help_text=_("f or m; used for wording.")
    )
    backstory = models.TextField(
        _("backstory"), help_text=_("What the buyer knows about themselves. Trainees never see it.")
    )
    facts: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        _("facts"),
        default=dict,
        blank=True,
        help_text=_("Topic → what the buyer answers when asked, e.g. {“team size”: “We are forty people.”}"),
    )
    voice_id = models.CharField(_("voice"), max_length=60, blank=True)
    system_prompt = models.TextField(_("extra instructions for AI models"), blank=True)
    first_message = models.CharField(_("first words"), max_length=300, blank=True)
    competitor = models.CharField(_("supplier they use today"), max_length=120, blank=True)
    provider_assistant_ids: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        _("assistants configured at a voice vendor"), default=dict, blank=True
    )

    class Meta:
        verbose_name = _("persona")
        verbose_name_plural = _("personas")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(difficulty__in=Difficulty.values), name="scenarios_persona_known_difficulty"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.role}" if self.role else self.name

    @property
    def published_version(self) -> PersonaVersion | None:
        return self.newest_published()


class Objection(models.Model):
    """Something the buyer says against buying, and what settles or hardens it."""

    class Kind(models.TextChoices):
        PRICE = "price", _("price")
        TIMING = "timing", _("timing")
        AUTHORITY = "authority", _("authority")
        NEED = "need", _("need")
        TRUST = "trust", _("trust")
        COMPETITOR = "competitor", _("competitor")
        STATUS_QUO = "status_quo", _("status quo")
        FEATURES = "features", _("features")

    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="objections")
    key = models.SlugField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    text = models.TextField(_("what the buyer says"))
    concern = models.TextField(_("the real concern behind it"))
    resolve_hints: models.JSONField[list[str], list[str]] = models.JSONField(_("what settles it"), default=list)
    harden_hints: models.JSONField[list[str], list[str]] = models.JSONField(
        _("what makes it worse"), default=list, blank=True
    )
    resolved_text = models.TextField(_("what the buyer says when it is settled"), blank=True)
    hardened_text = models.TextField(_("what the buyer says when it got worse"), blank=True)
    required = models.PositiveSmallIntegerField(_("good answers needed"), default=1)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["persona", "key"], name="scenarios_objection_key_once")
        ]

    def __str__(self) -> str:
        return self.text[:60]

    def get_inline_title(self) -> str:
        """What the admin writes above the folded form."""
        return self.text


class HiddenPain(models.Model):
    """What really hurts; told only to somebody who asks the right question."""

    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="hidden_pains")
    key = models.SlugField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    pain = models.TextField(_("the pain"))
    reveal_hints: models.JSONField[list[str], list[str]] = models.JSONField(_("questions that earn it"), default=list)
    reveal_text = models.TextField(_("how the buyer tells it"))
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)

    class Meta:
        verbose_name = _("hidden pain")
        verbose_name_plural = _("hidden pains")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["persona", "key"], name="scenarios_hidden_pain_key_once")
        ]

    def __str__(self) -> str:
        return self.pain[:60]

    def get_inline_title(self) -> str:
        return self.pain


class PersonaVersion(Version):
    """A published persona; `content` is what `scenarios.briefs` reads."""

    persona = models.ForeignKey(Persona, on_delete=models.PROTECT, related_name="versions")

    class Meta(Version.Meta):
        verbose_name = _("persona version")
        verbose_name_plural = _("persona versions")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["persona", "number"], name="scenarios_persona_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.content.get('name', '')} v{self.number}"
