"""What was assigned, finished or earned is told. Receivers only enqueue; the sweep tells what a lost message would have."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from coaching.learning.signals import assignment_completed, certificate_issued, certificate_revoked
from scenarios.training.signals import assigned
from tenants.context import inside

from . import tasks

# By then learning has opened the rounds of an assignment.
ROUNDS_OPEN_SECONDS = 5


@receiver(assigned, dispatch_uid="telling.assigned")
def tell_of_assignment(sender: Any, *, schema_name: str, **kwargs: Any) -> None:
    with inside(schema_name):
        tasks.tell_of_rounds.apply_async(countdown=ROUNDS_OPEN_SECONDS)


@receiver(assignment_completed, dispatch_uid="telling.completed")
def tell_of_completion(sender: Any, *, schema_name: str, enrolment_id: UUID, **kwargs: Any) -> None:
    with inside(schema_name):
        tasks.tell_of_completion.delay(str(enrolment_id))


@receiver([certificate_issued, certificate_revoked], dispatch_uid="telling.certificate")
def tell_of_certificate(sender: Any, *, schema_name: str, certificate_id: UUID, **kwargs: Any) -> None:
    with inside(schema_name):
        tasks.tell_of_certificate.delay(str(certificate_id))
