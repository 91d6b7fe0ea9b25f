"""`POST /org/<slug>/api/webhooks/<vendor>/`: a vendor's door. No session, no CSRF token: the signature is the key."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django_tenants.utils import schema_context
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from integrations import tasks
from integrations.inbound import handlers, ledger
from integrations.inbound.base import Body, InboundMessage, InboundVendor, Received
from integrations.inbound.door import for_vendors, signed_post
from integrations.inbound.registry import inbound_vendor
from tenants.api.errors import error_response
from tenants.schemas import current_schema

logger = structlog.get_logger(__name__)


@for_vendors
def receive(request: HttpRequest, vendor: str) -> HttpResponse:
    """200 `{received: true}` once it is written down, `{…, duplicate: true}` for one that was; 401 (for some vendors 400)
    unsigned, 413 too large, 400 not JSON. A message whose sender waits gets its answer instead."""
    adapter = inbound_vendor(vendor)
    if adapter is None:
        return error_response(404, _("There is nothing at this address."))

    def act(message: InboundMessage, body: Body, is_ours: bool) -> HttpResponse:
        if not is_ours:
            logger.warning("a webhook names nobody here", vendor=vendor, kind=message.kind)
            return JsonResponse({"received": True})
        return _take_in(adapter, message, body)

    return signed_post(request, adapter, act)


def _take_in(adapter: InboundVendor, message: InboundMessage, body: Body) -> JsonResponse:
    if message.kind in adapter.passing:
        handlers.dispatch(Received.just_now(adapter.name, message))
        return JsonResponse({"received": True})
    with transaction.atomic():
        event, made = ledger.store(vendor=adapter.name, message=message, body=body)
        if made:
            transaction.on_commit(partial(_enqueue, current_schema(), event.pk))
    logger.info("a webhook came in", vendor=adapter.name, kind=event.kind, inbound=str(event.pk), duplicate=not made)
    if message.kind in adapter.synchronous:
        return JsonResponse(_answer(adapter, message))
    told: dict[str, Any] = {"received": True}
    return JsonResponse(told if made else {**told, "duplicate": True})


def _answer(adapter: InboundVendor, message: InboundMessage) -> dict[str, Any]:
    answer = handlers.answer(Received.just_now(adapter.name, message))
    return adapter.answer_without_handler(message) if answer is None else answer


def _enqueue(schema_name: str, event_id: UUID) -> None:
    """After commit. Without a broker the event waits for the sweep: it is written down, so the sender is told so."""
    try:
        with schema_context(schema_name):
            tasks.process_inbound.delay(str(event_id))
    except (RedisError, OSError, OperationalError) as error:
        logger.warning("a received event waits for the sweep", inbound=str(event_id), error_type=type(error).__name__)
