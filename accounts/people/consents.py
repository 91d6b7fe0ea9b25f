"""What somebody agreed to, with the words that were shown. The newest answer of a kind counts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenants.errors import InvalidInput
from tenants.models import Organization

from . import audit
from .models import Consent


def recording_text(organization: Organization) -> str:
    """The question about recording: the organisation's own words, else ours, in the active language."""
    return organization.recording_consent_text or _(
        "Practice calls may be recorded so that you can listen to them again in the debrief. Your organisation keeps a "
        "recording for %(days)d days. You can practise without being recorded, and change your mind at any time."
    ) % {"days": organization.recording_retention_days}


def record(*, user: Any, kind: str, granted: bool, text: str, language: str = "") -> Consent:
    """Write down an answer. Raises `InvalidInput` for a kind we do not ask about or where no words were shown."""
    if kind not in Consent.Kind.values:
        raise InvalidInput(details={"field": "kind", "issue": _("Unknown kind of consent.")})
    if not text.strip():
        raise InvalidInput(details={"field": "text", "issue": _("The words that were shown belong to the answer.")})
    consent = Consent.objects.create(
        user=user, kind=kind, granted=granted, text=text, language=(language or get_language() or "en")[:5]
    )
    audit.record(user, "consent.granted" if granted else "consent.declined", consent, kind=kind)
    return consent


def withdraw(*, user: Any, kind: str) -> Consent | None:
    """Take a given consent back; the row that gave it stays. None where there is nothing to take back."""
    given = current(user=user, kind=kind)
    if given is None or not given.granted:
        return None
    return record(user=user, kind=kind, granted=False, text=given.text, language=given.language)


def current(*, user: Any, kind: str) -> Consent | None:
    """The newest answer, or None where the person was never asked."""
    return Consent.objects.filter(user=user, kind=kind).order_by("-created_at").first()


def is_granted(*, user: Any, kind: str) -> bool:
    """Did the person agree, and not take it back?"""
    consent = current(user=user, kind=kind)
    return consent is not None and consent.granted
