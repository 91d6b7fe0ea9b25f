"""Every mail that Parley writes, with made-up contents, for who wants to see them before anybody gets one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.people.models import Invitation
from tenants.context import org_url
from tenants.models import Organization

from .kinds import KINDS, words_in
from .mails import Letter, digest_for, letter_for
from .models import Notice

NOBODY = UUID(int=0)
DIGEST = "digest"
# Of lines of which only one is ever said, those that the example leaves out: by kind, since the same word may be said there.
OTHERWISE = {
    "assigned": ("round",),
    "appeal_decided": ("stands",),
    "work_done": ("flown", "grounded", "rescored", "heard", "encoder", "until"),
    "budget_low": ("stopped",),
}
ACCOUNT_MAILS = ("invitation", "export", "erasure")


@dataclass(frozen=True, slots=True)
class Example:
    """`key`: a kind of notice, `digest`, or a mail about one's account."""

    key: str
    label: str


def examples() -> list[Example]:
    """All there are, in the active language."""
    account = {
        "invitation": _("Invitation"),
        "export": _("Your data is ready"),
        "erasure": _("You are leaving"),
    }
    return [
        *[Example(key, str(kind.label)) for key, kind in KINDS.items()],
        Example(DIGEST, _("The digest")),
        *[Example(key, account[key]) for key in ACCOUNT_MAILS],
    ]


def example_letter(key: str, language: str, *, organization: Organization) -> Letter:
    """One of them as it would read in that language. Raises `KeyError` for a key that is none."""
    with translation.override(language):
        reader = User(pk=NOBODY, email="ana@example.com", full_name="Ana Ruiz", language=language)
        if key == DIGEST:
            notices = [_notice(kind) for kind in ("assigned", "score_ready", "comment")]
            return digest_for(notices, user=reader, organization=organization)
        if key in ACCOUNT_MAILS:
            return _account_letter(key, reader, organization)
        return letter_for(_notice(key), user=reader, organization=organization)


def _notice(key: str) -> Notice:
    kind = KINDS[key]
    now = timezone.now()
    known: dict[str, Any] = {
        "title": _("Discovery call with a logistics company"),
        "who": "Leo Vidal",
        "criterion": _("Next step"),
        "percent": 80,
        "spent": "40.12",
        "limit": "50.00",
    } | _words_of_its_own(key)
    words = {name for text in (kind.title, *kind.lines) for name in words_in(text)}
    data = {name: known.get(name, known["title"]) for name in words}
    day = now + timedelta(days=3)
    if key == "budget_low":
        day = (now.replace(day=1) + timedelta(days=32)).replace(day=1)  # a month's budget begins anew with the next one
    data |= dict.fromkeys((*kind.moments, *kind.days), day.isoformat())
    for other in OTHERWISE.get(key, ()):
        data.pop(other, None)
    return Notice(pk=NOBODY, user_id=NOBODY, kind=key, data=data, path="/", created_at=now)


def _words_of_its_own(key: str) -> dict[str, str]:
    """What would make no sense in mails of other kinds."""
    match key:
        case "certificate_revoked":
            return {"reason": _("The certificate was issued by mistake.")}
        case "call_set_aside":
            return {"reason": _("The microphone failed in the middle of it.")}
        case "goal_proposed":
            return {
                "title": _("Three calls every week"),
                "reason": _("Regular practice helps more than long practice."),
            }
        case "work_failed":
            return {"title": _("Draft from the sales playbook"), "reason": _("There is no text in the file.")}
        case "budget_low":
            return {"title": _("Inside sales")}
    return {}


def _account_letter(name: str, reader: User, organization: Organization) -> Letter:
    day = timezone.now() + timedelta(days=14)
    context = {
        "organization": organization,
        "person": reader,
        "invitation": Invitation(email=reader.email, expires_at=day),
        "site_name": settings.SITE_NAME,
        "link": org_url(organization, "accounts:profile"),
        "day": day,
        "days": 14,
    }
    subject = " ".join(render_to_string(f"accounts/email/{name}_subject.txt", context).split())
    return Letter(
        subject=subject, text=render_to_string(f"accounts/email/{name}_message.txt", context), html="", leave_url=""
    )
