"""What happens to scenarios of one's own when somebody wants their data, or wants it gone."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.signals import person_erased, personal_data_requested

from .models import OwnScenario
from .services import put_aside


@receiver(personal_data_requested, dispatch_uid="own_scenarios.export")
def export_own(sender: Any, *, user: Any, **kwargs: Any) -> tuple[str, list[dict[str, Any]]]:
    """What the person typed, and what was made of it as far as a trainee may know it."""
    rows = OwnScenario.objects.filter(owner=user).select_related("version")
    told = ("title", "summary", "trainee_brief", "product", "goal", "next_step")
    return "own_scenarios", [
        {
            "id": own.pk,
            "typed": own.wish,
            "scenario": {name: own.version.content[name] for name in told},
            "created_at": own.created_at,
            "adopted_at": own.adopted_at,
        }
        for own in rows
    ]


@receiver(person_erased, dispatch_uid="own_scenarios.erase")
def erase_own(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """What nobody adopted is put aside; what is in the library stays, without the name and what was typed."""
    for own in OwnScenario.objects.filter(owner=user).select_related("scenario__persona"):
        if own.adopted_at is None:
            put_aside(own.scenario)
    OwnScenario.objects.filter(owner=user).delete()
