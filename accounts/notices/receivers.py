"""A mail that was written is sent after commit. A queue that is down costs a minute: the sweep sends it, too."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver

from tenants.context import inside
from tenants.schemas import current_schema

from . import tasks
from .live import mails_due


@receiver(mails_due, dispatch_uid="notices.send_after_commit")
def send_after_commit(sender: Any, *, mail_ids: Sequence[UUID], **kwargs: Any) -> None:
    transaction.on_commit(partial(_send, current_schema(), list(mail_ids)), robust=True)


def _send(schema_name: str, mail_ids: list[UUID]) -> None:
    with inside(schema_name):
        for mail_id in mail_ids:
            tasks.send_mail.delay(str(mail_id))
