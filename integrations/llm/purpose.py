"""What a request to a language model is for: which call, and whose money. Told once, around all that asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from accounts.people.models import TeamMembership
from tenants.schemas import in_public


@dataclass(frozen=True, slots=True)
class Purpose:
    """`reference`: the caller's own name for what it is about, such as a call's id. `teams`: whose budgets pay, besides the
    organisation's."""

    reference: str = ""
    teams: tuple[UUID, ...] = ()


_current: ContextVar[Purpose | None] = ContextVar("purpose", default=None)


def purpose() -> Purpose:
    return _current.get() or Purpose()


@contextmanager
def on_behalf_of(user_id: UUID | None, *, reference: str = "") -> Iterator[None]:
    """Inside, requests count for this person's teams: those where they are coached, not those that they manage. One query."""
    teams: tuple[UUID, ...] = ()
    if user_id is not None and not in_public():
        seats = TeamMembership.objects.filter(user_id=user_id, is_manager=False)
        teams = tuple(seats.order_by("team_id").values_list("team_id", flat=True))
    token = _current.set(Purpose(reference, teams))
    try:
        yield
    finally:
        _current.reset(token)
