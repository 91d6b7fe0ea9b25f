"""The digest: what somebody wants to read once a day or once a week, in one mail."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from tenants.context import current_organization

from .models import Mail, Notice, Rhythm
from .preferences import zone_of
from .quiet import after_quiet, last_digest_time

BATCH = 5000


def write_due(now: datetime | None = None) -> list[UUID]:
    """Write the digests whose time has come on their readers' clocks; returns the mails that are new.

    A digest is named after its reader and day, so that a second sweep, or a clock that is put back, writes none again.
    """
    now = now or timezone.now()
    organization = current_organization()
    waiting: dict[UUID, list[Notice]] = defaultdict(list)
    rows = Notice.objects.for_digest().filter(created_at__lte=now).order_by("created_at")
    for notice in rows.only("pk", "user_id", "created_at")[:BATCH]:
        waiting[notice.user_id].append(notice)
    rhythms = {rhythm.user_id: rhythm for rhythm in Rhythm.objects.filter(user_id__in=list(waiting))}
    written = []
    for user in User.objects.filter(pk__in=list(waiting)):
        rhythm = rhythms.get(user.pk) or Rhythm(user=user)
        if rhythm.digest == Rhythm.Digest.NEVER or rhythm.stopped_at is not None:
            _let_go([notice.pk for notice in waiting[user.pk]])
            continue
        zone = zone_of(user, organization)
        weekly = rhythm.digest == Rhythm.Digest.WEEKLY
        day, moment = last_digest_time(now, zone, weekly=weekly, hour=rhythm.digest_hour)
        ripe = [notice.pk for notice in waiting[user.pk] if notice.created_at <= moment]
        if ripe:
            due_at = after_quiet(now, zone, rhythm.quiet_from, rhythm.quiet_until)
            written += _write(user, f"digest:{user.pk}:{day.isoformat()}", due_at, ripe)
    return written


def _write(user: User, key: str, due_at: datetime, notice_ids: list[UUID]) -> list[UUID]:
    try:
        with transaction.atomic():
            mail = Mail.objects.create(user=user, key=key, due_at=due_at)
            Notice.objects.filter(pk__in=notice_ids, digest=None).update(digest=mail)
    except IntegrityError:  # today's went already; what came late goes with the next
        return []
    return [mail.pk]


def _let_go(notice_ids: list[UUID]) -> None:
    """Who wants no digest has these in the list only."""
    Notice.objects.filter(pk__in=notice_ids).update(wants_digest=False)
