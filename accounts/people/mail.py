"""Mail about membership and one's own data."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import User
from tenants.context import current_organization, org_url

from .models import DataExport, ErasureRequest, Invitation, hash_secret


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
            # The nearest: a link of fourteen days is some seconds short of them when its mail is written.
            "days": max(1, round((invitation.expires_at - timezone.now()) / timedelta(days=1))),
        }
        _send("invitation", context, invitation.email)


def send_export_mail(export_id: str) -> None:
    """Say that a copy of one's data is ready. The link leads to the page, not to the file."""
    export = DataExport.objects.select_related("user").filter(pk=export_id, status=DataExport.Status.DONE).first()
    if export is not None and export.expires_at is not None:
        _tell("export", export.user, day=export.expires_at)


def send_erasure_mail(request_id: int) -> None:
    """Say when somebody is going to be forgotten, and where they may change their mind; nothing once they did."""
    request = ErasureRequest.objects.select_related("user").filter(pk=request_id).first()
    if request is not None:
        _tell("erasure", request.user, day=request.erase_at)


def _tell(name: str, user: User, **context: Any) -> None:
    organization = current_organization()
    with translation.override(user.language or organization.language):
        link = org_url(organization, "accounts:profile")
        _send(
            name,
            {"organization": organization, "person": user, "site_name": settings.SITE_NAME, "link": link, **context},
            user.email,
        )


def _send(name: str, context: dict[str, Any], address: str) -> None:
    subject = " ".join(render_to_string(f"accounts/email/{name}_subject.txt", context).split())
    body = render_to_string(f"accounts/email/{name}_message.txt", context)
    EmailMessage(subject, body, to=[address]).send()
