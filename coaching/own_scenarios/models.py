"""Whose scenario it is, what it was made from, and what became of it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scenarios.models import Scenario, ScenarioVersion


class OwnScenarioQuerySet(models.QuerySet["OwnScenario"]):
    def of(self, user: Any) -> OwnScenarioQuerySet:
        """What this person made and did not take away."""
        return self.filter(owner=user, removed_at__isnull=True)

    def to_adopt(self) -> OwnScenarioQuerySet:
        """What authors may take into the library."""
        return self.filter(adopted_at__isnull=True, removed_at__isnull=True)


class OwnScenario(models.Model):
    """A scenario that somebody made for themselves. Nobody reviewed it.

    `version` is what is practised on: frozen like a published one, but archived from the start, so that no list of the
    library ever shows it. The working copy stays a draft until an author takes it into the library and publishes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    scenario = models.OneToOneField(Scenario, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(ScenarioVersion, on_delete=models.PROTECT, related_name="+")
    # What the person typed: {business, branding, …} as `scenarios.generation` takes it.
    wish: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # Written from templates, without a language model.
    by_templates = models.BooleanField(default=False)
    # Where buyer, business and branding do not fit together, in the words of the day it was made.
    notes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    adopted_at = models.DateTimeField(null=True, blank=True)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = OwnScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("scenario somebody made")
        verbose_name_plural = _("scenarios people made")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at"], condition=Q(removed_at=None), name="own_scenarios_of_person")
        ]

    def __str__(self) -> str:
        return str(self.version.content["title"])
