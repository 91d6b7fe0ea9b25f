"""What is asked of somebody, as the home page shows it: the most pressing first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from coaching.learning.services import DONE, LOCKED, OVERDUE, Todo, todo_for

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Agenda:
    """`waiting`: what can be done now, overdue before due, the earliest date first; `locked` opens after others."""

    waiting: tuple[Todo, ...] = ()
    locked: int = 0
    done: int = 0

    @property
    def any(self) -> bool:
        """Was anything ever asked?"""
        return bool(self.waiting or self.locked or self.done)

    @property
    def first(self) -> Todo | None:
        """What to do next. What only waits for its score is nothing to do."""
        return next((todo for todo in self.waiting if not todo.reason), None)

    @property
    def shown(self) -> tuple[Todo, ...]:
        return self.waiting[:MOST_SHOWN]

    @property
    def more(self) -> int:
        return max(len(self.waiting) - MOST_SHOWN, 0)


def agenda_of(user: Any) -> Agenda:
    """In as many queries as `todo_for` takes, whatever is asked."""
    return arranged(todo_for(user))


def arranged(todos: Sequence[Todo]) -> Agenda:
    """What waits keeps its order where dates are the same: a course is done from its beginning."""
    waiting = [todo for todo in todos if todo.state not in {DONE, LOCKED}]
    waiting.sort(key=lambda todo: (todo.state != OVERDUE, todo.due or date.max))
    return Agenda(
        waiting=tuple(waiting),
        locked=sum(todo.state == LOCKED for todo in todos),
        done=sum(todo.state == DONE for todo in todos),
    )
