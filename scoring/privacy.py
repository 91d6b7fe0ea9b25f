"""What scoring does when calls are deleted, and when somebody wants what they wrote, or wants it gone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.signals import person_erased, personal_data_requested
from calls.models import Call
from calls.signals import calls_going

from .models import Appeal, Comment, Review, Score, ScoreSeen


@receiver(calls_going, sender=Call, dispatch_uid="scoring.let_go")
def let_go(sender: Any, *, call_ids: list[UUID], **kwargs: Any) -> None:
    """A score protects the runs that it points at; it goes first, and they go with their call."""
    Score.objects.filter(call_id__in=call_ids).delete()


@receiver(personal_data_requested, dispatch_uid="scoring.export")
def export_words(sender: Any, *, user: Any, **kwargs: Any) -> tuple[str, dict[str, Any]]:
    """What the person wrote about calls: objections with their outcome, comments, and marks for others' calls."""
    return "scores", {
        "appeals": list(
            Appeal.objects.filter(opened_by=user).values(
                "call_id", "criterion_name", "reason", "opened_at", "state", "mark", "new_mark", "decision"
            )
        ),
        "comments": list(Comment.objects.filter(author=user).values("call_id", "body", "at_ms", "created_at")),
        "comments_on_my_calls": list(
            Comment.objects.filter(call__trainee=user, visibility=Comment.Visibility.TRAINEE)
            .exclude(author=user)
            .values("call_id", "body", "at_ms", "created_at")
        ),
        "reviews": list(
            Review.objects.submitted().filter(reviewer=user).values("call_id", "marks", "note", "submitted_at")
        ),
    }


@receiver(person_erased, dispatch_uid="scoring.erase")
def erase_words(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """What the person said of others' calls goes; marks and decisions stay, since others' scores rest on them. What belongs
    to the person's own calls goes with those."""
    Comment.objects.filter(author=user).delete()
    ScoreSeen.objects.filter(user=user).delete()
    Review.objects.filter(reviewer=user).update(note="")
