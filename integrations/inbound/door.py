"""What every address that a vendor posts to has in common: no session, no CSRF token, and an answer for each way to fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from integrations.inbound.base import Body, InboundInvalid, InboundMessage, InboundRefused, InboundVendor
from integrations.inbound.reception import TooLarge, addressee, body_of, verified
from tenants.api.errors import envelope, error_response
from tenants.models import Organization

# The message, its raw body, and whether it is for anybody here. Called inside the organisation that it is for.
Act = Callable[[InboundMessage, Body, bool], HttpResponse]


def for_vendors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For people who are members of something else, too: the signature decides, and it decides alike where nobody is."""
    opened: Any = csrf_exempt(login_not_required(view))
    opened.organization_public = True
    opened.answers_nowhere = True
    door: Callable[..., HttpResponse] = opened
    return door


def signed_post(request: HttpRequest, vendor: InboundVendor, act: Act) -> HttpResponse:
    """What `act` answers to a message that its vendor signed; 401 (for some vendors 400) unsigned, 405 no POST, 413 too
    large, 400 not a message."""
    if request.method != "POST":
        response = error_response(405, _("Only POST is possible here."))
        response["Allow"] = "POST"
        return response
    try:
        with body_of(request, most=vendor.max_bytes) as body:
            message, keys = verified(request, vendor, body)
            organization: Organization = request.organization  # type: ignore[attr-defined]  # nobody signs for nowhere
            with addressee(message, keys, organization) as is_ours:
                return act(message, body, is_ours)
    except TooLarge:
        return error_response(413, _("This is larger than anything we take here."))
    except InboundRefused:
        code = "AUTHENTICATION_ERROR" if vendor.refused_status == 401 else "VALIDATION_ERROR"
        return JsonResponse(envelope(code, vendor.refused_message), status=vendor.refused_status)
    except InboundInvalid as invalid:
        return error_response(400, invalid.reason)
