"""Work that need not hold up a request."""

from __future__ import annotations

from smtplib import SMTPException

from celery import shared_task
from django_tenants.utils import schema_context

from tenants.tasks import TenantTask

from .mail import send_invitation_mail


@shared_task(base=TenantTask, autoretry_for=(SMTPException, OSError), retry_backoff=10, max_retries=5)
def send_invitation(invitation_id: str) -> None:
    send_invitation_mail(invitation_id)


def send_invitation_from(schema_name: str, invitation_id: str) -> None:
    """For `on_commit`, which may run when another schema is active: the schema was captured when the mail was decided."""
    with schema_context(schema_name):
        send_invitation.delay(invitation_id)
