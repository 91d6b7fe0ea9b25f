"""May this person begin a call of an assignment now? Asked before the call is made, with the person's rounds held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from calls.assigned import Wanted
from calls.models import Call
from scenarios.models import ScenarioVersion
from scenarios.training.assigning import AssignmentNotFound
from scenarios.training.items import Item, unmet
from scenarios.training.models import Assignment
from tenants.errors import Conflict, InvalidInput

from .enrolling import hold, reconcile, subject_of
from .models import Enrolment, ItemProgress
from .progress import calls_of, passed_keys, waits_for


class ItemLocked(Conflict):
    code = "ITEM_LOCKED"
    default_message = gettext_lazy("This opens later.")


class AttemptsUsed(Conflict):
    code = "ATTEMPTS_USED"
    default_message = gettext_lazy("All attempts are used.")


def enrolment_of(*, user: Any, assignment_id: UUID) -> Enrolment:
    """The present round of what an assignment asks of this person; begun now where nobody has noticed it yet.

    Raises `AssignmentNotFound`, for what is not there and for what is asked of others.
    """
    assignment = Assignment.objects.filter(pk=assignment_id).first()
    if assignment is None:
        raise AssignmentNotFound
    kind, pk = subject_of(assignment)
    rows = Enrolment.objects.with_content().live().filter(user=user, **{f"{kind}_id": pk})
    found = rows.first()
    if found is None and Assignment.objects.active().covering(user.pk).filter(pk=assignment_id).exists():
        reconcile(user_id=user.pk)
        found = rows.first()
    if found is None:
        raise AssignmentNotFound
    return found


@transaction.atomic
def admit(*, user: Any, assignment_id: UUID, item_key: str = "", scenario_id: UUID | None = None) -> Wanted:
    """What a call of this assignment is made on. Named by the item, else by the scenario, else the first call that is open.

    Raises `AssignmentNotFound`, `InvalidInput` for an item that is no call of it, `ItemLocked` and `AttemptsUsed`.
    """
    hold(user.pk)
    enrolment = enrolment_of(user=user, assignment_id=assignment_id)
    rows = {row.item_key: row for row in enrolment.progress_rows.all()}
    item = _chosen(enrolment, rows, item_key=item_key, scenario_id=scenario_id)
    refuse_locked(enrolment, item, rows)
    mine = calls_of(enrolment).filter(assignment_item=item.key)
    waiting = mine.filter(status=Call.Status.PENDING, private=False, forked_at_seq__isnull=True).first()
    if waiting is None:
        refuse_used_up(enrolment, item, used=_used(mine))
    version = ScenarioVersion.objects.get(pk=item.scenario_version_id)
    assert enrolment.assignment_id is not None
    return Wanted(
        version=version,
        assignment_id=enrolment.assignment_id,
        item_key=item.key,
        pass_mark=item.pass_mark,
        waiting=waiting,
    )


def _used(calls: Any) -> int:
    """Attempts as they are counted, and the one that goes on right now."""
    return int(calls.counting().count() + calls.filter(status=Call.Status.IN_PROGRESS, forked_at_seq=None).count())


def _chosen(enrolment: Enrolment, rows: dict[str, ItemProgress], *, item_key: str, scenario_id: UUID | None) -> Item:
    calls = [item for item in enrolment.items if item.kind == "scenario"]
    if item_key:
        calls = [item for item in calls if item.key == item_key]
    if scenario_id is not None:
        calls = [item for item in calls if item.scenario_id == scenario_id]
    if not calls:
        issue = _("This assignment asks for no such call.")
        raise InvalidInput(issue, details={"field": "assignment_item" if item_key else "scenario_id", "issue": issue})
    done = passed_keys(rows.values())
    todo = [item for item in calls if item.key not in done]
    return next((item for item in todo if not unmet(item, enrolment.items, done)), (todo or calls)[0])


def refuse_locked(enrolment: Enrolment, item: Item, rows: dict[str, ItemProgress]) -> None:
    """Raises `ItemLocked` with the reason."""
    if reason := lock_reason(item, enrolment.items, rows, waits_for([enrolment]).get(enrolment.pk, "")):
        raise ItemLocked(reason, details={"item": item.key})


def lock_reason(item: Item, items: Sequence[Item], rows: dict[str, ItemProgress], first: str = "") -> str:
    """Why an item is not open yet, as a sentence; empty where it is. `first`: the track that comes before this one."""
    if first:
        return _("Opens when you have completed “%(track)s”.") % {"track": first}
    missing = unmet(item, items, passed_keys(rows.values()))
    if not missing:
        return ""
    named = {"item": missing[-1].title}
    row = rows.get(missing[-1].key)
    if row is not None and row.state == ItemProgress.State.WAITING:
        return _("Opens when the score of “%(item)s” is there and passes.") % named
    return _("Opens when you have passed “%(item)s”.") % named


def refuse_used_up(enrolment: Enrolment, item: Item, *, used: int) -> None:
    """Raises `AttemptsUsed`."""
    limit = enrolment.limit_of(item)
    if limit is not None and used >= limit:
        raise AttemptsUsed(used_up(item, limit), details={"item": item.key, "attempts": used, "limit": limit})


def used_up(item: Item, limit: int) -> str:
    message = ngettext(
        "You have used the only attempt at “%(item)s”. Ask who coaches you for another one.",
        "You have used all %(limit)d attempts at “%(item)s”. Ask who coaches you for another one.",
        limit,
    )
    return message % {"limit": limit, "item": item.title}
