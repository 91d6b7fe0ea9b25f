"""What happens to uploads when somebody wants their data, or wants it gone."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.signals import person_erased, personal_data_requested
from calls.uploads import keeping, places
from calls.uploads.models import CallUpload


@receiver(personal_data_requested, dispatch_uid="calls.uploads.export")
def export_uploads(sender: Any, *, user: Any, **kwargs: Any) -> tuple[str, list[dict[str, Any]]]:
    """What was uploaded and confirmed. The words and the sound go along with the call it became."""
    uploads = CallUpload.objects.filter(owner=user).order_by("created_at")
    return "uploads", [
        {
            "id": upload.pk,
            "title": upload.title,
            "file_name": upload.file_name,
            "status": upload.status,
            "problem": upload.problem,
            "consent_text": upload.consent_text,
            "consented_at": upload.consented_at,
            "call_id": upload.call_id,
            "created_at": upload.created_at,
        }
        for upload in uploads
    ]


@receiver(person_erased, dispatch_uid="calls.uploads.erase")
def erase_uploads(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """Delete the person's uploads with what was heard in them and their sound."""
    for upload in CallUpload.objects.filter(owner=user):
        keeping.drop_sound(upload)
        places.clear(upload.pk)
    CallUpload.objects.filter(owner=user).delete()
