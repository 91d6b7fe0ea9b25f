"""Listening in on a call that is being held: who may, who does, and that its trainee always knows.

An observer is a row from the moment of joining; the trainee is told by a `presence` event, and the audit trail keeps it.
A row whose socket is gone without a word lapses (`lapse`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.memberships import role_of
from accounts.models import Membership
from accounts.people import audit
from accounts.roles import Action, allows
from calls import events
from calls.errors import CallNotFound
from calls.models import Call, Observer
from calls.services import get_visible
from tenants.context import current_organization
from tenants.errors import Conflict
from tenants.models import Organization

# Sockets renew every five seconds.
LAPSES_AFTER = timedelta(seconds=20)


class StillHeld(Conflict):
    code = "CALL_NOT_ENDED"
    default_message = _("This call is still being held. Listen in, so that its trainee knows, or wait for its end.")


def may_listen(call: Call, *, user: Any, role: str | None, organization: Organization) -> bool:
    """May this person, who can see this call, listen in on it now?"""
    return (
        organization.observers_allowed
        and allows(role, Action.SEE_TEAM)
        and call.is_live
        and not call.is_hidden
        and call.trainee_id != user.pk
    )


def find_open(call_id: UUID, *, user: Any, role: str | None, organization: Organization) -> Call:
    """A call that this person may listen in on. Raises `CallNotFound` for every other."""
    call = get_visible(call_id, user=user, role=role)
    if not may_listen(call, user=user, role=role, organization=organization):
        raise CallNotFound
    return call


def refuse_unseen(call: Call, *, user: Any) -> None:
    """What is said in a call is read by others after its end, or while they listen in openly. Raises `StillHeld`."""
    if call.is_live and call.trainee_id != user.pk and not call.observers.filter(user=user, left_at=None).exists():
        raise StillHeld


@transaction.atomic
def join(*, call: Call, user: Any) -> Observer:
    """Somebody begins to listen. Each socket is a row; a person with two is told of once."""
    Call.objects.select_for_update().only("pk").get(pk=call.pk)
    is_here = call.observers.filter(user=user, left_at=None).exists()
    observer = Observer.objects.create(call=call, user=user)
    if not is_here:
        audit.record(user, "call.observed", call)
        tell_presence(call)
    return observer


@transaction.atomic
def leave(*, observer_id: UUID) -> None:
    """Twice is once."""
    now = timezone.now()
    _gone(Observer.objects.filter(pk=observer_id, left_at=None), left_at=now)


def stay(*, observer_id: UUID) -> bool:
    """Renew. False when this person may not listen any more: the organisation forbade it, or the role or team changed."""
    observer = Observer.objects.select_related("call", "user").filter(pk=observer_id, left_at=None).first()
    if observer is None:
        return False
    organization = current_organization()
    role = role_of(observer.user, organization)
    try:
        find_open(observer.call_id, user=observer.user, role=role, organization=organization)
    except CallNotFound:
        return False
    Observer.objects.filter(pk=observer_id).update(seen_at=timezone.now())
    return True


@transaction.atomic
def lapse() -> int:
    """Close the rows of sockets that died without a word; returns how many."""
    return _gone(Observer.objects.filter(left_at=None, seen_at__lt=timezone.now() - LAPSES_AFTER))


def _gone(observers: Any, *, left_at: Any = None) -> int:
    """Mark them as left, when they were last seen unless it is said; tell the calls that still go on."""
    rows = list(observers.select_for_update(of=("self",)).select_related("call"))
    for observer in rows:
        observer.left_at = left_at or observer.seen_at
        observer.save(update_fields=["left_at"])
    for call in {observer.call_id: observer.call for observer in rows}.values():
        if call.is_live:
            tell_presence(call)
    return len(rows)


def tell_presence(call: Call) -> None:
    """The `presence` event: everybody who listens now."""
    events.announce(call.pk, "presence", {"observers": listeners(call)}, at_ms=clock_of(call))


def listeners(call: Call) -> list[dict[str, str]]:
    """`[{user_id, name, role}]`, each person once, longest first."""
    users = {row.user_id: row.user for row in call.observers.filter(left_at=None).select_related("user")}
    roles = dict(
        Membership.objects.filter(organization=current_organization(), user_id__in=users).values_list("user_id", "role")
    )
    return [
        {"user_id": str(user.pk), "name": user.get_full_name() or user.email, "role": roles.get(user.pk, "")}
        for user in users.values()
    ]


def clock_of(call: Call) -> int | None:
    """Milliseconds of the call's clock; None before it runs."""
    return int((timezone.now() - call.started_at).total_seconds() * 1000) if call.started_at else None
