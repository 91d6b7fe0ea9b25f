"""What stands in a mail: one notice, or a digest of several; text and HTML from one layout, in the receiver's language."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from tenants.context import org_url
from tenants.models import Organization

from .links import unsubscribe_url
from .models import Notice
from .preferences import EVERYTHING, THE_DIGEST, zone_of
from .wording import Words, words_of

# A digest names this many and says how many more there are.
MOST_IN_DIGEST = 30
LIST = "accounts:notices"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in one language, ready to be sent or shown. `leave_url`: one click out of mails like this."""

    subject: str
    text: str
    html: str
    leave_url: str


@dataclass(frozen=True, slots=True)
class Item:
    """A notice in a mail."""

    words: Words
    url: str
    at: Any


def letter_for(notice: Notice, *, user: User, organization: Organization) -> Letter:
    """The mail about one notice."""
    with _as_read_by(user, organization):
        item = _item(notice, organization)
        leave = unsubscribe_url(organization, user.pk, notice.kind)
        return _letter("notice", item.words.title, leave, user, organization, item=item, why=item.words.label)


def digest_for(notices: Sequence[Notice], *, user: User, organization: Organization) -> Letter:
    """The mail about several, newest first as they are given."""
    with _as_read_by(user, organization):
        items = [_item(notice, organization) for notice in notices[:MOST_IN_DIGEST]]
        subject = ngettext(
            "%(count)d notification from %(name)s", "%(count)d notifications from %(name)s", len(notices)
        ) % {"count": len(notices), "name": organization.name}
        leave = unsubscribe_url(organization, user.pk, THE_DIGEST)
        rest = len(notices) - len(items)
        return _letter("digest", subject, leave, user, organization, items=items, rest=rest, why=_("the digest"))


def message_of(letter: Letter, *, to: str, mail_id: UUID) -> EmailMultiAlternatives:
    """The same mail always has the same id, so that one that is sent again after a lost answer is shown once."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    message = EmailMultiAlternatives(
        " ".join(letter.subject.split()),
        letter.text,
        to=[to],
        headers={
            "Message-ID": f"<{mail_id}@{domain}>",
            # RFC 8058: the mail program's own button posts there, without a page or a sign-in.
            "List-Unsubscribe": f"<{letter.leave_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(letter.html, "text/html")
    return message


def _as_read_by(user: User, organization: Organization) -> ExitStack:
    """The receiver's language and time zone, for as long as the words are made."""
    stack = ExitStack()
    stack.enter_context(translation.override(user.language or organization.language))
    stack.enter_context(timezone.override(zone_of(user, organization)))
    return stack


def _item(notice: Notice, organization: Organization) -> Item:
    """The page itself: opening it marks the notice as read, like any that leads there."""
    url = settings.SITE_URL + organization.path_prefix + notice.path if notice.path else org_url(organization, LIST)
    return Item(words=words_of(notice), url=url, at=notice.created_at)


def _letter(name: str, subject: str, leave_url: str, user: User, organization: Organization, **context: Any) -> Letter:
    shared = {
        "subject": subject,
        "organization": organization,
        "person": user,
        "site_name": settings.SITE_NAME,
        "language": translation.get_language(),
        "leave_url": leave_url,
        "leave_all_url": unsubscribe_url(organization, user.pk, EVERYTHING),
        "preferences_url": org_url(organization, "accounts:notice-preferences"),
        "list_url": org_url(organization, LIST),
        **context,
    }
    return Letter(
        subject=subject,
        text=render_to_string(f"notices/email/{name}.txt", shared).strip() + "\n",
        html=render_to_string(f"notices/email/{name}.html", shared),
        leave_url=leave_url,
    )
