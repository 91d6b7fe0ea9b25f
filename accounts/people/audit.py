"""The audit trail of an organisation: who did what to which thing. Rows are written, never changed."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from tenants.request_ids import current_request_id

from .models import AuditEvent


def record(actor: Any, action: str, target: Model | str = "", **data: Any) -> AuditEvent:
    """Write one event in the organisation at hand, in the caller's transaction.

    `action` is `thing.verb` (`membership.role_changed`); `target` a row or a name; `data` JSON-able facts without secrets
    and without what people said. `actor` None or anonymous: the system.
    """
    if isinstance(target, Model):
        target = f"{target._meta.model_name}:{target.pk}"
    known = actor is not None and actor.is_authenticated
    return AuditEvent.objects.create(
        actor=actor if known else None,
        action=action,
        target=target[:120],
        data=data,
        request_id=current_request_id(),
    )
