"""What becomes of conversations with the coach when somebody wants their data, or wants it gone."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.signals import person_erased, personal_data_requested

from .models import Conversation


@receiver(personal_data_requested, dispatch_uid="coach.export")
def export_conversations(sender: Any, *, user: Any, **kwargs: Any) -> tuple[str, list[dict[str, Any]]]:
    """Every conversation with what both said."""
    conversations = Conversation.objects.of(user).prefetch_related("messages").order_by("created_at")
    return "coach", [
        {
            "id": conversation.pk,
            "title": conversation.title,
            "created_at": conversation.created_at,
            "messages": [
                {"role": message.role, "text": message.text, "created_at": message.created_at}
                for message in conversation.messages.all()
            ],
        }
        for conversation in conversations
    ]


@receiver(person_erased, dispatch_uid="coach.erase")
def erase_conversations(sender: Any, *, user: Any, **kwargs: Any) -> None:
    Conversation.objects.of(user).delete()
