"""How somebody wants to be told: per kind, and when. What was never chosen is as the kind has it."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import allows
from tenants.errors import InvalidInput
from tenants.models import Organization

from .kinds import KINDS, OFF, Kind
from .models import Choice, DeadAddress, Rhythm


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody is told of one kind."""

    in_app: bool
    email: str  # "now", "digest", "off"


def ways(user_ids: Iterable[UUID], kind: str) -> dict[UUID, Way]:
    """Of many people, for one kind: two queries, however many they are."""
    ids = list(user_ids)
    own = {choice.user_id: choice for choice in Choice.objects.filter(user_id__in=ids, kind=kind)}
    stopped = set(Rhythm.objects.filter(user_id__in=ids, stopped_at__isnull=False).values_list("user_id", flat=True))
    return {user_id: _way(KINDS[kind], own.get(user_id), stopped=user_id in stopped) for user_id in ids}


def all_ways(user: User) -> dict[str, Way]:
    """Of one person, for every kind, as chosen; that all mail is stopped is not counted in."""
    own = {choice.kind: choice for choice in Choice.objects.filter(user=user)}
    return {kind: _way(definition, own.get(kind)) for kind, definition in KINDS.items()}


def _way(definition: Kind, choice: Choice | None, *, stopped: bool = False) -> Way:
    in_app, email = (choice.in_app, choice.email) if choice else (definition.in_app, definition.email)
    return Way(in_app=in_app, email=OFF if stopped else email)


def kinds_for(role: str | None) -> dict[str, Kind]:
    """The kinds that somebody in this role can be told of."""
    return {key: kind for key, kind in KINDS.items() if allows(role, kind.needs)}


def rhythm_of(user: User) -> Rhythm:
    """The person's rhythm; an unsaved one where nothing was ever chosen."""
    return Rhythm.objects.filter(user=user).first() or Rhythm(user=user)


def zone_of(user: User, organization: Organization) -> zoneinfo.ZoneInfo:
    """The person's time zone, else the organisation's."""
    for name in (user.timezone, organization.timezone):
        try:
            if name:
                return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            continue
    return zoneinfo.ZoneInfo("UTC")


@transaction.atomic
def save(
    *,
    user: User,
    ways: Mapping[str, Way],
    digest: str,
    digest_hour: int,
    quiet_from: time | None,
    quiet_until: time | None,
) -> None:
    """Keep what somebody chose; mail comes again where it had been stopped. Raises `InvalidInput`, naming the field."""
    if (quiet_from is None) != (quiet_until is None):
        field = "quiet_until" if quiet_until is None else "quiet_from"
        raise InvalidInput(details={"field": field, "issue": _("Say both: from when, and until when.")})
    if quiet_from is not None and quiet_from == quiet_until:
        raise InvalidInput(
            details={"field": "quiet_until", "issue": _("Quiet hours begin and end at different times.")}
        )
    if digest not in Rhythm.Digest.values or not 0 <= digest_hour <= 23:
        raise InvalidInput(details={"field": "digest", "issue": _("Choose one of these.")})
    for kind, way in ways.items():
        if kind not in KINDS or way.email not in Choice.Email.values:
            raise InvalidInput(details={"field": kind, "issue": _("Choose one of these.")})
        Choice.objects.update_or_create(user=user, kind=kind, defaults={"in_app": way.in_app, "email": way.email})
    Rhythm.objects.update_or_create(
        user=user,
        defaults={
            "digest": digest,
            "digest_hour": digest_hour,
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "stopped_at": None,
        },
    )


EVERYTHING, THE_DIGEST = "*", "digest"


@transaction.atomic
def stop_mail(*, user: User, what: str) -> None:
    """No more mail about a kind, no digest, or none at all (`what`: a kind, `THE_DIGEST`, `EVERYTHING`). Twice is once."""
    if what == EVERYTHING:
        Rhythm.objects.update_or_create(user=user, defaults={"stopped_at": timezone.now()})
    elif what == THE_DIGEST:
        Rhythm.objects.update_or_create(user=user, defaults={"digest": Rhythm.Digest.NEVER})
    elif what in KINDS:
        way = all_ways(user)[what]
        Choice.objects.update_or_create(user=user, kind=what, defaults={"in_app": way.in_app, "email": OFF})


def dead_address(user: User) -> DeadAddress | None:
    """Why no mail reaches this person, where that is so."""
    return DeadAddress.objects.filter(email__iexact=user.email).first()


def try_address_again(*, user: User) -> None:
    DeadAddress.objects.filter(email__iexact=user.email).delete()


def note_dead_address(*, email: str, reason: str) -> Any:
    """Mail to this address came back for good, or was reported as spam. The first reason stays."""
    return DeadAddress.objects.get_or_create(email=email.strip().lower(), defaults={"reason": reason})[0]
