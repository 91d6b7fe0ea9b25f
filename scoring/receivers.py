"""What scoring does when a call ends. Receivers only enqueue, or answer from what is there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from celery.signals import worker_process_init
from django.dispatch import receiver

from calls.signals import call_completed, call_submitted, quick_score_wanted
from integrations.embeddings.embedded import default_encoder
from tenants.context import inside

from . import tasks
from .changes import score_changed
from .inline import quick_score_now

logger = structlog.get_logger(__name__)


@receiver(call_completed, dispatch_uid="scoring.start_both_tracks")
def start_both_tracks(sender: Any, *, schema_name: str, call_id: UUID, **kwargs: Any) -> None:
    with inside(schema_name):
        tasks.send_both(call_id)


@receiver(call_submitted, dispatch_uid="scoring.grade_what_is_handed_in")
def grade_what_is_handed_in(sender: Any, *, schema_name: str, call_id: UUID, **kwargs: Any) -> None:
    """Until now the call was practice; from now on it counts and is graded like any other."""
    with inside(schema_name):
        tasks.score_deep.delay(str(call_id))


@receiver(score_changed, dispatch_uid="scoring.tell_of_score")
def tell_of_score(sender: Any, *, schema_name: str, call_id: UUID, **kwargs: Any) -> None:
    with inside(schema_name):
        tasks.tell_of_score.delay(str(call_id))


@receiver(quick_score_wanted, dispatch_uid="scoring.answer_quick_score")
def answer_quick_score(sender: Any, *, call_id: UUID, **kwargs: Any) -> dict[str, Any] | None:
    """Hanging up must not fail because scoring does: the task and the sweep will try again."""
    try:
        return quick_score_now(call_id)
    except Exception:
        logger.exception("the quick score could not be had inline", call=str(call_id))
        return None


@worker_process_init.connect(dispatch_uid="scoring.warm_encoder")
def warm_encoder(**kwargs: Any) -> None:
    """Load the sentence encoder before the first call ends, not while its trainee waits."""
    default_encoder().encode(["warm"])
