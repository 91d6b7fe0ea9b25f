"""A score that changed may be the outcome of an experiment's call."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from scenarios.experiments.models import Experiment, Exposure
from scoring.changes import score_changed
from tenants.context import inside

from . import tasks


@receiver(score_changed, dispatch_uid="scoring.experiments.measure_scored_call")
def measure_scored_call(sender: Any, *, schema_name: str, call_id: UUID, **kwargs: Any) -> None:
    with inside(schema_name):
        running = Exposure.objects.filter(call_id=call_id, experiment__state=Experiment.State.RUNNING)
        if running.exists():
            tasks.measure.delay(str(call_id))
