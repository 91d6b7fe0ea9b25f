"""Background work of goals. Bodies are one service call; arguments are ids."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from calls.models import Call
from tenants.tasks import RETRY, TenantTask

from . import medals


@shared_task(base=TenantTask, name="goals.tasks.refresh_medals", **RETRY)
def refresh_medals(call_id: str) -> None:
    """The medals of whoever made this call; nothing where the call is gone."""
    user_id = Call.objects.filter(pk=UUID(call_id)).values_list("trainee_id", flat=True).first()
    if user_id is not None:
        medals.refresh(user_id=user_id)
