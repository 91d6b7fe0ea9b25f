"""What was asked for, how far it is, and what came of it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from scenarios.models import Persona, Rubric, Scenario
from scenarios.models.versions import WorkingCopy


class GenerationQuerySet(models.QuerySet["Generation"]):
    def at_work(self) -> GenerationQuerySet:
        return self.filter(state__in=[Generation.State.WAITING, Generation.State.RUNNING])


class Generation(models.Model):
    """One job. Its drafts are rows of their own; `result` keeps what was made as it was made, to be compared with them.

    `is_proposal`: the persona, rubric or scenario was there before; what was made is only offered, field by field.
    """

    class Kind(models.TextChoices):
        PERSONA = "persona", _("persona")
        RUBRIC = "rubric", _("rubric")
        SCENARIO = "scenario", _("scenario with its buyer")
        SET = "set", _("buyer, rubric and scenario")

    class Source(models.TextChoices):
        PROFILE = "profile", _("a few words")
        BUSINESS = "business", _("the business form")
        PLAYBOOK = "playbook", _("a playbook")
        CALL = "call", _("a recorded call")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Step(models.TextChoices):
        READING = "reading", _("reading")
        PERSONA = "persona", _("writing the buyer")
        RUBRIC = "rubric", _("writing the rubric")
        SCENARIO = "scenario", _("writing the scenario")
        CHECKING = "checking", _("checking")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("what is made"), max_length=10, choices=Kind.choices)
    source = models.CharField(_("made from"), max_length=10, choices=Source.choices)
    language = models.CharField(_("language"), max_length=5)
    input: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(_("what was asked for"), default=dict)
    document_name = models.CharField(_("file"), max_length=200, blank=True)
    # A `reading.Playbook`: what statements are cited from.
    playbook: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # May templates take over where no language model answers?
    allow_embedded = models.BooleanField(default=True)

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    step = models.CharField(_("step"), max_length=10, choices=Step.choices, blank=True)
    progress = models.PositiveSmallIntegerField(_("percent"), default=0)
    problem = models.CharField(_("what went wrong"), max_length=40, blank=True)

    # {"persona": values, "rubric": …, "scenario": …, "gatekeeper": …} in the shapes of the API.
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # {"persona": {path: number of the passage; -1: the form}, …}
    sources: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # [{"code", "values"}]: what is to be known besides what the linters say of the drafts.
    remarks: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    made_by = models.CharField(_("made by"), max_length=40, blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    prompt_version = models.CharField(_("prompt"), max_length=40, blank=True)
    cost_usd = models.DecimalField(_("cost (US dollars)"), max_digits=12, decimal_places=6, null=True)

    is_proposal = models.BooleanField(_("proposes changes"), default=False)
    accepted: models.JSONField[list[str], list[str]] = models.JSONField(_("taken over"), default=list)
    persona = models.ForeignKey(
        Persona, on_delete=models.SET_NULL, null=True, related_name="generations", verbose_name=_("persona")
    )
    gatekeeper = models.ForeignKey(Persona, on_delete=models.SET_NULL, null=True, related_name="+")
    rubric = models.ForeignKey(
        Rubric, on_delete=models.SET_NULL, null=True, related_name="generations", verbose_name=_("rubric")
    )
    scenario = models.ForeignKey(
        Scenario, on_delete=models.SET_NULL, null=True, related_name="generations", verbose_name=_("scenario")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("asked for by")
    )
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    # Every step moves it: a job that stands still is sent on.
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name = _("generated draft")
        verbose_name_plural = _("generated drafts")
        ordering: ClassVar = ["-created_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["-created_at"], name="generation_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_source_display()}"

    @property
    def is_finished(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    @property
    def by_templates(self) -> bool:
        return self.made_by == "embedded"

    @property
    def target(self) -> WorkingCopy | None:
        """What changes are proposed for."""
        if not self.is_proposal:
            return None
        return {"persona": self.persona, "rubric": self.rubric, "scenario": self.scenario}.get(self.kind)

    @property
    def drafts(self) -> list[WorkingCopy]:
        """What came of it and is still there."""
        return [item for item in (self.scenario, self.persona, self.gatekeeper, self.rubric) if item is not None]
