"""What scoring does when calls are deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from calls.models import Call
from calls.signals import calls_going

from .models import Score


@receiver(calls_going, sender=Call, dispatch_uid="scoring.let_go")
def let_go(sender: Any, *, call_ids: list[UUID], **kwargs: Any) -> None:
    """A score protects the runs that it points at; it goes first, and they go with their call."""
    Score.objects.filter(call_id__in=call_ids).delete()
