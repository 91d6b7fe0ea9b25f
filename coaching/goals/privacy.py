"""What goals do when somebody wants their data, or wants it gone."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.signals import person_erased, personal_data_requested

from .models import Goal, GoalEntry, Medal, PracticeDays
from .services import rests_at_weekends

OWN = ("id", "kind", "state", "title", "reason", "criterion", "unit", "start", "target", "due", "shared", "created_at")


@receiver(personal_data_requested, dispatch_uid="goals.export")
def export_goals(sender: Any, *, user: Any, **kwargs: Any) -> tuple[str, dict[str, Any]]:
    """Goals with their entries, medals, and how days are counted."""
    return "goals", {
        "goals": list(Goal.objects.of(user.pk).values(*OWN)),
        "entries": list(GoalEntry.objects.filter(goal__owner=user).values("goal_id", "on", "value", "note")),
        "medals": list(Medal.objects.filter(user=user).values("kind", "criterion", "call_id", "earned_at")),
        "weekends_off": rests_at_weekends(user_id=user.pk),
    }


@receiver(person_erased, dispatch_uid="goals.erase")
def erase_goals(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """The person's own go. What he or she proposed to others stays theirs, without the name."""
    Goal.objects.of(user.pk).delete()
    Goal.objects.filter(proposed_by=user).update(proposed_by=None)
    Medal.objects.filter(user=user).delete()
    PracticeDays.objects.filter(user=user).delete()
