"""What goals do when a call's score changes, or when it begins or ceases to count. Receivers only enqueue."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django_tenants.utils import schema_context

from calls.signals import call_counts_changed, call_submitted
from scoring.changes import score_changed

from . import tasks


@receiver(score_changed, dispatch_uid="goals.refresh_medals_of_score")
@receiver(call_submitted, dispatch_uid="goals.refresh_medals_of_submitted")
@receiver(call_counts_changed, dispatch_uid="goals.refresh_medals_of_counting")
def refresh_medals(sender: Any, *, schema_name: str, call_id: UUID, **kwargs: Any) -> None:
    with schema_context(schema_name):
        tasks.refresh_medals.delay(str(call_id))
