"""What a call is scored on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from scenarios.briefs import RubricSpec
from tenants.context import current_organization
from tenants.schemas import in_public

from .versions import Version, WorkingCopy


def usual_pass_mark() -> int:
    """What a new rubric begins with: the organisation's own mark."""
    return 70 if in_public() else current_organization().pass_mark


class Rubric(WorkingCopy):
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark"), default=usual_pass_mark, validators=[MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("rubric")
        verbose_name_plural = _("rubrics")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pass_mark__lte=100), name="scenarios_rubric_pass_mark_range")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def published_version(self) -> RubricVersion | None:
        return self.newest_published()


class Criterion(models.Model):
    """One thing that is looked for. Weights of a rubric add up to 100 when it is published."""

    class Kind(models.TextChoices):
        RATED = "rated", _("rated 0–100")
        BINARY = "binary", _("yes or no")
        COMPOUND = "compound", _("several parts")
        GROUNDED = "grounded", _("agrees with a document")
        BLOCKER = "blocker", _("must not fail")

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.SlugField(_("key"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    definition = models.TextField(_("what is looked for"))
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=20, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.RATED)
    anchors: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        _("anchors"), default=dict, blank=True, help_text=_("Score → what a call of that score sounds like.")
    )
    signals: models.JSONField[list[str], list[str]] = models.JSONField(_("signals"), default=list, blank=True)
    # `[{key, text, signals}]` of a compound criterion.
    parts: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        _("parts"), default=list, blank=True
    )
    source = models.TextField(_("the document"), blank=True)
    partial = models.PositiveSmallIntegerField(_("points when half met"), default=0, validators=[MaxValueValidator(99)])
    must_come_up = models.BooleanField(_("must come up in every call"), default=False)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rubric", "key"], name="scenarios_criterion_key_once"),
            models.CheckConstraint(condition=models.Q(weight__lte=100), name="scenarios_criterion_weight_range"),
            models.CheckConstraint(condition=models.Q(partial__lte=99), name="scenarios_criterion_partial_range"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_inline_title(self) -> str:
        """What the admin writes above the folded form."""
        return f"{self.name} – {self.weight}"


class RubricVersion(Version):
    """A published rubric; `content` is a `RubricSpec` as JSON."""

    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="versions")

    class Meta(Version.Meta):
        verbose_name = _("rubric version")
        verbose_name_plural = _("rubric versions")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["rubric", "number"], name="scenarios_rubric_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.content.get('name', '')} v{self.number}"

    def spec(self) -> RubricSpec:
        return RubricSpec.from_json(self.content)
