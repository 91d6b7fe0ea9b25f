"""Calls that an assignment asks for. Who may begin which one is decided above (coaching.learning); here the call is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from calls.errors import CallNotFound
from calls.models import Call
from calls.services import create_from_version
from calls.signals import assigned_call_wanted
from scenarios.models import ScenarioVersion


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a call is to be made on. `pass_mark`: what is asked for instead of the rubric's; `waiting`: the call that was made
    for it already and never begun."""

    version: ScenarioVersion
    assignment_id: UUID
    item_key: str
    pass_mark: int | None = None
    waiting: Call | None = None


@transaction.atomic
def open_assigned(
    *,
    trainee: Any,
    assignment_id: UUID,
    channel: str,
    item_key: str = "",
    scenario_id: UUID | None = None,
) -> Call:
    """The call to enter: the one that was made and never begun, else a new one. Never private: it is what is asked for.

    Raises what the layer above refuses with (locked, no attempts left, nothing of theirs), and `CallNotFound` where no layer
    above knows assignments.
    """
    answers: list[Any] = assigned_call_wanted.send(
        sender=Call, user=trainee, assignment_id=assignment_id, item_key=item_key, scenario_id=scenario_id
    )
    wanted: Wanted | None = next((answer for _receiver, answer in answers if answer is not None), None)
    if wanted is None:
        raise CallNotFound(details={"field": "assignment_id"})
    if wanted.waiting is not None:
        today = {"channel": channel, "pass_mark": wanted.pass_mark}
        if any(getattr(wanted.waiting, name) != value for name, value in today.items()):
            Call.objects.filter(pk=wanted.waiting.pk, status=Call.Status.PENDING).update(**today)
            wanted.waiting.refresh_from_db()
        return wanted.waiting
    call = create_from_version(trainee=trainee, version=wanted.version, channel=channel)
    call.assignment_id, call.assignment_item = wanted.assignment_id, wanted.item_key
    call.pass_mark = wanted.pass_mark
    call.save(update_fields=["assignment", "assignment_item", "pass_mark", "updated_at"])
    return call
