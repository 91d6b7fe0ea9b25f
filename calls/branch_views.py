"""Forms of the debrief: do this moment again, hand in a private call, make a scenario of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import needs
from accounts.memberships import role_of
from accounts.roles import Action
from calls import drafting, forks, private_practice, services
from calls.models import Call
from calls.room import debrief_path
from scenarios.generation.tasks import make_drafts
from tenants.context import current_organization
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


@require_POST
@needs(Action.AUTHOR)
def draft(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """POST `what`: "draft" of what the buyer said, or "generate" for one with the rest filled in. Leads to the draft."""
    call = services.get_visible(call_id, user=request.user, role=role_of(request.user, current_organization()))
    if call.channel not in Call.HELD_HERE:
        raise InvalidInput(details={"field": "call", "issue": "uploaded"})
    try:
        if request.POST.get("what") == "generate":
            begun = drafting.begin_whole_draft(call=call, actor=request.user)
            make_drafts.delay(str(begun.pk))
            return redirect("admin:generation_generation_change", begun.pk)
        scenario = drafting.draft_scenario(call=call, actor=request.user)
    except Conflict as refused:
        messages.error(request, str(refused.message))
        return redirect(debrief_path(call.pk))
    messages.success(request, _("A draft was made of what the customer said. Finish it here."))
    return redirect("admin:scenarios_scenario_change", scenario.pk)
