"""What somebody and the coach said to each other. Only the two of them ever see it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, user: Any) -> ConversationQuerySet:
        return self.filter(owner=user)


class Conversation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering: ClassVar = ["-updated_at"]
        indexes: ClassVar = [models.Index(fields=["owner", "-updated_at"], name="coach_conversation_of_owner")]

    def __str__(self) -> str:
        return self.title


class Message(models.Model):
    """A question, or an answer with the passages that it names.

    `grounded`: by what an answer is backed: passages, the person's own debriefs, or nothing. `written_by`: "embedded", or the
    vendor whose model wrote it. `complete`: false where it broke off.
    """

    class Role(models.TextChoices):
        USER = "user", _("you")
        COACH = "coach", _("coach")

    class Ground(models.TextChoices):
        PLAYBOOK = "playbook", _("your documents")
        CALLS = "calls", _("your calls")
        NONE = "none", _("nothing")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    role = models.CharField(max_length=10, choices=Role.choices)
    text = models.TextField()
    grounded = models.CharField(max_length=10, choices=Ground.choices, blank=True)
    written_by = models.CharField(max_length=20, blank=True)
    complete = models.BooleanField(default=True)
    # `[{number, chunk_id, document: {id, title}, heading, page, text, score}]` as they stood when they were cited.
    citations: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar = ["created_at", "pk"]
        indexes: ClassVar = [models.Index(fields=["conversation", "created_at"], name="coach_message_in_order")]

    def __str__(self) -> str:
        return self.text[:60]
