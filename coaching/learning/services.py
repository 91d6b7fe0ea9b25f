"""What somebody has to do, for their home, and what they have earned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from scenarios.training.calendars import today
from scenarios.training.items import Item

from .attempts import lock_reason, used_up
from .models import Certificate, Enrolment, ItemProgress
from .progress import mark_needed, waits_for

LOCKED, READY, OVERDUE, DONE = "locked", "ready", "overdue", "done"


@dataclass(frozen=True, slots=True)
class Todo:
    """One item of one assignment. `state`: locked, ready, overdue or done; `reason` says why it is locked, or what it waits
    for. `url` is where it is done, or where it is explained. `course` is the track, empty for a scenario that was assigned
    by itself."""

    assignment: UUID
    item: str
    title: str
    kind: str
    url: str
    due: date | None
    state: str
    reason: str
    module: str = ""
    course: str = ""
    language: str = ""
    attempts: int = 0
    limit: int | None = None
    best_score: int | None = None
    pass_mark: int | None = None
    call_id: UUID | None = None

    @property
    def attempts_left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.attempts)


@dataclass(frozen=True, slots=True)
class Round:
    """One enrolment with its items, as its page and the lists show it. `after`: the track of its program that has to be
    completed first, "" where it is open."""

    enrolment: Enrolment
    todos: tuple[Todo, ...]
    after: str = ""

    @property
    def is_overdue(self) -> bool:
        return any(todo.state == OVERDUE for todo in self.todos)

    @property
    def done(self) -> int:
        return sum(todo.state == DONE for todo in self.todos)

    @property
    def next(self) -> Todo | None:
        return next((todo for todo in self.todos if todo.state in {READY, OVERDUE}), None)


def rounds_of(user: Any) -> list[Round]:
    """The present rounds of a person: what is due first comes first, what is completed last. Four queries."""
    rows = Enrolment.objects.live().with_content().filter(user=user).prefetch_related("progress_rows")
    enrolments = [row for row in rows if row.assignment_id is not None]
    first = waits_for(enrolments)
    day = today()
    found = [_round(row, first.get(row.pk, ""), day) for row in enrolments]
    return sorted(
        found,
        key=lambda one: (
            one.enrolment.state == Enrolment.State.COMPLETED,
            one.enrolment.pk in first,
            one.enrolment.due_on or date.max,
            one.enrolment.opened_at,
        ),
    )


def round_of(enrolment: Enrolment) -> Round:
    """One enrolment with its items."""
    return _round(enrolment, waits_for([enrolment]).get(enrolment.pk, ""), today())


def todo_for(user: Any) -> list[Todo]:
    """Every item that is asked of this person, in the order in which it is to be done; those that are done, too."""
    return [todo for one in rounds_of(user) for todo in one.todos]


def certificates_of(user: Any) -> list[Certificate]:
    """The certificates somebody holds or waits for, newest first; revoked ones, too."""
    return list(Certificate.objects.filter(user=user).select_related("track_version").order_by("-created_at"))


def _round(enrolment: Enrolment, first: str, day: date) -> Round:
    after = first if enrolment.state == Enrolment.State.OPEN else ""
    return Round(enrolment, tuple(_todos(enrolment, first, day)), after)


def _todos(enrolment: Enrolment, first: str, day: date) -> Sequence[Todo]:
    rows = {row.item_key: row for row in enrolment.progress_rows.all()}
    items = enrolment.items
    late = enrolment.due_on is not None and enrolment.due_on < day
    return [_todo(enrolment, item, items, rows, first=first, late=late) for item in items]


def _todo(
    enrolment: Enrolment,
    item: Item,
    items: tuple[Item, ...],
    rows: dict[str, ItemProgress],
    *,
    first: str,
    late: bool,
) -> Todo:
    row = rows.get(item.key) or ItemProgress(item_key=item.key)
    limit = None if item.kind == "reading" else enrolment.limit_of(item)
    state, reason = OVERDUE if late else READY, ""
    if row.state == ItemProgress.State.PASSED:
        state = DONE
    elif locked := lock_reason(item, items, rows, first):
        state, reason = LOCKED, locked
    elif limit is not None and row.attempts >= limit and row.state != ItemProgress.State.WAITING:
        state, reason = LOCKED, used_up(item, limit)
    elif row.state == ItemProgress.State.WAITING:
        reason = str(ItemProgress.State.WAITING.label)
    assert enrolment.assignment_id is not None
    return Todo(
        assignment=enrolment.assignment_id,
        item=item.key,
        title=item.title,
        kind=item.kind,
        url=reverse("learning:item", urlconf=settings.ORG_URLCONF, args=[enrolment.assignment_id, item.key]),
        due=enrolment.due_on,
        state=state,
        reason=reason,
        module=item.module,
        course=enrolment.title if enrolment.track_version else "",
        language=enrolment.language,
        attempts=row.attempts,
        limit=limit,
        best_score=row.best_score,
        pass_mark=mark_needed(item) if item.kind == "check" else item.pass_mark,
        call_id=row.call_id,
    )
