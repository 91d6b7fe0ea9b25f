"""What learning does when something happens below. Receivers only enqueue, or answer whether a call may begin."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.people.models import TeamMembership
from calls.assigned import Wanted
from calls.models import Call
from calls.signals import assigned_call_wanted, call_completed, call_counts_changed
from scenarios.training.signals import assigned, track_published
from scoring.changes import score_changed
from tenants.context import inside
from tenants.schemas import current_schema

from . import tasks
from .attempts import admit


@receiver(assigned_call_wanted, dispatch_uid="learning.admit")
def admit_to_call(sender: Any, *, user: Any, assignment_id: UUID, **kwargs: Any) -> Wanted:
    return admit(
        user=user,
        assignment_id=assignment_id,
        item_key=kwargs.get("item_key", ""),
        scenario_id=kwargs.get("scenario_id"),
    )


@receiver([call_completed, score_changed, call_counts_changed], dispatch_uid="learning.follow_call")
def follow_call(sender: Any, *, schema_name: str, call_id: UUID, **kwargs: Any) -> None:
    with inside(schema_name):
        # Most calls are nobody's assignment, and whoever hangs up waits for each message to the broker.
        if Call.objects.filter(pk=call_id, assignment__isnull=False).exists():
            tasks.send(tasks.follow_call, call_id)


@receiver(assigned, dispatch_uid="learning.follow_assignment")
def follow_assignment(sender: Any, *, schema_name: str, assignment_id: UUID, **kwargs: Any) -> None:
    with inside(schema_name):
        tasks.send(tasks.follow_assignment, assignment_id)


@receiver(track_published, dispatch_uid="learning.follow_track")
def follow_track(sender: Any, *, schema_name: str, track_id: UUID, **kwargs: Any) -> None:
    with inside(schema_name):
        tasks.send(tasks.follow_track, track_id)


@receiver([post_save, post_delete], sender=TeamMembership, dispatch_uid="learning.follow_person")
def follow_person(sender: Any, instance: TeamMembership, **kwargs: Any) -> None:
    """Whoever joins a team is asked what it is asked. Seats are written in several places, so it is the row that tells."""
    transaction.on_commit(partial(_send_person, current_schema(), instance.user_id), robust=True)


def _send_person(schema_name: str, user_id: UUID) -> None:
    with inside(schema_name):
        tasks.send(tasks.follow_person, user_id)
