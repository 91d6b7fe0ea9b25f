"""Notices about learning. Each is told once, however often it is looked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from accounts.notices.models import Notice
from accounts.notices.services import notify, notify_all, place
from coaching.learning.models import Certificate, Enrolment
from scenarios.training.calendars import today
from scoring.telling import coaches_of

# What was opened longer ago is no news.
NEWS = timedelta(days=3)
# Days before the due day, and before the end of a certificate.
DUE_SOON_DAYS = 2
EXPIRING_DAYS = 30


def of_rounds() -> int:
    """Tell people what was assigned, what is due soon and what is overdue; returns how many notices are new."""
    day = today()
    open_rounds = (
        Enrolment.objects.live()
        .with_content()
        .filter(state=Enrolment.State.OPEN, assignment__isnull=False)
        .select_related("user", "assignment__assigned_by")
    )
    fresh = open_rounds.filter(opened_at__gte=timezone.now() - NEWS)
    soon = open_rounds.filter(due_on__gte=day, due_on__lte=day + timedelta(days=DUE_SOON_DAYS))
    late = open_rounds.filter(due_on__lt=day)
    return (
        _tell_each("assigned", fresh, with_day=False)
        + _tell_each("due_soon", soon, with_day=True)
        + _tell_each("overdue", late, with_day=True)
    )


def _tell_each(kind: str, enrolments: Iterable[Enrolment], *, with_day: bool) -> int:
    """One notice for each round that was not told of; a new due day is a new reminder."""
    keys = {
        f"{enrolment.pk}:{enrolment.due_on}" if with_day else str(enrolment.pk): enrolment for enrolment in enrolments
    }
    known = set(
        Notice.objects.filter(kind=kind, dedupe__in=[f"{kind}:{key}" for key in keys]).values_list("dedupe", flat=True)
    )
    count = 0
    for key, enrolment in keys.items():
        if f"{kind}:{key}" in known:
            continue
        told = notify(
            user=enrolment.user,
            kind=kind,
            data=_words(enrolment),
            url=place("learning:course", enrolment.assignment_id),
            dedupe_key=key,
        )
        count += told is not None
    return count


def _words(enrolment: Enrolment) -> dict[str, Any]:
    by = enrolment.assignment.assigned_by if enrolment.assignment else None
    who = by.get_full_name() if by is not None and by.pk != enrolment.user_id else ""
    again = {"round": enrolment.round} if enrolment.round > 1 else {}
    return {"title": enrolment.title, "due": enrolment.due_on, "who": who, **again}


def of_completion(enrolment_id: UUID) -> None:
    """Tell who assigned it, and who coaches the person."""
    enrolment = (
        Enrolment.objects.with_content()
        .select_related("user", "assignment__assigned_by")
        .filter(pk=enrolment_id, state=Enrolment.State.COMPLETED)
        .first()
    )
    if enrolment is None:
        return
    people: set[User] = set(coaches_of(enrolment.user_id))
    by = enrolment.assignment.assigned_by if enrolment.assignment else None
    if by is not None and by.pk != enrolment.user_id:
        people.add(by)
    notify_all(
        users=people,
        kind="assignment_completed",
        data={"who": enrolment.user.get_full_name(), "title": enrolment.title},
        url=place("learning:team"),
        dedupe_key=str(enrolment.pk),
    )


def of_certificate(certificate_id: UUID) -> None:
    """Tell the holder that it is issued, or why it was withdrawn."""
    certificate = Certificate.objects.select_related("user").filter(pk=certificate_id).first()
    if certificate is None or certificate.state == Certificate.State.WAITING:
        return
    revoked = certificate.state == Certificate.State.REVOKED
    notify(
        user=certificate.user,
        kind="certificate_revoked" if revoked else "certificate_issued",
        data={
            "title": certificate.title,
            **({"reason": certificate.revoke_reason} if revoked else {"until": certificate.expires_at}),
        },
        url=place("learning:certificate", certificate.pk),
        dedupe_key=str(certificate.pk),
    )


def of_expiring_certificates() -> int:
    """Tell holders before theirs ends, unless they hold a newer one of the same track; returns how many.

    A month before, and of one that is valid for a short while only when three quarters of that are over: nobody is to hear
    that a certificate runs out on the day it is issued.
    """
    now = timezone.now()
    newer = Certificate.objects.valid().filter(
        user=OuterRef("user"),
        track_version__track=OuterRef("track_version__track"),
        issued_at__gt=OuterRef("issued_at"),
    )
    ending = Certificate.objects.valid().filter(~Exists(newer), expires_at__lte=now + timedelta(days=EXPIRING_DAYS))
    told = set(Notice.objects.filter(kind="certificate_expiring").values_list("dedupe", flat=True))
    count = 0
    for certificate in ending.select_related("user", "enrolment"):
        key = str(certificate.pk)
        if f"certificate_expiring:{key}" in told or now < _last_quarter(certificate):
            continue
        opens = certificate.enrolment.renews_at
        count += (
            notify(
                user=certificate.user,
                kind="certificate_expiring",
                data={
                    "title": certificate.title,
                    "until": certificate.expires_at,
                    **({"opens": opens} if opens else {}),
                },
                url=place("learning:certificate", certificate.pk),
                dedupe_key=key,
            )
            is not None
        )
    return count


def _last_quarter(certificate: Certificate) -> datetime:
    """When it begins."""
    assert certificate.expires_at is not None
    return certificate.expires_at - (certificate.expires_at - (certificate.issued_at or certificate.created_at)) / 4
