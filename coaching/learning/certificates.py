"""Certificates: earned, confirmed, shown to others, lost.

A certificate is issued by itself only where every score it rests on may certify without a person
(`scoring.calibration.gate`); otherwise it waits for a manager, who says that it is right.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.memberships import role_of
from accounts.people import audit
from accounts.roles import Action, allows
from accounts.scoping import may_see, visible_user_ids
from scenarios.training.calendars import in_months
from scoring.calibration.gate import gate_of
from scoring.models import Score
from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from tenants.schemas import current_schema

from .models import Certificate, Enrolment
from .signals import certificate_issued, certificate_revoked

MOST_CHARACTERS = 300


class CertificateNotFound(NotFound):
    default_message = gettext_lazy("There is no such certificate.")


def earn(enrolment: Enrolment, *, calls: Collection[UUID]) -> Certificate | None:
    """The certificate of a round that was completed by these calls; None where its track gives none. Repeating is harmless:
    one that waits is looked at again, since its judge may have been found to agree with people in the meantime."""
    version = enrolment.track_version
    if version is None or not version.content.get("certificate", True):
        return None
    if enrolment.certificates.filter(revoked_by__isnull=False).exists():
        return None  # a person took it back; passing once more does not undo that
    standing = enrolment.certificates.exclude(state=Certificate.State.REVOKED).first()
    if standing is not None and standing.state == Certificate.State.ISSUED:
        return standing
    reason = gate_reason(calls)
    if standing is None:
        assert enrolment.completed_at is not None
        standing = Certificate.objects.create(
            user_id=enrolment.user_id,
            enrolment=enrolment,
            track_version=version,
            holder=enrolment.user.get_full_name() or enrolment.user.email,
            title=version.content["title"],
            language=version.content["language"],
            state=Certificate.State.WAITING,
            gate=reason,
            completed_at=enrolment.completed_at,
        )
    if not reason:
        _issue(standing)
    return standing


def gate_reason(calls: Collection[UUID]) -> str:
    """Why a person must confirm what rests on these calls, by the name of a gate's reason; empty where nobody has to."""
    runs = ("quick_run", "deep_run", "human_run", "call")
    for score in Score.objects.filter(call_id__in=calls).select_related(*runs).order_by("created_at"):
        run = score.counting_run
        if run is None:
            return "undecided"
        gate = gate_of(run, language=score.call.language)
        if not gate.open:
            return str(gate.reason.value)
    return ""


def _issue(certificate: Certificate, *, by: Any = None) -> None:
    asked_by = certificate.enrolment.assignment
    # Where the track names no time, what is to be done again has its own.
    months = certificate.track_version.content.get("valid_months") or (asked_by.repeat_months if asked_by else None)
    certificate.state = Certificate.State.ISSUED
    certificate.issued_at = timezone.now()
    certificate.expires_at = in_months(certificate.completed_at, months) if months else None
    certificate.confirmed_by = by
    certificate.save(update_fields=["state", "issued_at", "expires_at", "confirmed_by"])
    _tell(certificate_issued, certificate)


def lose(enrolment: Enrolment) -> None:
    """The round is completed no longer: a score it rested on was overturned, or an attempt taken out of the numbers."""
    for certificate in enrolment.certificates.exclude(state=Certificate.State.REVOKED):
        _revoke(certificate, reason=_("A result that it rested on was changed."), actor=None)


@transaction.atomic
def confirm(*, certificate: Certificate, actor: Any) -> Certificate:
    """A coach says that a certificate that waits is right. Raises `Conflict` for one that does not wait, and
    `PermissionRefused` for one's own."""
    row = _held(certificate)
    _refuse_own(row, actor)
    if row.state != Certificate.State.WAITING:
        raise Conflict(_("This certificate does not wait for anybody."), code="NOTHING_TO_CONFIRM")
    _issue(row, by=actor)
    audit.record(actor, "certificate.confirmed", row, gate=row.gate)
    return row


@transaction.atomic
def revoke(*, certificate: Certificate, actor: Any, reason: str) -> Certificate:
    """Take a certificate back, with a reason. Raises `InvalidInput` without one, `Conflict` where it is gone already."""
    reason = " ".join(reason.split())[:MOST_CHARACTERS]
    if not reason:
        raise InvalidInput(_("Say why."), details={"field": "reason", "issue": _("Say why.")})
    row = _held(certificate)
    _refuse_own(row, actor)
    if row.state == Certificate.State.REVOKED:
        raise Conflict(_("This certificate was revoked already."))
    _revoke(row, reason=reason, actor=actor)
    return row


def _revoke(certificate: Certificate, *, reason: str, actor: Any) -> None:
    was_issued = certificate.state == Certificate.State.ISSUED
    certificate.state = Certificate.State.REVOKED
    certificate.revoked_at, certificate.revoke_reason, certificate.revoked_by = timezone.now(), reason, actor
    certificate.save(update_fields=["state", "revoked_at", "revoke_reason", "revoked_by"])
    audit.record(actor, "certificate.revoked", certificate, reason=reason)
    if was_issued:
        _tell(certificate_revoked, certificate)


def share(*, certificate: Certificate, public: bool) -> None:
    """The holder lets anybody see it who has its address, or nobody."""
    Certificate.objects.filter(pk=certificate.pk).update(public=public)


def seen_by(user: Any) -> QuerySet[Certificate]:
    """Own certificates, and those of the people whose work one may see."""
    visible = visible_user_ids(user, role_of(user, current_organization()))
    rows = Certificate.objects.select_related("track_version", "user", "confirmed_by")
    return rows if visible is None else rows.filter(user_id__in=visible)


def get_seen(certificate_id: UUID, *, user: Any) -> Certificate:
    """Raises `CertificateNotFound`, for what is not there and for what is not theirs to see."""
    found = seen_by(user).filter(pk=certificate_id).first()
    if found is None:
        raise CertificateNotFound
    return found


def may_decide(user: Any, certificate: Certificate) -> bool:
    """May this person confirm or revoke it? Coaches may, for others than themselves."""
    role = role_of(user, current_organization())
    return certificate.user_id != user.pk and allows(role, Action.SEE_TEAM) and may_see(user, role, certificate.user_id)


def verified(code: str) -> Certificate | None:
    """The certificate behind a public address, where its holder lets it be seen; revoked ones too, which say so."""
    shown = (Certificate.State.ISSUED, Certificate.State.REVOKED)
    return Certificate.objects.filter(code=code, public=True, state__in=shown).first()


def _held(certificate: Certificate) -> Certificate:
    return (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("track_version", "enrolment__assignment")
        .get(pk=certificate.pk)
    )


def _refuse_own(certificate: Certificate, actor: Any) -> None:
    if not may_decide(actor, certificate):
        raise PermissionRefused(_("Somebody else who coaches this person decides on this."))


def _tell(signal: Signal, certificate: Certificate) -> None:
    transaction.on_commit(
        partial(
            signal.send_robust,
            sender=Certificate,
            schema_name=current_schema(),
            certificate_id=certificate.pk,
        )
    )
