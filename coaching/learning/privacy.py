"""What learning does when somebody wants what is kept about them, or wants it gone."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.signals import person_erased, personal_data_requested

from .models import Certificate, Enrolment


@receiver(personal_data_requested, dispatch_uid="learning.export")
def export_learning(sender: Any, *, user: Any, **kwargs: Any) -> tuple[str, dict[str, Any]]:
    """Rounds with what was answered, and certificates."""
    rounds = Enrolment.objects.with_content().filter(user=user).prefetch_related("progress_rows", "sittings")
    certificates = Certificate.objects.filter(user=user)
    return "learning", {
        "rounds": [
            {
                "title": row.title,
                "round": row.round,
                "state": row.state,
                "due_on": row.due_on,
                "opened_at": row.opened_at,
                "completed_at": row.completed_at,
                "items": list(row.progress_rows.values("item_key", "state", "attempts", "best_score", "passed_at")),
                "sittings": list(row.sittings.values("item_key", "answers", "score", "passed", "created_at")),
            }
            for row in rounds
        ],
        "certificates": list(
            certificates.values("title", "state", "issued_at", "expires_at", "revoked_at", "revoke_reason", "public")
        ),
    }


@receiver(person_erased, dispatch_uid="learning.erase")
def erase_learning(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """Rounds, answers and certificates go with the person."""
    Certificate.objects.filter(user=user).delete()
    Enrolment.objects.filter(user=user).delete()
