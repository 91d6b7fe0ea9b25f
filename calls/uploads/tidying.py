"""What nobody finished: uploads that nobody works on or sends on, calls with nameless speakers, leftovers in the spool."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from calls.uploads import places
from calls.uploads.models import CallUpload
from calls.uploads.receiving import refuse

# A browser that comes back within a day goes on where it was.
TIME_TO_SEND = timedelta(days=1)
# Other people's words are not kept for long where nobody wants them.
TIME_TO_NAME = timedelta(days=14)
# A worker that was not heard of for so long is dead: a task is stopped before.
HELD_FOR = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 30)


def due() -> list[UUID]:
    """Uploads that nobody works on: their message was lost, or their worker died."""
    now = timezone.now()
    idle = Q(worked_at__isnull=True, updated_at__lt=now - timedelta(minutes=1)) | Q(worked_at__lt=now - HELD_FOR)
    return list(CallUpload.objects.at_work().filter(idle).order_by("created_at").values_list("pk", flat=True)[:20])


def clear_abandoned() -> int:
    """Refuse them with the reason, and delete what they left. Returns how many."""
    now = timezone.now()
    sent = Q(status=CallUpload.Status.RECEIVING, updated_at__lt=now - TIME_TO_SEND)
    named = Q(status__in=[CallUpload.Status.SPEAKERS, CallUpload.Status.FAILED], updated_at__lt=now - TIME_TO_NAME)
    old = list(CallUpload.objects.filter(sent | named)[:50])
    for upload in old:
        refuse(upload, "abandoned")
    lying = places.present()
    if lying:
        unfinished = CallUpload.objects.filter(pk__in=lying).exclude(status__in=CallUpload.OVER)
        failed = CallUpload.objects.filter(pk__in=lying, status=CallUpload.Status.FAILED)  # may be taken up again
        wanted = set(unfinished.values_list("pk", flat=True)) | set(failed.values_list("pk", flat=True))
        for upload_id in lying - wanted:
            places.clear(upload_id)
    return len(old)
