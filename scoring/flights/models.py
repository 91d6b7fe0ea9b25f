"""Test flights of scenarios, and the simulated calls that each consists of."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from scenarios.models import Scenario


class TestFlight(models.Model):
    """A scenario as it was when the flight was asked for, tried by simulated trainees.

    `plan` is `plans.Plan` as JSON, so that a flight taken up later flies the same. `findings`: what all runs together show;
    what one run shows stands with the run. `green` is None until it is done.
    """

    __test__ = False  # no test case, whatever its name

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        DONE = "done", _("done")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="flights", verbose_name=_("scenario"))
    revision = models.PositiveIntegerField(_("revision"))
    content_hash = models.CharField(max_length=64)
    plan: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    # The code of what holds up a paused flight, such as "over_budget".
    problem = models.CharField(max_length=60, blank=True)
    total = models.PositiveSmallIntegerField(_("calls"), default=0)
    done = models.PositiveSmallIntegerField(_("done"), default=0)
    green = models.BooleanField(_("may be published"), null=True)
    findings: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("asked for by")
    )
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    # Every call that is finished moves it: a flight that stands still is sent on.
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("test flight")
        verbose_name_plural = _("test flights")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["scenario", "-created_at"], name="flights_newest")]

    def __str__(self) -> str:
        return f"{self.scenario} · {self.done}/{self.total}"

    @property
    def is_finished(self) -> bool:
        return self.state == self.State.DONE

    @property
    def is_paused(self) -> bool:
        return self.state == self.State.PAUSED

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


class FlightRun(models.Model):
    """One simulated call. `turns` as `simulator.turn_to_json` writes them; `result` as `ScoreRun.result`, {} where the caller
    is not scored; `findings` of this call alone."""

    flight = models.ForeignKey(TestFlight, on_delete=models.CASCADE, related_name="runs")
    position = models.PositiveSmallIntegerField()
    trainee = models.CharField(_("trainee"), max_length=40)
    seed = models.PositiveSmallIntegerField(default=0)
    # "model": a language model words what the buyer says; empty for the embedded buyer's own words.
    buyer = models.CharField(max_length=10, blank=True)
    turns: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    state: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    outcome = models.CharField(_("outcome"), max_length=20, blank=True)
    reason = models.CharField(_("how it ended"), max_length=40, blank=True)
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    passed = models.BooleanField(_("passed"), null=True)
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    findings: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flight", "position"], name="flights_run_once"),
        ]

    def __str__(self) -> str:
        return f"{self.trainee} {self.seed}"
