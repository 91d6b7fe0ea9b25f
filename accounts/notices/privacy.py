"""What somebody was told goes with the person, into the export and at the end."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.signals import person_erased, personal_data_requested

from .models import Choice, DeadAddress, Mail, Notice, Rhythm


@receiver(personal_data_requested, dispatch_uid="notices.export")
def export_notices(sender: Any, *, user: Any, **kwargs: Any) -> tuple[str, dict[str, Any]]:
    return "notifications", {
        "notices": list(Notice.objects.filter(user=user).values("kind", "data", "path", "created_at", "read_at")),
        "mails": list(Mail.objects.filter(user=user).values("key", "created_at", "sent_at", "dropped")),
        "choices": list(Choice.objects.filter(user=user).values("kind", "in_app", "email")),
        "rhythm": list(
            Rhythm.objects.filter(user=user).values("digest", "digest_hour", "quiet_from", "quiet_until", "stopped_at")
        ),
    }


@receiver(person_erased, dispatch_uid="notices.erase")
def erase_notices(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """Others' notices may hold the person's name: those go, too, where they say so by the name as it is now."""
    Notice.objects.filter(user=user).delete()
    if user.full_name:
        Notice.objects.filter(data__who=user.get_full_name()).delete()
    Mail.objects.filter(user=user).delete()
    Choice.objects.filter(user=user).delete()
    Rhythm.objects.filter(user=user).delete()
    DeadAddress.objects.filter(email__iexact=user.email).delete()
