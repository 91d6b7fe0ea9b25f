"""Telling people, and what they have read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from accounts.roles import allows
from tenants.context import current_organization, strip_prefix
from tenants.models import Organization
from tenants.schemas import current_schema

from . import live
from .kinds import DIGEST, KINDS, NOW, OFF
from .models import Mail, Notice, Rhythm
from .preferences import ways, zone_of
from .quiet import after_quiet

MOST_CHARACTERS = 200  # of one word of `data`: titles and names, not texts


def place(name: str, *args: Any) -> str:
    """Where a notice leads: a page of an organisation by its name, without the organisation's own part of the address."""
    return strip_prefix(reverse(name, urlconf=settings.ORG_URLCONF, args=args or None))


def notify(
    *, user: User, kind: str, data: Mapping[str, Any], url: str = "", dedupe_key: str | None = None
) -> Notice | None:
    """Tell one person of something, in the organisation at hand and in the transaction at hand. See `notify_all`."""
    told = notify_all(users=[user], kind=kind, data=data, url=url, dedupe_key=dedupe_key)
    return told[0] if told else None


@transaction.atomic
def notify_all(
    *, users: Iterable[User], kind: str, data: Mapping[str, Any], url: str = "", dedupe_key: str | None = None
) -> list[Notice]:
    """Tell people of the same thing; returns the notices that are new.

    `data`: the words of the kind (`accounts.notices.kinds`): text, numbers, dates, times. `url`: a page of the organisation
    (`place`), or a path as `reverse` gives it in a request. `dedupe_key`: what was told under it is not told again. Left out
    are people who are no active members, whose role has no business with it, and who want to hear of it in no way. The bell
    and the mail follow after commit. Raises `ValueError` for an unknown kind or a word that is missing.
    """
    definition = KINDS.get(kind)
    if definition is None:
        raise ValueError(f"There is no kind of notice called {kind!r}.")
    if missing := definition.words - {name for name, value in data.items() if value not in (None, "")}:
        raise ValueError(f"A notice of {kind!r} needs {', '.join(sorted(missing))}.")
    organization = current_organization()
    people = _members(users, organization, kind)
    how = ways(people, kind)
    wanted = {user_id: way for user_id, way in how.items() if way.in_app or way.email != OFF}
    fresh = [
        Notice(
            pk=uuid4(),
            user_id=user_id,
            kind=kind,
            data=_short(data),
            path="/" + strip_prefix(url).lstrip("/") if url else "",
            dedupe=f"{kind}:{dedupe_key}"[:160] if dedupe_key else "",
            in_app=way.in_app,
            wants_digest=way.email == DIGEST,
        )
        for user_id, way in wanted.items()
    ]
    Notice.objects.bulk_create(fresh, ignore_conflicts=True)
    new = set(Notice.objects.filter(pk__in=[notice.pk for notice in fresh]).values_list("pk", flat=True))
    told = [notice for notice in fresh if notice.pk in new]
    _write_mails([notice for notice in told if wanted[notice.user_id].email == NOW], people, organization)
    _tell_bells(told)
    return told


def _members(users: Iterable[User], organization: Organization, kind: str) -> dict[UUID, User]:
    wanted = {user.pk: user for user in users}
    active = Membership.objects.active().filter(organization=organization, user_id__in=list(wanted))
    roles = dict(active.values_list("user_id", "role"))
    return {pk: user for pk, user in wanted.items() if allows(roles.get(pk), KINDS[kind].needs)}


def _short(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        if not isinstance(value, str) or len(value) <= MOST_CHARACTERS
        else value[: MOST_CHARACTERS - 1] + "…"
        for name, value in data.items()
        if value not in (None, "")
    }


def _write_mails(notices: list[Notice], people: Mapping[UUID, User], organization: Organization) -> None:
    if not notices:
        return
    now = timezone.now()
    rhythms = {rhythm.user_id: rhythm for rhythm in Rhythm.objects.filter(user_id__in=[n.user_id for n in notices])}
    for notice in notices:
        rhythm = rhythms.get(notice.user_id) or Rhythm()
        zone = zone_of(people[notice.user_id], organization)
        notice.mail = Mail(
            user_id=notice.user_id,
            key=f"notice:{notice.pk}",
            due_at=after_quiet(now, zone, rhythm.quiet_from, rhythm.quiet_until),
        )
    Mail.objects.bulk_create([notice.mail for notice in notices if notice.mail])
    Notice.objects.bulk_update(notices, ["mail"])
    live.send_soon([notice.mail.pk for notice in notices if notice.mail and notice.mail.due_at <= now])


def _tell_bells(notices: list[Notice]) -> None:
    shown = [notice for notice in notices if notice.in_app]
    if shown:
        schema = current_schema()
        ids = [(notice.user_id, notice.pk) for notice in shown]
        transaction.on_commit(partial(live.ring, schema, ids), robust=True)


# -- reading -----------------------------------------------------------------------------------------------------------
def unread_count(user: User) -> int:
    return Notice.objects.shown_to(user).unread().count()


def mark_read(*, user: User, notice_ids: Iterable[UUID] | None = None, path: str = "", read: bool = True) -> int:
    """Mark notices of this person as read or unread: these, those that lead to `path`, else all. Returns how many changed;
    other windows of the person hear of it."""
    rows = Notice.objects.filter(user=user, read_at__isnull=read)
    if notice_ids is not None:
        rows = rows.filter(pk__in=list(notice_ids))
    elif path:
        rows = rows.filter(Q(path=path) | Q(path__startswith=f"{path}#"))
    changed = rows.update(read_at=timezone.now() if read else None)
    if changed:
        transaction.on_commit(partial(live.ring, current_schema(), [(user.pk, None)]), robust=True)
    return changed
