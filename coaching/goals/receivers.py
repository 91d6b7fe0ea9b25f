"""What goals do when a call's score changes, or when it begins or ceases to count. Receivers only enqueue."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from calls.signals import call_counts_changed, call_submitted
from scoring.changes import score_changed
from tenants.context import inside

from . import tasks


@receiver(score_changed, dispatch_uid="goals.refresh_medals_of_score")
@receiver(call_submitted, dispatch_uid="goals.refresh_medals_of_submitted")
@receiver(call_counts_changed, dispatch_uid="goals.refresh_medals_of_counting")
def refresh_medals(sender: Any, *, schema_name: str, call_id: UUID, **kwargs: Any) -> None:
    with inside(schema_name):
        tasks.refresh_medals.delay(str(call_id))
