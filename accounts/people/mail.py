"""Mail about membership."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import User
from tenants.context import current_organization, org_url

from .models import Invitation, hash_secret


def send_invitation_mail(invitation_id: str) -> None:
    """Send the link, with a fresh secret that replaces the one before; nothing for an invitation that is closed.

    In the invited person's language if we know them, else the organisation's. The secret is made here so that it is never
    in the database or in the queue.
    """
    invitation = Invitation.objects.select_related("invited_by").get(pk=invitation_id)
    if not invitation.is_open:
        return
    secret = secrets.token_urlsafe(32)
    Invitation.objects.filter(pk=invitation.pk).update(secret_hash=hash_secret(secret))
    organization = current_organization()
    person = User.objects.filter(email__iexact=invitation.email).first()
    with translation.override((person and person.language) or organization.language):
        context = {
            "organization": organization,
            "invitation": invitation,
            "site_name": settings.SITE_NAME,
            "link": org_url(organization, "accounts:join", secret),
            "days": max(1, (invitation.expires_at - timezone.now()) // timedelta(days=1)),
        }
        subject = " ".join(render_to_string("accounts/email/invitation_subject.txt", context).split())
        body = render_to_string("accounts/email/invitation_message.txt", context)
        EmailMessage(subject, body, to=[invitation.email]).send()
