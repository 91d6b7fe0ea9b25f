"""What follows a notice after commit: the bell of every open window, and the task that sends the mail."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.dispatch import Signal

from tenants.live import REDIS_AWAY
from tenants.names import person_group

logger = structlog.get_logger(__name__)

# `mails_due(mail_ids)`: sent in the transaction that wrote them. The receiver in `accounts.notices.receivers` has them sent
# after commit.
mails_due = Signal()


def send_soon(mail_ids: Sequence[UUID]) -> None:
    if mail_ids:
        mails_due.send(sender=None, mail_ids=list(mail_ids))


def ring(schema_name: str, told: Sequence[tuple[UUID, UUID | None]]) -> None:
    """Have each person's open windows look: at this notice, or only how many are unread."""
    layer = get_channel_layer()
    if layer is None:
        return

    async def send_all() -> None:
        for user_id, notice_id in told:
            message = {"type": "bell", "notice_id": str(notice_id) if notice_id else ""}
            await layer.group_send(person_group(schema_name, user_id), message)

    try:
        async_to_sync(send_all)()
    except REDIS_AWAY as error:
        # The next page shows the number; the row is there.
        logger.warning("a bell could not be rung", error_type=type(error).__name__)
