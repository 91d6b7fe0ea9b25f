"""`POST /org/<slug>/api/webhooks/<vendor>/`: a vendor's door. No session, no CSRF token: the signature is the key."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django_tenants.utils import schema_context
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from integrations import tasks
from integrations.inbound import handlers, ledger
from integrations.inbound.base import Body, InboundInvalid, InboundMessage, InboundRefused, InboundVendor, Received
from integrations.inbound.reception import TooLarge, addressee, body_of, verified
from integrations.inbound.registry import inbound_vendor
from tenants.api.errors import envelope, error_response
from tenants.models import Organization
from tenants.schemas import current_schema

logger = structlog.get_logger(__name__)


@csrf_exempt
@login_not_required
def receive(request: HttpRequest, vendor: str) -> HttpResponse:
    """200 `{received: true}` once it is written down, `{…, duplicate: true}` for one that was; 401 (for some vendors 400)
    unsigned, 413 too large, 400 not JSON. A message whose sender waits gets its answer instead."""
    adapter = inbound_vendor(vendor)
    if adapter is None:
        return error_response(404, _("There is nothing at this address."))
    if request.method != "POST":
        response = error_response(405, _("Only POST is possible here."))
        response["Allow"] = "POST"
        return response
    try:
        with body_of(request, most=adapter.max_bytes) as body:
            message, keys = verified(request, adapter, body)
            organization: Organization = request.organization  # type: ignore[attr-defined]  # nobody signs for nowhere
            with addressee(message, keys, organization) as is_ours:
                if not is_ours:
                    logger.warning("a webhook names nobody here", vendor=vendor, kind=message.kind)
                    return JsonResponse({"received": True})
                return _take_in(adapter, message, body)
    except TooLarge:
        return error_response(413, _("This is larger than anything we take here."))
    except InboundRefused:
        code = "AUTHENTICATION_ERROR" if adapter.refused_status == 401 else "VALIDATION_ERROR"
        return JsonResponse(envelope(code, adapter.refused_message), status=adapter.refused_status)
    except InboundInvalid as invalid:
        return error_response(400, invalid.reason)


# For people who are members of something else, too: the signature decides, and it decides alike where nobody is.
receive.organization_public = True  # type: ignore[attr-defined]
receive.answers_nowhere = True  # type: ignore[attr-defined]


def _take_in(adapter: InboundVendor, message: InboundMessage, body: Body) -> JsonResponse:
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
    received = Received(
        vendor=adapter.name,
        event_id=message.event_id,
        kind=message.kind,
        topic=message.topic,
        conversation_id=message.conversation_id,
        payload=message.payload,
        received_at=timezone.now(),
    )
    answer = handlers.answer(received)
    return adapter.answer_without_handler(message) if answer is None else answer


def _enqueue(schema_name: str, event_id: UUID) -> None:
    """After commit. Without a broker the event waits for the sweep: it is written down, so the sender is told so."""
    try:
        with schema_context(schema_name):
            tasks.process_inbound.delay(str(event_id))
    except (RedisError, OSError, OperationalError) as error:
        logger.warning("a received event waits for the sweep", inbound=str(event_id), error_type=type(error).__name__)
