"""Forms of the debrief: do this moment again, and hand in a private call."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from calls import forks, private_practice, services
from calls.room import debrief_path
from tenants.errors import Conflict, InvalidInput, RateLimited


@require_POST
def redo(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """POST `turn`: the id of the last turn to keep. Leads into the new call's room, or back with the reason why not."""
    call = services.get_own(call_id, user=request.user)
    try:
        turn = forks.find_turn(call, turn_id=UUID(request.POST.get("turn", "")))
        branch = forks.fork(call=call, turn=turn, private=private_practice.allowed())
    except ValueError:
        raise InvalidInput(details={"field": "turn"}) from None
    except (Conflict, RateLimited) as refused:
        messages.error(request, str(refused.message))
        return redirect(debrief_path(call.pk))
    return redirect("calls:room", call_id=branch.pk)


@require_POST
def submit(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Hand in a private call; leads back to its debrief, where one sees that it was."""
    call = services.get_own(call_id, user=request.user)
    try:
        private_practice.submit(call=call, actor=request.user)
    except Conflict as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Submitted. Your managers see this call now, and it counts."))
    return redirect(debrief_path(call.pk))
