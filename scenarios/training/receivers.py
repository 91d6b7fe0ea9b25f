"""What training does when something happens in a layer below."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from accounts.people.models import Team
from accounts.signals import person_erased, personal_data_requested

from .assigning import withdraw_all
from .models import Assignment


@receiver(personal_data_requested, dispatch_uid="training.export")
def export_assignments(sender: Any, *, user: Any, **kwargs: Any) -> tuple[str, list[dict[str, Any]]]:
    """What was asked of the person, by name or through a team."""
    rows = Assignment.objects.covering(user.pk).select_related("track", "scenario", "team")
    return "assignments", [
        {
            "what": str(row.subject),
            "team": row.team.name if row.team else None,
            "due_on": row.due_on,
            "assigned_at": row.created_at,
        }
        for row in rows
    ]


@receiver(person_erased, dispatch_uid="training.erase")
def erase_assignments(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """What was asked of the person by name goes; a team's assignments are not theirs."""
    Assignment.objects.filter(user=user).delete()


@receiver(pre_delete, sender=Team, dispatch_uid="training.team_goes")
def team_goes(sender: Any, instance: Team, **kwargs: Any) -> None:
    """What was asked of a team that is dissolved is asked no longer."""
    withdraw_all(Assignment.objects.filter(team=instance))
