"""Mails that are written down and wait: sent once each, tried again, dropped when nobody wants them any more."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from uuid import UUID

import structlog
from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.db.models import F, Q
from django.utils import timezone

from accounts.memberships import role_of
from tenants.context import current_organization

from .mails import Letter, digest_for, letter_for, message_of
from .models import DeadAddress, Mail, Notice
from .preferences import note_dead_address, rhythm_of, zone_of
from .quiet import after_quiet

logger = structlog.get_logger(__name__)

# Pauses before the next attempt; after the last one it is given up.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
# Longer than a mail server may take: a worker that died lets go after it.
CLAIM = timedelta(minutes=5)
BATCH = 200
KEEP = timedelta(days=90)
REFUSED = (SMTPRecipientsRefused, AnymailRecipientsRefused)


def due() -> list[UUID]:
    """Mails whose time has come: held ones, ones whose task was lost, ones that wait for another attempt."""
    now = timezone.now()
    waiting = Mail.objects.filter(_free(now), sent_at=None, dropped="", due_at__lte=now)
    return list(waiting.order_by("due_at").values_list("pk", flat=True)[:BATCH])


def send(*, mail_id: UUID) -> bool:
    """Send one mail, one worker at a time; True where it went now. What goes wrong is kept on the row and tried again."""
    now = timezone.now()
    free = Mail.objects.filter(_free(now), pk=mail_id, sent_at=None, dropped="", due_at__lte=now)
    if not free.update(claimed_until=now + CLAIM, attempts=F("attempts") + 1):
        return False
    mail = Mail.objects.select_related("user").get(pk=mail_id)
    letter = _letter(mail)
    if isinstance(letter, str):
        return _settle(mail, dropped=letter)
    if letter is None:
        return False
    try:
        message_of(letter, to=mail.user.email, mail_id=mail.pk).send()
    except REFUSED as error:
        if isinstance(error, SMTPRecipientsRefused) and _is_for_good(error):
            note_dead_address(email=mail.user.email, reason=DeadAddress.Reason.BOUNCED)
        return _settle(mail, dropped="refused", error=type(error).__name__)
    except (SMTPException, AnymailError, OSError) as error:
        return _failed(mail, error)
    mail.sent_at = timezone.now()
    mail.claimed_until, mail.error = None, ""
    mail.save(update_fields=["sent_at", "claimed_until", "error"])
    return True


def _free(now: object) -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lt=now)


def _letter(mail: Mail) -> Letter | str | None:
    """What to send; a word where nothing is to be sent any more; None where it has to wait, since it is night now."""
    organization = current_organization()
    user = mail.user
    if role_of(user, organization) is None:
        return "left"
    if DeadAddress.objects.filter(email__iexact=user.email).exists():
        return "dead address"
    rhythm = rhythm_of(user)
    if rhythm.stopped_at is not None:
        return "stopped"
    now = timezone.now()
    ready = after_quiet(now, zone_of(user, organization), rhythm.quiet_from, rhythm.quiet_until)
    if ready > now:  # quiet hours were chosen, or began, after this was written
        Mail.objects.filter(pk=mail.pk).update(due_at=ready, claimed_until=None, attempts=F("attempts") - 1)
        return None
    notice = Notice.objects.filter(mail=mail).first()
    if notice is not None:
        return "read" if notice.read_at else letter_for(notice, user=user, organization=organization)
    notices = list(Notice.objects.filter(digest=mail).unread())
    return digest_for(notices, user=user, organization=organization) if notices else "read"


def _is_for_good(error: SMTPRecipientsRefused) -> bool:
    """The mail server knows no such address (5xx), rather than being busy or full (4xx)."""
    return bool(error.recipients) and all(500 <= code < 600 for code, _reason in error.recipients.values())


def _settle(mail: Mail, *, dropped: str, error: str = "") -> bool:
    mail.dropped, mail.error, mail.claimed_until = dropped, error, None
    mail.save(update_fields=["dropped", "error", "claimed_until"])
    return False


def _failed(mail: Mail, error: Exception) -> bool:
    logger.warning("a mail could not be sent", mail=str(mail.pk), attempts=mail.attempts, error=type(error).__name__)
    if mail.attempts > len(PAUSES):
        return _settle(mail, dropped="given up", error=type(error).__name__)
    mail.due_at = timezone.now() + PAUSES[mail.attempts - 1]
    mail.claimed_until, mail.error = None, type(error).__name__
    mail.save(update_fields=["due_at", "claimed_until", "error"])
    return False


def tidy_up() -> int:
    """Remove what was read, and mails that were sent, long ago; returns how many notices went."""
    before = timezone.now() - KEEP
    gone, _rows = Notice.objects.filter(read_at__lt=before).delete()
    Mail.objects.filter(Q(sent_at__lt=before) | Q(created_at__lt=before) & ~Q(dropped=""), notices=None).delete()
    return gone
